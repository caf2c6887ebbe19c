"""Reads what a student submitted: regular files only, under caps. Nothing is parsed here."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from autograder.errors import AutograderError
from autograder.types import Remark
from handin.words import N_, _

MAX_NOTEBOOK = 20 * 2**20
TOO_LARGE = N_("it is larger than 20 MB")
MAX_FILES = 500

_T = TypeVar("_T")


@dataclass(frozen=True)
class Submission:
    assignment: str
    student: str
    notebooks: Mapping[str, bytes]  # by name without .ipynb
    sha256: str  # of all submitted files but the timestamp
    refused: Mapping[str, str]  # file -> why it was not read


def students(root: Path, assignment: str) -> tuple[str, ...]:
    """Return who submitted, from the folders that nbgrader collected into."""
    base = root / "submitted"
    if not base.is_dir():
        return ()
    return tuple(sorted(p.name for p in base.iterdir() if not p.name.startswith(".") and (p / assignment).is_dir()))


def chosen(root: Path, assignments: Iterable[str], wanted: Collection[str] | None) -> dict[str, list[str]]:
    """Return by assignment who is to be graded: those wanted, or all when none is named.

    AutograderError when somebody who is wanted submitted nothing at all.
    """
    found = {name: students(root, name) for name in assignments}
    missing = sorted(set(wanted or ()) - {student for some in found.values() for student in some})
    if missing:
        raise AutograderError(
            f"{', '.join(map(repr, missing))} submitted nothing for {' or '.join(found)}: no such folder is in "
            f"{root / 'submitted'}. Correct the name, or run `nbgrader collect` first."
        )
    return {name: [s for s in some if not wanted or s in wanted] for name, some in found.items()}


def read_submission(root: Path, assignment: str, student: str) -> Submission:
    """Read submitted/<student>/<assignment>/. AutograderError if there is no such folder."""
    if "/" in student or student in ("", ".", ".."):
        raise AutograderError(f"{student!r} is no student's name.")
    folder = root / "submitted" / student / assignment
    if not folder.is_dir():
        raise AutograderError(f"{student} submitted nothing for {assignment}: {folder} is not there. Collect first.")
    notebooks, refused = {}, {}
    state = hashlib.sha256()
    for found in _files(folder):
        name = found.encode("utf-8", "replace").decode()  # a name may be any bytes
        if not name.endswith(".ipynb") or name == ".ipynb":
            continue  # other files are not used: a kernel gets the released ones
        content, why = _read(f"{folder}/{found}")
        if content is None:
            refused[name] = why
            state.update(f"{name}\0refused: {why}\0".encode())
            continue
        state.update(f"{name}\0{len(content)}\0".encode())
        state.update(content)
        notebooks[name.removesuffix(".ipynb")] = content
    return Submission(assignment, student, notebooks, state.hexdigest(), refused)


def named_as_released(submission: Submission, released: Collection[str]) -> tuple[Submission, tuple[Remark, ...]]:
    """Take the one notebook of an unknown name as the one that is missing, as a copy or a rename leaves it."""
    refused = {name.removesuffix(".ipynb"): why for name, why in submission.refused.items()}
    came = {*submission.notebooks, *refused}
    missing, unknown = [name for name in released if name not in came], sorted(came - set(released))
    if len(missing) != 1 or len(unknown) != 1:
        return submission, ()
    (name,), (called,) = missing, unknown

    def renamed(names: Mapping[str, _T], end: str = "") -> dict[str, _T]:
        return {f"{name}{end}" if key == f"{called}{end}" else key: value for key, value in names.items()}

    told = _("Your notebook was called {called}.ipynb. It was taken as {name}.ipynb, the name that it came with.")
    found = replace(submission, notebooks=renamed(submission.notebooks), refused=renamed(submission.refused, ".ipynb"))
    return found, (Remark(told.format(called=called, name=name), f"{called}.ipynb taken as {name}.ipynb"),)


def _files(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if not entry.is_dir())[:MAX_FILES]


def _read(path: str) -> tuple[bytes | None, str]:
    """Return the content; None and why, in English: the receipt is made of it, too."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        return None, N_("it is a link") if os.path.islink(path) else f"it cannot be opened ({error.strerror})"  # noqa: PTH114
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            return None, N_("it is no regular file")
        content = file.read(min(about.st_size, MAX_NOTEBOOK) + 1)  # as much memory is taken as is asked for
    if len(content) > MAX_NOTEBOOK:
        return None, TOO_LARGE
    return content, ""

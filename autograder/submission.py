"""Reads what a student submitted: regular files only, under caps. Nothing is parsed here."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AutograderError

MAX_NOTEBOOK = 20 * 2**20
MAX_FILES = 500


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


def read_submission(root: Path, assignment: str, student: str) -> Submission:
    """Read submitted/<student>/<assignment>/. AutograderError if there is no such folder."""
    if "/" in student or student in ("", ".", ".."):
        raise AutograderError(f"{student!r} is no student's name.")
    folder = root / "submitted" / student / assignment
    if not folder.is_dir():
        raise AutograderError(f"{student} submitted nothing for {assignment}: {folder} is not there. Collect first.")
    notebooks, refused = {}, {}
    state = hashlib.sha256()
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name == "timestamp.txt":
            continue
        if path.suffix != ".ipynb" or "/" in name:
            continue  # other files are not used: a kernel gets the released ones
        content, why = _read(path)
        if content is None:
            refused[name] = why
            state.update(f"{name}\0refused: {why}\0".encode())
            continue
        state.update(f"{name}\0{len(content)}\0".encode() + content)
        notebooks[path.stem] = content
    return Submission(assignment, student, notebooks, state.hexdigest(), refused)


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for base, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in sorted(names):
            count += 1
            if count > MAX_FILES:
                return
            yield Path(base) / name


def _read(path: Path) -> tuple[bytes | None, str]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        return None, "it is a link" if path.is_symlink() else f"it cannot be opened ({error.strerror})"
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None, "it is no regular file"
        content = file.read(MAX_NOTEBOOK + 1)
    if len(content) > MAX_NOTEBOOK:
        return None, f"it is larger than {MAX_NOTEBOOK // 2**20} MB"
    return content, ""

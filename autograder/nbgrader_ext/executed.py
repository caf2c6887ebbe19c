"""Executed notebooks where nbgrader looks for them, with the exchange's files beside them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder import ipynb
from autograder.course import language_of
from autograder.files import write_atomic
from autograder.nbgrader_ext.places import folder, root_of, small_file, submitted_at
from handin.words import N_, speaking

if TYPE_CHECKING:
    from autograder.release import Release
    from autograder.types import Report

_COPIED = ("timestamp.txt", "submission_secret.txt")
"""Files of the exchange that release_feedback looks for beside the feedback."""


class Executed:
    """The folders submitted/ and autograded/ of one course, by nbgrader's configuration."""

    def __init__(self, course: Any) -> None:
        self._course = course
        self._release = lru_cache(maxsize=8)(self._load)

    def stamp(self, student: str, assignment: str, received: datetime | None) -> datetime | None:
        """Return the time of submission, UTC without a zone, as nbgrader keeps it."""
        stamp = submitted_at(self._folder("submitted", student, assignment))
        if stamp is not None:
            return stamp
        return received.astimezone(UTC).replace(tzinfo=None) if received is not None else None

    def write(self, report: Report, executed: Mapping[str, bytes], stamp: datetime | None) -> None:
        target = self._folder("autograded", report.student, report.assignment)
        source = self._folder("submitted", report.student, report.assignment)
        mode = 0o664 if self._course.groupshared else 0o644
        notebooks = self._absent(report, executed) | dict(executed)
        files = {f"{name}.ipynb": content for name, content in notebooks.items()}
        files |= {name: content for name in _COPIED if (content := small_file(source / name))}
        if stamp is not None and submitted_at(source) is None:
            files["timestamp.txt"] = f"{stamp:%Y-%m-%d %H:%M:%S.%f} UTC".encode()
        for name, content in files.items():
            path = target / name
            if not path.is_file() or path.read_bytes() != content:
                write_atomic(path, content)
                path.chmod(mode)

    def content(self, student: str, assignment: str) -> str:
        """Name what lies there: what write() wrote, and what it wrote it from."""
        state = hashlib.sha256()
        target, source = (self._folder(step, student, assignment) for step in ("autograded", "submitted"))
        with suppress(OSError), os.scandir(target) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.endswith(".ipynb") or entry.name in _COPIED:
                    with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123  a class has thousands of these
                        content = file.readall()
                    state.update(f"{entry.name}\0{len(content)}\0".encode("utf-8", "replace"))
                    state.update(content)
        for name in _COPIED:
            state.update(b"\0" + small_file(source / name))
        return state.hexdigest()

    def _folder(self, step: str, student: str, assignment: str) -> Path:
        return folder(self._course, step, student, assignment)

    def _absent(self, report: Report, executed: Mapping[str, bytes]) -> dict[str, bytes]:
        """Stand in for notebooks that never came or could not be read, so that a person can look and grade."""
        from autograder.doctor import blank

        try:
            release = self._release(report.assignment, report.release)
        except (OSError, ValueError):
            return {}
        why = N_("it is missing, or cannot be read as it came. This is the notebook as it was released")
        made = {}
        for name in release.notebooks:
            if name not in executed:
                with speaking(language_of(root_of(self._course))):  # its student sees it, too
                    standing_in = blank(release, name, why)
                note = {"cell_type": "markdown", "id": "not-as-submitted", "metadata": {},
                        "source": standing_in.repairs[0].student}  # fmt: skip
                standing_in.notebook["cells"].insert(0, note)
                made[name] = ipynb.write(standing_in.notebook)
        return made

    def _load(self, assignment: str, version: str) -> Release:
        from autograder.release import load

        return load(root_of(self._course) / "records", assignment, version)

"""Where things of a course lie, by nbgrader's own configuration."""

from __future__ import annotations

import logging
import os
import stat
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc

from autograder.nbgrader_ext.config import find_alembic


class _Silent(NbGrader):
    """nbgrader's configuration, read as its own commands read it, without their side effects."""

    load_cwd_config = False  # the course's own file is read by its root, wherever we stand

    def init_syspath(self) -> None:
        pass

    def load_config_file(self, **kwargs: Any) -> None:
        self.log_level = logging.ERROR  # that other folders hold no nbgrader_config.py is no news
        super().load_config_file(**kwargs)


def open_course(root: Path) -> CourseDirectory:
    """Return the folders and the database of the course at root; its config and parent carry the rest."""
    find_alembic()
    survive_timestamps()
    app = _Silent()
    app.initialize([], root=str(root.resolve()))
    return app.coursedir


def exchange_of(root: Path) -> tuple[Path, str]:
    """Return the exchange's folder and the course's id, by the course's own nbgrader_config.py."""
    from nbgrader.apps.api import NbGraderAPI

    course = open_course(root)
    api = NbGraderAPI(coursedir=course, parent=course.parent)
    return Path(api.exchange_root), str(course.course_id)


def course_of(configurable: Any) -> CourseDirectory:
    """Return the course that an exporter, preprocessor or plugin of nbgrader belongs to."""
    parent = configurable
    while parent is not None:
        found = getattr(parent, "coursedir", None)
        if found is not None:
            return found
        parent = getattr(parent, "parent", None)
    return CourseDirectory(config=configurable.config)


def folder(course: CourseDirectory, step: str, student: str, assignment: str) -> Path:
    """Return e.g. autograded/<student>/<assignment>. step is one of nbgrader's: submitted, autograded, release ..."""
    return Path(course.format_path(getattr(course, f"{step}_directory"), student, assignment))


def submitted_at(place: Path) -> datetime | None:
    """Return what timestamp.txt says, in UTC without a zone; None where it says nothing that can be understood."""
    content = small_file(place / "timestamp.txt").decode("utf-8", "replace").strip()
    with suppress(ValueError, OverflowError, TypeError, AttributeError):
        if content:
            stamp: datetime = parse_utc(content)
            return stamp
    return None


def survive_timestamps() -> None:
    """Let nbgrader take a time stamp that it cannot read for none.

    nbgrader 0.9 would fail for the student, and its formgrader would list nobody of the class.
    """
    from nbgrader.apps.api import NbGraderAPI

    def existing(course: CourseDirectory, dest_path: str) -> datetime | None:
        return submitted_at(Path(dest_path))

    def submitted(api: NbGraderAPI, assignment_id: str, student_id: str) -> datetime | None:
        steps = ("submitted", "autograded")  # the latter holds the time that we wrote where the student's says none
        places = (folder(api.coursedir, step, student_id, assignment_id) for step in steps)
        return next((stamp for place in places if (stamp := submitted_at(place))), None)

    CourseDirectory.get_existing_timestamp = existing
    NbGraderAPI.get_submitted_timestamp = submitted


def small_file(path: Path) -> bytes:
    """Return the first 1,000 bytes of a regular file, nothing of a link; does not wait for a pipe in its place."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return file.read(1000) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    except OSError:
        return b""


def root_of(course: CourseDirectory) -> Path:
    return Path(course.root)

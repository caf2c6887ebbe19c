"""Where things of a course lie, by nbgrader's own configuration."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory

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
    app = _Silent()
    app.initialize([], root=str(root.resolve()))
    return app.coursedir


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


def root_of(course: CourseDirectory) -> Path:
    return Path(course.root)

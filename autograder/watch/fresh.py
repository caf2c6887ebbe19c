"""The course as staff have it now: a key that is corrected while the watcher runs holds from the next submission on."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from autograder.course import Course, load_course


class FreshCourse:
    """Called, returns the course, loaded again if a file of it has changed. CourseError while it has faults."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._seen = self._look()
        self._turn = threading.Lock()

    def __call__(self) -> Course:
        with self._turn:
            found = self._look()
            if found != self._seen:
                self._course = load_course(self._course.root)
                self._seen = found
            return self._course

    def _look(self) -> dict[Path, tuple[int, int]]:
        root = self._course.root
        files = [root / "course" / "course.toml", *(root / "course").rglob("*.py")]
        if any(assignment.plain for assignment in self._course.assignments.values()):
            files += (root / "source").rglob("*.ipynb")  # what is plain has its exercises there
        return {path: (found.st_mtime_ns, found.st_size) for path in files if (found := _stat(path))}


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:  # an editor replaces it just now
        return None

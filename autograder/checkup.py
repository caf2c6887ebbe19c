"""What the doctor would do to one notebook: for a student before submitting, and for staff who wonder."""

from __future__ import annotations

from pathlib import Path

from autograder.course import Course
from autograder.doctor import repair
from autograder.errors import AutograderError
from autograder.release import for_submission, newest
from autograder.types import Remark


def checkup(course: Course, path: Path) -> tuple[Remark, ...]:
    """Return what would be repaired; AutograderError when the notebook belongs to no assignment that was released."""
    raw = path.read_bytes()
    for assignment in _candidates(course, path, raw):
        release = for_submission(course.records, assignment, {path.stem: raw})
        if path.stem in release.notebooks:
            return repair(raw, release, path.stem).repairs
    raise AutograderError(
        f"{path.name} is no notebook of a released assignment. Keep the name that it had when you fetched it."
    )


def _candidates(course: Course, path: Path, raw: bytes) -> list[str]:
    """Assignments by how likely the notebook is one of theirs: by its metadata, by its folder, by its name."""
    released = []
    for name in course.assignments:
        try:
            newest(course.records, name)
        except AutograderError:
            continue
        released.append(name)

    def likely(name: str) -> tuple[bool, bool]:
        return (f'"assignment": "{name}"'.encode() in raw, path.resolve().parent.name == name)

    return sorted(released, key=likely, reverse=True)

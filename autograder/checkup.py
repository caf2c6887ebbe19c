"""What the doctor would do to one notebook: for a student before submitting, and for staff who wonder."""

from __future__ import annotations

from pathlib import Path

from autograder.course import Course
from autograder.doctor import repair
from autograder.errors import AutograderError, NotebookError
from autograder.release import Release, for_submission, load_fetched, newest
from autograder.types import Remark


def checkup(path: Path, *, course: Course | None = None, fetched: Path | None = None) -> tuple[Remark, ...]:
    """Return what would be repaired, measured against a fetched release or against those that the course has kept.

    AutograderError when the notebook belongs to no assignment that was released.
    """
    raw = path.read_bytes()
    releases = [load_fetched(fetched)] if fetched else _kept(course, path, raw) if course else []
    for release in releases:
        if path.stem in release.notebooks:
            try:
                return repair(raw, release, path.stem).repairs
            except NotebookError as error:
                raise NotebookError(f"{path.name} could not be graded: {error}.") from None
    raise AutograderError(
        f"{path.name} is no notebook of a released assignment. Keep the name that it had when you fetched it."
    )


def _kept(course: Course, path: Path, raw: bytes) -> list[Release]:
    """The releases of each assignment, by how likely the notebook is one of theirs: by its metadata, by its folder."""
    released = []
    for name in course.assignments:
        try:
            newest(course.records, name)
        except AutograderError:
            continue
        released.append(name)

    def likely(name: str) -> tuple[bool, bool]:
        return (f'"assignment": "{name}"'.encode() in raw, path.resolve().parent.name == name)

    ranked = sorted(released, key=likely, reverse=True)
    return [for_submission(course.records, name, {path.stem: raw}) for name in ranked]

"""What the doctor would do to one notebook: for a student before submitting, and for staff who wonder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from autograder.course import Course
from autograder.doctor import repair
from autograder.errors import AutograderError, NotebookError, ReleaseError
from autograder.release import Release, Releases, load_fetched
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

    def likely(name: str) -> tuple[bool, bool]:
        return (f'"assignment": "{name}"'.encode() in raw, path.resolve().parent.name == name)

    found = []
    for name in sorted(course.assignments, key=likely, reverse=True):
        with suppress(ReleaseError):  # never released
            found.append(Releases(course.records, name).of({path.stem: raw}))
    return found

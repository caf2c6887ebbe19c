"""A course's part of the exchange, for who copies it or takes something out of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import notebook_hash

from autograder.intake import RefusedError
from autograder.nbgrader_ext.collect import Collect, addressed
from autograder.nbgrader_ext.places import folder, submitted_at


@dataclass(frozen=True)
class Found:
    """What lies in inbound under a student's name. changed: None where it is not taken, for the reason `why`."""

    place: Path
    student: str
    assignment: str
    changed: datetime | None = None
    why: str = ""
    too_late: bool = False  # by c.ExchangeCollect.before_duedate, if another one came before it


class Shelf:
    """exchange/<course id>/. Where the exchange is no folder there is none, and nothing is found."""

    def __init__(self, course: Any) -> None:
        api = NbGraderAPI(coursedir=course, parent=course.parent)
        collect = api.exchange.Collect(coursedir=course, authenticator=api.authenticator, parent=api)
        self._course = course
        self._collect: Collect | None = collect if isinstance(collect, Collect) else None
        name = str(course.course_id)
        usable = self._collect is not None and name not in ("", ".", "..") and "/" not in name
        self.root = Path(collect.root) if usable else None
        self.place = self.root / name if self.root is not None else None

    def arrived(self, student: str | None = None) -> Iterator[Found]:
        """Yield what lies in inbound, of one student or of all, the oldest name first."""
        if self.place is None or self._collect is None:
            return
        try:
            places = sorted((self.place / "inbound").iterdir())
        except OSError:
            return
        for place in places:
            named = addressed(place.name)
            if named is not None and (student is None or named[0] == student):
                yield self._look(self._collect, place, *named)

    def _look(self, collect: Collect, place: Path, student: str, assignment: str) -> Found:
        try:
            changed = collect.look(place, student, assignment).changed
        except (RefusedError, OSError) as error:
            return Found(place, student, assignment, why=str(error))
        try:
            due = collect.counts_until(assignment)
        except MissingEntry:
            due = None
        return Found(place, student, assignment, changed, too_late=due is not None and changed > due)

    def replaced(self) -> Iterator[Found]:
        """Yield what was handed in before something of the same student's that was collected."""
        return (found for found in self.arrived() if self._is_replaced(found))

    def _is_replaced(self, found: Found) -> bool:
        if found.changed is None:
            return False  # not taken now; it may be, once a list of users is mended
        known = submitted_at(folder(self._course, "submitted", found.student, found.assignment))
        return known is not None and found.changed < known

    def discard(self, found: Found) -> bool:
        """Remove what was replaced; False where it is not that any more, or not ours to remove.

        All of it is moved aside before, or nothing: half of a submission would count as a new one.
        """
        assert self._collect is not None, "it was found there"
        if not self._is_replaced(self._look(self._collect, found.place, found.student, found.assignment)):
            return False
        if not all(os.access(above, os.W_OK | os.X_OK) for above, _folders, _files in os.walk(found.place)):
            return False  # its student's own folders
        try:
            self.aside.mkdir(mode=0o700, exist_ok=True)
            found.place.rename(Path(tempfile.mkdtemp(dir=self.aside)) / "old")
        except OSError:
            return False
        return self.sweep()

    @property
    def aside(self) -> Path:
        assert self.place is not None, "where nothing can be found nothing goes"
        return self.place / ".tidied"

    def sweep(self) -> bool:
        """Remove what lies aside, of one who was killed too; return whether nothing is left of it."""
        if self.place is None:
            return True
        shutil.rmtree(self.aside, ignore_errors=True)
        return not self.aside.exists()

    def page(self, secret: str, notebook: str) -> Path | None:
        """Return where the feedback on one notebook of a submission lies, if it does."""
        if self.place is None or not secret:
            return None
        return self.place / "feedback" / f"{notebook_hash(secret=secret, notebook_id=notebook)}.html"

"""A course's part of the exchange, for who copies it or takes something out of it."""

from __future__ import annotations

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

    def page(self, secret: str, notebook: str) -> Path | None:
        """Return where the feedback on one notebook of a submission lies, if it does."""
        if self.place is None or not secret:
            return None
        return self.place / "feedback" / f"{notebook_hash(secret=secret, notebook_id=notebook)}.html"

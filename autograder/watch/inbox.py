"""What in the exchange's inbound folder is whole, and its student's own."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.feedback.notices import About, closed
from autograder.intake import RefusedError
from autograder.nbgrader_ext.collect import Arrival, addressed
from autograder.nbgrader_ext.exchange import Exchange
from autograder.schedule import moment
from autograder.watch.events import Event, Tell

SETTLE = 10.0
"""Seconds for which a submission that `nbgrader submit` did not finish as it does must not change."""

AGAIN = 600.0
"""Seconds after which what was refused is looked at again: a list of users may have been out of reach."""


class Inbox:
    def __init__(self, exchange: Exchange, tell: Tell) -> None:
        self._exchange, self._tell = exchange, tell
        self._known: set[str] = set()  # names that need no further look
        self._forming: dict[str, tuple[int, float]] = {}  # since when it has looked like this
        self._refused: dict[str, tuple[str, int | None, float]] = {}  # why, what it looked like, and when

    def look(self, names: Collection[str] | None, course: Course) -> list[Arrival]:
        """Return what has come since the last look, the oldest first. names: where to look; None: everywhere."""
        if names is None:
            try:
                names = self._exchange.names()
            except OSError as error:
                self._refuse(Event("refused", detail=f"the exchange cannot be read now: {error}"))
                return []
            for mine in (self._forming, self._refused):
                for gone in mine.keys() - names:
                    del mine[gone]
            self._known.intersection_update(names)
        found = [self._seen(name, course) for name in names if name not in self._known]
        return sorted((arrival for arrival in found if arrival), key=lambda one: one.changed)

    def forget(self, arrival: Arrival) -> None:
        """Have it come again at the next look at everything."""
        self._known.discard(arrival.name)

    def _seen(self, name: str, course: Course) -> Arrival | None:
        named = addressed(name)
        if named is None or self._is_refused(name):
            return None
        if not self._exchange.is_whole(name) and not self._is_settled(name, *named):
            return None  # nothing is said of it before: a copy that is being made has no rights yet that count
        student, assignment = named
        try:
            if assignment not in course.assignments:
                raise RefusedError(f"course.toml names no assignment {assignment!r}")
            arrival = self._exchange.look(name, student, assignment)
            self._require_open(arrival, course)
        except RefusedError as error:
            self._refuse(Event("refused", student, assignment, str(error), name))
            return None
        except OSError:  # a network file system that stumbles: the next look may see it
            return None
        for mine in (self._forming, self._refused):
            mine.pop(name, None)
        self._known.add(name)
        return arrival

    def _require_open(self, arrival: Arrival, course: Course) -> None:
        """RefusedError, which its student is told, where nothing is taken any more. More time may be given: it is
        looked at again."""
        assignment, came = course.assignments[arrival.assignment], arrival.changed.replace(tzinfo=UTC)
        closes = assignment.schedule.closes_for(arrival.student)
        if closes is None or came <= closes:
            return
        about = About(arrival.student, assignment.title, course.title)
        with suppress(AutograderError, OSError):  # staff know
            self._exchange.tell(arrival, assignment.notebooks, closed(about, came, closes))
        raise RefusedError(f"it came after {moment(closes)}, when nothing was taken any more")

    def _is_settled(self, name: str, student: str, assignment: str) -> bool:
        """Whether it has not changed for a while, and says itself that all was copied."""
        look = self._exchange.version(name)
        if look is None:
            return False  # deleted since
        if self._forming.get(name, (None,))[0] != look:
            self._forming[name] = (look, time.monotonic())
        if time.monotonic() - self._forming[name][1] < SETTLE:
            return False
        if self._exchange.is_stamped(name):
            return True
        self._refuse(Event("refused", student, assignment, "its copy was never finished: hand it in again", name))
        return False

    def _is_refused(self, name: str) -> bool:
        if name not in self._refused:
            return False
        _, look, moment = self._refused[name]
        return look == self._exchange.version(name) and time.monotonic() - moment < AGAIN

    def _refuse(self, event: Event) -> None:
        if self._refused.get(event.arrival, ("",))[0] != event.detail:
            self._tell(event)  # once
        self._refused[event.arrival] = (event.detail, self._exchange.version(event.arrival), time.monotonic())

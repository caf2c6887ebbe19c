"""Notices, has students take turns, and runs errands until it is stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.course import Course
from autograder.engines import Engine
from autograder.errors import AutograderError, CourseError
from autograder.feedback.notices import About, postponed
from autograder.nbgrader_ext.collect import Arrival
from autograder.nbgrader_ext.exchange import Exchange
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.schedule import Schedule
from autograder.watch.alone import alone
from autograder.watch.errand import Errands
from autograder.watch.events import Event, Kind, Tell
from autograder.watch.fresh import FreshCourse
from autograder.watch.inbox import Inbox
from autograder.watch.marks import Mark, Marks
from autograder.watch.notice import POLL, Stop, notices
from autograder.watch.shared import SharedEngine
from autograder.watch.turns import Turns

GRACE = 5.0
"""Seconds in which what is in work may end when we are told to stop. What does not is begun again at the next start."""

PAUSE, LONGEST = 30.0, 3600.0
"""Seconds after which what failed on our side is tried again: at first, doubled each time, and at most."""


@dataclass(frozen=True)
class Ended:
    lost: int  # failed on our side, and not graded since
    left: frozenset[str]  # students whose submission was still in work


@dataclass(frozen=True)
class Waiting:
    """How many submissions wait, by what for, and how long ago the first whose turn it is was handed in."""

    turn: int
    share: int  # their student's hourly share is used up
    retry: int  # failed on our side, and tried again later
    in_work: int
    oldest: float  # seconds


class Watcher:
    """One for a course. AutograderError where the exchange cannot be used.

    The thread that runs it looks; as many others as there are workers run errands.
    """

    def __init__(self, course: Course, engine: Engine, workers: int, tell: Tell, poll: float = POLL) -> None:
        self._course = FreshCourse(course)
        self._last = course  # without the faults that staff may be about to make
        self._exchange = Exchange(course.root)
        self._poll = poll
        self._print, self._mute = tell, threading.Lock()
        self._inbox = Inbox(self._exchange, self._tell)
        self._marks = Marks(course.records)
        self._records = course.records
        self._turns, self._changed = Turns(), threading.Condition()
        self._failures: dict[str, tuple[int, float]] = {}  # by arrival: how many, and when to try again
        self._stop, self._once = Stop(), False
        self._broken: BaseException | None = None
        self._books = [NbgraderGradebook(course.root) for _ in range(workers)]
        shared = SharedEngine(engine, workers)
        self._errands = Errands(self._course, self._exchange, shared, self._marks, self._tell)

    def stop(self) -> None:
        """Have run() end soon; may be called from anywhere, also from a signal's handler."""
        self._stop.set()

    def waiting(self) -> Waiting:
        """May be called from any thread."""
        with self._changed:
            all_, busy, failed = list(self._turns), len(self._turns.busy), dict(self._failures)
        retry = [arrival for arrival in all_ if arrival.name in failed]
        turn = [arrival for arrival in all_ if arrival.name not in failed and self._is_ready(arrival)]
        now = datetime.now(UTC).replace(tzinfo=None)
        oldest = max(((now - arrival.changed).total_seconds() for arrival in turn), default=0.0)
        return Waiting(len(turn), len(all_) - len(turn) - len(retry), len(retry), busy, oldest)

    def run(self, once: bool = False) -> Ended:
        """Grade what is there and, unless it is for once, what comes. AutograderError where another one is at it."""
        self._once = once
        threads = [threading.Thread(target=self._work, args=[book], daemon=True) for book in self._books]
        with alone(self._records):
            self._resume()
            if once:
                self._look(None)
            for thread in threads:
                thread.start()
            if once:
                while any(thread.is_alive() for thread in threads) and not self._stop.is_set():
                    time.sleep(0.05)
            else:
                self._tell(Event("watching", detail=str(self._exchange.inbound)))
                for names in notices(self._exchange.inbound, self._stop, self._poll):
                    self._look(names)
            return self._end(threads)

    def _end(self, threads: list[threading.Thread]) -> Ended:
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        until = time.monotonic() + GRACE
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        if self._broken is not None:
            raise self._broken
        left = self._turns.busy
        if not self._once:
            who = ", ".join(sorted(left))
            self._tell(Event("stopped", detail=f"in work, and taken up again at the next start: {who}" if who else ""))
        return Ended(len(self._failures), left)

    # -- the thread that looks ---------------------------------------------------------------------------------------

    def _resume(self) -> None:
        """Take up what was in work when the one before us ended."""
        for student, assignment, mark in self._marks.at("begun"):
            arrival = self._of(student, assignment, mark)
            self._turns.put(arrival)
            self._tell_of("arrived", arrival, "taken up again")

    def _of(self, student: str, assignment: str, mark: Mark) -> Arrival:
        """Return what a mark is about; it was looked at then, and its student may have deleted it since."""
        return Arrival(student, assignment, self._exchange.inbound / mark.arrival, mark.changed, mark.owner)

    def _look(self, names: Collection[str] | None) -> None:
        """Look at some names of the exchange; None: at all of it, and at what time may have changed."""
        if names is None:
            with suppress(CourseError):  # each errand tells it
                self._last = self._course()
            self._hand_out()
        for arrival in self._inbox.look(names, self._last):
            try:
                self._arrive(arrival)
            except Exception as error:  # a gradebook that is locked, say
                self._inbox.forget(arrival)
                self._tell_of("lost", arrival, f"{error}. It is looked at again in {self._poll:.0f} s")
        with self._changed:
            self._changed.notify_all()

    def _hand_out(self) -> None:
        """Take up again what was held back and need not be any more."""
        for student, name, mark in self._marks.at("held"):
            assignment = self._last.assignments.get(name)
            if assignment is not None and _is_due(assignment.schedule, student, mark):
                with self._changed:
                    if student not in self._turns.busy and self._turns.waiting(student, name) is None:
                        self._turns.put(self._of(student, name, mark))

    def _arrive(self, arrival: Arrival) -> None:
        if not self._counts(arrival):
            return
        late = (datetime.now(UTC).replace(tzinfo=None) - arrival.changed).total_seconds()
        self._tell_of("arrived", arrival, noticed=late)
        with self._changed:
            before = self._turns.put(arrival)
            self._changed.notify_all()
        if before is not None:
            self._failures.pop(before.name, None)
            self._tell_of("superseded", before, "a newer one came before its turn")
        self._postpone(arrival)

    def _counts(self, arrival: Arrival) -> bool:
        student, assignment = arrival.student, arrival.assignment
        mark = self._marks.of(student, assignment)
        waiting = self._turns.waiting(student, assignment)
        graded = self._exchange.graded(student, assignment)
        # What staff have graded is theirs to hand out, too.
        newest = max((moment for moment in (mark and mark.changed, waiting and waiting.changed, graded) if moment),
                     default=None)  # fmt: skip
        if newest is not None and arrival.changed <= newest:
            return False  # it is that one, or an older one
        another = newest or self._exchange.collected(student, assignment)
        return not (another and self._exchange.comes_too_late(arrival))

    def _postpone(self, arrival: Arrival) -> None:
        """Tell who has used up an hour's share that nothing is lost."""
        course, now = self._last, datetime.now(UTC)
        until = self._marks.free_at(arrival.student, course.watch.per_hour, now)
        if until > now:
            assignment = course.assignment(arrival.assignment)
            about = About(arrival.student, assignment.title, course.title, course.language)
            page = postponed(about, course.watch.per_hour, until)
            self._tell_of("postponed", arrival, f"{course.watch.per_hour} in an hour; graded after {until:%H:%M} UTC")
            with suppress(AutograderError):  # staff know
                self._exchange.tell(arrival, assignment.notebooks, page)

    # -- the threads that run errands --------------------------------------------------------------------------------

    def _work(self, book: NbgraderGradebook) -> None:
        try:
            with book:
                while (arrival := self._next()) is not None:
                    why = self._errands.run(arrival, book)
                    with self._changed:
                        self._turns.done(arrival.student)
                        if why:
                            self._try_again(arrival, why)
                        else:
                            self._failures.pop(arrival.name, None)
                        self._changed.notify_all()
        except BaseException as error:  # a mistake of ours beyond any one submission
            self._broken = error
            self._stop.set()

    def _next(self) -> Arrival | None:
        """Wait for whose turn it is; None when there is nothing to do any more."""
        with self._changed:
            while not self._stop.is_set():
                if (arrival := self._turns.take(self._is_ready)) is not None:
                    return arrival
                if self._once:
                    return None
                self._changed.wait(1.0)
        return None

    def _is_ready(self, arrival: Arrival) -> bool:
        if self._failures.get(arrival.name, (0, 0.0))[1] > time.monotonic():
            return False
        mark = self._marks.of(arrival.student, arrival.assignment)
        if mark is not None and mark.is_of(arrival):
            return True  # taken on before, and counted then
        now = datetime.now(UTC)
        return self._marks.free_at(arrival.student, self._last.watch.per_hour, now) <= now

    def _try_again(self, arrival: Arrival, why: str) -> None:
        tries = self._failures.pop(arrival.name, (0, 0.0))[0] + 1
        pause = min(PAUSE * 2 ** (tries - 1), LONGEST)
        when = f"it is tried again in {pause:g} s"
        if self._turns.waiting(arrival.student, arrival.assignment) is not None:
            when = "a newer one waits, and is graded in its place"
        else:
            self._failures[arrival.name] = (tries, time.monotonic() + pause)
            if self._once:
                when = "it is tried again the next time"
            else:
                self._turns.put(arrival)
        self._tell_of("lost", arrival, f"{why.rstrip('.')}. Nobody lost a point: {when}")

    # -- what is told ------------------------------------------------------------------------------------------------

    def _tell(self, event: Event) -> None:
        with self._mute:
            self._print(event)

    def _tell_of(self, kind: Kind, arrival: Arrival, detail: str = "", **numbers: float) -> None:
        self._tell(Event(kind, arrival.student, arrival.assignment, detail, arrival.name, numbers))


def _is_due(schedule: Schedule, student: str, mark: Mark) -> bool:
    """Whether feedback that was held back, or held back in part, may be handed out by now."""
    now = datetime.now(UTC)
    return schedule.is_over(student, now) if mark.shown else schedule.handing(student, mark.given, now) != "no"

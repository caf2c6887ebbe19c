"""One submission from the exchange to its feedback, by the pipeline that `autograder grade` uses.

Every step can be done twice, and nothing is handed out that we failed to grade.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from autograder.course import Assignment, Course
from autograder.engines import Engine
from autograder.errors import AutograderError
from autograder.feedback import notices
from autograder.intake import RefusedError
from autograder.nbgrader_ext.collect import Arrival
from autograder.nbgrader_ext.exchange import Exchange
from autograder.pipeline import Gradebook, Graded, grade
from autograder.types import TIERS, Job, Report, Run
from autograder.watch.events import Event, Kind, Tell
from autograder.watch.marks import Marks


@dataclass
class Errands:
    course: Callable[[], Course]
    exchange: Exchange
    engine: Engine
    marks: Marks
    tell: Tell

    def run(self, arrival: Arrival, book: Gradebook) -> str:
        """Collect, grade, and hand out. Return why it failed on our side: then it is to be tried again.

        book: the thread's own. nbgrader's are not made for several.
        """
        try:
            return self._run(arrival, book)
        except AutograderError as error:
            return str(error)
        except Exception as error:  # ours, whatever it is: one submission never stops the others
            return f"{type(error).__name__}: {error}"

    def _run(self, arrival: Arrival, book: Gradebook) -> str:
        student, name, clock = arrival.student, arrival.assignment, _Clock()

        def tell(kind: Kind, detail: str = "", **numbers: float) -> None:
            self.tell(Event(kind, student, name, detail, arrival.name, numbers))

        course = self.course()
        assignment = course.assignment(name)
        mark = self.marks.of(student, name)
        held_back = mark is not None and mark.is_of(arrival) and mark.stage == "held"
        self.marks.begin(arrival, datetime.now(UTC))
        try:
            with clock.part("collected"):
                left = self.exchange.collect(arrival)
        except RefusedError as error:
            self.marks.end(student, name, "done")
            tell("refused", str(error))
            return ""
        for file, why in left.items():
            tell("refused", f"{file} was left where it is: {why}")
        report = self._grade(course, assignment, student, book, clock).report
        if report.lost is not None:
            return report.lost
        tell("graded", _words(report), score=report.score, max_score=report.max_score)
        schedule, now = assignment.schedule, datetime.now(UTC)
        mark = self.marks.of(student, name)
        early, handing = not schedule.is_over(student, now), schedule.handing(student, mark.given if mark else 0, now)
        if handing == "no":
            self._put_off(course, assignment, arrival)
            self.marks.end(student, name, "held")
            tell("held", "graded, and its feedback waits until it may be handed out")
            return ""
        with clock.part("page"):
            self.exchange.write_feedback(student, name)
        with clock.part("released"):
            found = self.exchange.release_feedback(student, name)
        more = early and (handing == "coarse" or schedule.final)
        self.marks.end(student, name, "held" if more else "done", gave=True, early=early)
        if found:
            took = (datetime.now(UTC).replace(tzinfo=None) - arrival.changed).total_seconds()
            whole = {} if held_back else {"seconds": took}  # else it says nothing of how fast we are
            tell("feedback", f"there after {took:.1f} s", **whole, **clock.parts)
        else:
            tell("held", "its feedback finds no way: it came without submission_secret.txt, from an older nbgrader")
        return ""

    def _put_off(self, course: Course, assignment: Assignment, arrival: Arrival) -> None:
        """Tell the student, where there is no feedback yet, when it comes."""
        schedule, student = assignment.schedule, arrival.student
        by_hand = schedule.feedback == "by-hand"
        about = notices.About(student, assignment.title, course.title, course.language)
        used_up = schedule.attempts if schedule.feedback in ("at-once", "coarse") else None
        page = notices.waiting(about, None if by_hand else schedule.due_for(student), used_up)
        with suppress(AutograderError, OSError):  # a page that says so is not worth a failure
            self.exchange.tell(arrival, assignment.notebooks, page)

    def _grade(self, course: Course, assignment: Assignment, student: str, book: Gradebook, clock: _Clock) -> Graded:
        timed = _Timed(self.engine)
        with clock.part("recorded"):
            (graded,) = grade(course, assignment, [student], timed, gradebook=book)
        clock.parts["recorded"] -= timed.seconds
        report = graded.report
        clock.parts |= {"run": timed.seconds, "kernels": report.seconds, "cpu": report.cpu_seconds}
        return graded


def _words(report: Report) -> str:
    """For staff."""
    words = [f"{report.score:g} of {report.max_score:g}"]
    if report.waiting:
        words.append(f"a person must look at {', '.join(report.waiting)}")
    if failed := [exercise for exercise, verdict in report.verdicts.items() if verdict.failed]:
        words.append(f"we failed to judge {', '.join(failed)}, mend the course and run `autograder rejudge`")
    return "; ".join(words)


@dataclass
class _Clock:
    parts: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        self.parts[name] = time.monotonic() - start


@dataclass
class _Timed:
    """Knows how long an engine was at it, waiting for a free worker included."""

    engine: Engine
    seconds: float = 0.0

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        start = time.monotonic()
        for run in self.engine.run(jobs):
            self.seconds = time.monotonic() - start
            yield run

    def environment(self, least: str = TIERS[0]) -> str:
        return self.engine.environment(least)

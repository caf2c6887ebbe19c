"""Posting grades: a step of its own, after which a student's page says that its points are the grade.

Feedback helps to learn and may come at once; a grade is posted when it is decided. What was posted is kept, so that
whoever posts again sees whose grade would be another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import AutograderError
from autograder.nbgrader_ext.exchange import Exchange
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.places import folder, submitted_at
from autograder.nbgrader_ext.posted import Posted, keep, posted, put_back, total
from autograder.nbgrader_ext.release_feedback import secret_of
from autograder.store import Store
from autograder.types import Report

NO_WAY = "it was handed in without submission_secret.txt: its page finds no way back"


@dataclass(frozen=True)
class Posting:
    student: str
    score: float  # with lateness taken off
    max_score: float
    before: Posted | None = None
    open: str = ""  # why nothing can be posted yet
    unreachable: bool = False  # its page will find no way back to its student

    @property
    def is_new(self) -> bool:
        return not self.open and (self.before is None or self.before.score != self.score or not self.before.told)


def postings(course: Course, name: str, students: Collection[str] | None = None) -> list[Posting]:
    """Return what would be posted: of these students, or of all that the gradebook has."""
    assignment, now = course.assignment(name), datetime.now(UTC)
    with closing(NbgraderGradebook(course.root)) as book:
        places, other_lateness = book.course, book.other_lateness(name)
        with book.open() as gradebook:
            found = [
                _posting(course, assignment, one, places, now, one.student.id in other_lateness)
                for one in gradebook.assignment_submissions(name)
            ]
    unknown = set(students or ()) - {one.student for one in found}
    if unknown:
        raise AutograderError(f"{', '.join(sorted(unknown))}: nothing is graded of them for {name}.")
    return sorted((one for one in found if not students or one.student in students), key=lambda one: one.student)


def post(course: Course, name: str, wanted: Collection[Posting]) -> Iterator[tuple[Posting, str]]:
    """Post each that is new, and yield it with what went wrong: "" where its student finds the page."""
    exchange = Exchange(course.root)
    for one in wanted:
        if not one.is_new:
            continue
        grade = Posted(one.score, datetime.now(UTC), told=False)
        keep(course.root, name, one.student, grade)  # first: the page says it
        try:
            exchange.write_feedback(one.student, name)
            there = exchange.release_feedback(one.student, name)
            keep(course.root, name, one.student, replace(grade, told=there))
            yield one, "" if there else NO_WAY
        except AutograderError as error:
            put_back(course.root, name, one.student, one.before)
            yield one, str(error)


def _posting(
    course: Course, assignment: Assignment, submission: Any, places: Any, now: datetime, other_lateness: bool
) -> Posting:
    student: str = submission.student.id
    report = Store(course.root).report(assignment.id, student)
    due = assignment.schedule.due_for(student)
    why = _open(report) if due is None or now > due else "it is not due yet"
    if not why and submission.needs_manual_grade:
        why = "something waits for a person in the formgrader"
    collected, graded = (submitted_at(folder(places, s, student, assignment.id)) for s in ("submitted", "autograded"))
    if collected is not None and graded is not None and collected > graded:
        why = "a newer submission is not graded yet: run `autograder grade`"
    if not why and report is not None and assignment.schedule.is_final(student, now) and not report.final:
        why = "it is not judged yet on what is kept for the end: run `autograder grade`"
    if not why and other_lateness:
        why = "lateness costs something else by now, as after points by hand: run `autograder grade`"
    before = posted(course.root, assignment.id, student)
    # Pages get the secret of what was graded.
    unreachable = not secret_of(folder(places, "autograded", student, assignment.id))
    return Posting(student, total(submission), float(submission.max_score), before, why, unreachable)


def _open(report: Report | None) -> str:
    if report is None:
        return "it was not graded by us: run `autograder grade`"
    if report.lost is not None:
        return "grading failed on our side: run `autograder grade` again"
    if failed := [e for e, verdict in report.verdicts.items() if verdict.failed]:
        return f"we could not judge {', '.join(failed)}: mend the course, and run `autograder rejudge`"
    if any(verdict.needs_run for verdict in report.verdicts.values()):
        return "something in it waits for a new run: run `autograder grade`"
    return ""

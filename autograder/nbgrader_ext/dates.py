"""The dates that nbgrader's gradebook holds, beside those of course.toml, which count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nbgrader.api import MissingEntry

from autograder.course import Course
from autograder.nbgrader_ext.database import missing
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.places import open_course
from autograder.schedule import Schedule, moment, naive
from autograder.submission import students


@dataclass(frozen=True)
class Dates:
    assignment: str
    schedule: Schedule
    known: bool  # whether the gradebook has the assignment
    due: datetime | None = None  # by the gradebook
    extensions: Mapping[str, timedelta] = field(default_factory=dict)  # by the gradebook, of who has handed in
    nobodys: tuple[str, ...] = ()  # names that course.toml gives extensions, and no student is known by

    def differences(self) -> Iterator[str]:
        """Yield where the gradebook says something else. Where course.toml names no date, the gradebook's counts."""
        own = self.schedule.due
        if not self.known or own is None:
            return
        if self.due != own:
            theirs = moment(self.due) if self.due else "none"
            yield f"{self.assignment}: the gradebook's due date is {theirs}. That of course.toml counts: {moment(own)}."
        for student, extension in sorted(self.extensions.items()):
            if _more(self.schedule, student) != extension:
                yield (
                    f"{self.assignment}: the gradebook gives {student} an extension of {extension}, which does not "
                    "count. Write it into course.toml, where extensions are."
                )

    def doubts(self) -> Iterator[str]:
        """Yield what may be a slip, and may as well be right: who has not handed in anything yet is not known."""
        for name in self.nobodys:
            yield (
                f"{self.assignment}: course.toml gives {name} an extension, and no student of that name is in the "
                "gradebook or has handed in anything. Is it spelled as on the hub?"
            )


def _more(schedule: Schedule, student: str) -> timedelta:
    """As nbgrader adds it to a due date in UTC, where no clock is ever put forward or back."""
    due, own = naive(schedule.due), naive(schedule.due_for(student))
    return own - due if due is not None and own is not None else timedelta()


def dates(course: Course) -> list[Dates]:
    """Return what both say, of each assignment."""
    if missing(open_course(course.root)) is not None:  # and nobody can be known
        return [Dates(name, assignment.schedule, False) for name, assignment in course.assignments.items()]
    with closing(NbgraderGradebook(course.root)) as book, book.open() as gradebook:
        found = []
        known = {student.id for student in gradebook.students}
        known |= {student for name in course.assignments for student in students(course.root, name)}
        for name, assignment in course.assignments.items():
            nobodys = tuple(sorted(assignment.schedule.extensions.keys() - known)) if known else ()
            try:
                theirs = gradebook.find_assignment(name)
            except MissingEntry:
                found.append(Dates(name, assignment.schedule, False, nobodys=nobodys))
                continue
            due = theirs.duedate.replace(tzinfo=UTC) if theirs.duedate else None
            given = {s.student.id: s.extension for s in theirs.submissions if s.extension}
            found.append(Dates(name, assignment.schedule, True, due, given, nobodys))
        return found


def write(course: Course) -> None:
    """Have nbgrader's own pages show the dates of course.toml."""
    with closing(NbgraderGradebook(course.root)) as book, book.open() as gradebook:
        for name, assignment in course.assignments.items():
            schedule = assignment.schedule
            if schedule.due is None:
                continue
            try:
                theirs = gradebook.find_assignment(name)
            except MissingEntry:
                continue
            theirs.duedate = naive(schedule.due)
            for submission in theirs.submissions:
                submission.extension = _more(schedule, submission.student.id) or None
        gradebook.db.commit()

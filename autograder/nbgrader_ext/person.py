"""One student's rows in nbgrader's gradebook: what they say, and how they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nbgrader import api
from sqlalchemy import delete, select
from sqlalchemy.exc import DatabaseError

from autograder.errors import AutograderError
from autograder.nbgrader_ext.database import missing
from autograder.nbgrader_ext.gradebook import NbgraderGradebook


class Person:
    def __init__(self, book: NbgraderGradebook, course: Any, student: str) -> None:
        self._book, self._course, self._student = book, course, student

    def about(self) -> dict[str, Any]:
        """Return all that the gradebook holds about the student, as plain values; {} where it knows nobody so called.

        A database that was never made is not made for this.
        """
        if missing(self._course) is not None:
            return {}
        with self._opened("read") as gradebook:
            try:
                student = gradebook.find_student(self._student)
            except api.MissingEntry:
                return {}
            columns = ("id", "first_name", "last_name", "email", "lms_user_id")
            return {name: getattr(student, name) for name in columns} | {
                "assignments": {s.assignment.name: _submission(s) for s in student.submissions}
            }

    def erase(self) -> None:
        """Delete all rows of the student, in one transaction; the file of an SQLite gradebook keeps no trace."""
        submitted, sheet = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
        mine = select(submitted.c.id).where(submitted.c.student_id == self._student)
        sheets = select(sheet.c.id).where(sheet.c.assignment_id.in_(mine))
        with self._opened("written") as gradebook, gradebook.engine.begin() as connection:
            if gradebook.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete = ON")  # else it only forgets where they were
            for table in (api.Grade.__table__, api.Comment.__table__):
                connection.execute(delete(table).where(table.c.notebook_id.in_(sheets)))
            connection.execute(delete(sheet).where(sheet.c.assignment_id.in_(mine)))
            connection.execute(delete(submitted).where(submitted.c.student_id == self._student))
            student = api.Student.__table__
            connection.execute(delete(student).where(student.c.id == self._student))

    @contextmanager
    def _opened(self, what: str) -> Iterator[Any]:
        try:
            with self._book.open() as gradebook:
                yield gradebook
        except DatabaseError as error:
            raise AutograderError(
                f"The gradebook could not be {what} ({error.orig or error}). Not all is done: run this again."
            ) from error


def _submission(submission: Any) -> dict[str, Any]:
    exercises: dict[str, dict[str, Any]] = {}
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            exercises.setdefault(grade.name, {}).update(
                notebook=notebook.name, points=grade.score, of=grade.max_score, by_the_machine=grade.auto_score,
                by_a_person=grade.manual_score, extra=grade.extra_credit,
                waits_for_a_person=bool(grade.needs_manual_grade),
            )  # fmt: skip
        for comment in notebook.comments:
            said: Mapping[str, Any] = {"comment": comment.auto_comment, "comment_of_a_person": comment.manual_comment}
            if any(said.values()):
                exercises.setdefault(comment.name, {}).update(said)
    return {
        "handed_in": str(submission.timestamp or ""),
        "extension": str(submission.extension or ""),
        "points": submission.score,
        "of": submission.max_score,
        "late_penalty": submission.late_submission_penalty,
        "exercises": exercises,
    }

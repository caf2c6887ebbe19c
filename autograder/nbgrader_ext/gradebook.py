"""The one writer of scores, whichever command grades."""

from __future__ import annotations

import hashlib
import inspect
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from nbgrader import api
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from autograder import ipynb
from autograder.errors import AutograderError, ReleaseError
from autograder.files import write_atomic
from autograder.nbgrader_ext import rows
from autograder.nbgrader_ext.database import missing
from autograder.nbgrader_ext.executed import Executed
from autograder.nbgrader_ext.places import course_of, open_course, root_of
from autograder.nbgrader_ext.rows import Changes, Form, Sheets
from autograder.schedule import naive, schedule_of
from autograder.types import Given, Report, Verdict

if TYPE_CHECKING:
    from autograder.pipeline import Graded

TRIES = 6
"""A write that meets another writer is tried again, as a whole, after 0.1, 0.2, 0.4 ... seconds."""

_CONFLICTS = (OperationalError, IntegrityError, api.InvalidEntry)
"""Locked, or a row that another writer made meanwhile."""


@dataclass(frozen=True)
class Standing:
    """One submission as the gradebook has it, which is what is exported and posted."""

    score: float  # with lateness taken off
    penalty: float  # what lateness takes off
    waiting: tuple[str, ...]  # exercises that wait for a person


class NbgraderGradebook:
    """nbgrader's gradebook of one course: SQLite in its root, or whatever c.CourseDirectory.db_url says."""

    def __init__(self, root: Path) -> None:
        course = open_course(root)
        self._set(course, course.parent)  # a course directory's own config is older than the files that were read

    @classmethod
    def of(cls, configured: Any) -> NbgraderGradebook:
        """Return the gradebook that an exporter or preprocessor of nbgrader belongs to."""
        made = cls.__new__(cls)
        made._set(course_of(configured), configured)
        return made

    def _set(self, course: Any, configured: Any) -> None:
        self._course = course
        self._files = Executed(course)
        self._late = AssignLatePenalties(parent=configured)
        self._late.init_plugin()
        self._gradebook: Any = None

    @property
    def course(self) -> Any:
        """nbgrader's own, by whose configuration everything has its place."""
        return self._course

    # -- writing ---------------------------------------------------------------------------------------------------

    def record(self, done: Sequence[Graded]) -> None:
        """Write reports: exact partial credit, what waits for a person, messages, late penalty, executed notebooks.

        Manual scores, extra credit and comments stay. A lost report changes no score; a submission that has none yet
        is marked as waiting for a person. The exchange's own time stamp comes before our own clock's, because the
        formgrader compares it with the gradebook's. All of them in one transaction; twice is as once.
        """
        for name in dict.fromkeys(graded.report.assignment for graded in done):
            self._record(name, [graded for graded in done if graded.report.assignment == name])

    def _record(self, assignment: str, done: Sequence[Graded]) -> None:
        stamps = [self._files.stamp(g.report.student, assignment, g.received) for g in done]
        for graded, stamp in zip(done, stamps, strict=True):
            if graded.report.lost is None:
                self._files.write(graded.report, graded.executed, stamp)
        for attempt in range(TRIES):
            try:
                with self._transaction() as connection:
                    form = self._write(connection, assignment, done, stamps)
                    left = self._rows(connection, form, [g.report.student for g in done if g.seal])
                break
            except _CONFLICTS as error:
                if attempt == TRIES - 1:
                    raise AutograderError(
                        f"The gradebook could not be written ({error}). No score was changed: run the command again."
                    ) from error
                time.sleep(0.1 * 2**attempt)
            except DatabaseError as error:
                raise _unusable(error) from error
        for graded in done:
            report = graded.report
            if report.lost is None and report.receipt is not None:
                name, seal = report.student, graded.seal
                closed = self._closed(seal, name, assignment, left[name]) if seal else ""
                write_atomic(self._recorded(report), f"{report.receipt.sha256}\n{closed}".encode())

    def _write(
        self, connection: Any, assignment: str, done: Sequence[Graded], stamps: Sequence[datetime | None]
    ) -> Form:
        form = rows.read_form(connection, assignment)
        if form is None:
            raise ReleaseError(
                f"{assignment} is not in the gradebook: it was never released. "
                f"Run `nbgrader generate_assignment {assignment}`."
            )
        changes, names = Changes(), [graded.report.student for graded in done]
        form = rows.with_comments_for_all(changes, form)
        rows.add_students(changes, connection, names)
        known = rows.read_sheets(connection, form, names, lock=True)
        for graded, stamp in zip(done, stamps, strict=True):
            report = graded.report
            sheets = rows.complete(changes, form, report.student, known.get(report.student), stamp)
            known[report.student] = sheets  # who is there twice has rows from the first time on
            self._write_one(changes, form, sheets, report, stamp)
        changes.write(connection)
        return form

    def _write_one(self, changes: Changes, form: Form, sheets: Sheets, report: Report, stamp: datetime | None) -> None:
        resubmitted = self._resubmitted(report)
        for place, cell in form.graded.items():
            row, verdict = sheets.grades[place], report.verdicts.get(cell.name)
            if cell.name in report.absent:
                rows.change_grade(changes, row, None, False)
            elif report.lost is not None or verdict is None or verdict.needs_run:
                if row["auto_score"] is None and row["manual_score"] is None:
                    rows.change_grade(changes, row, None, True)
            else:
                rows.change_grade(changes, row, *_score(row, cell.max_score, verdict, resubmitted))
        if report.lost is not None:
            return
        rows.change_time(changes, sheets, stamp)
        for place, cell in form.commented.items():
            verdict = report.verdicts.get(cell.name)
            if verdict is not None and not verdict.needs_run:
                rows.change_comment(changes, sheets.comments[place], _storable(verdict.message) or None)
        for notebook, row in sheets.notebooks.items():
            rows.change_penalty(changes, row, self._penalty(form, sheets, report.student, notebook))

    def _penalty(self, form: Form, sheets: Sheets, student: str, notebook: str) -> float | None:
        """As course.toml has it; where it names no penalty, as AssignLatePenalties does, with its plugin."""
        schedule, stamp = schedule_of(root_of(self._course), form.name), sheets.timestamp
        if stamp is None:
            return None
        if schedule.per_day:
            return schedule.penalty(student, stamp, sheets.score(notebook, form)) or None
        due = naive(schedule.due_for(student)) or _extended(form.duedate, sheets.extension)
        if not self._late.enabled or due is None or stamp <= due:
            return None
        late, score = (stamp - due).total_seconds(), sheets.score(notebook, form)
        penalty = self._late.plugin_inst.late_submission_penalty(student, score, late)
        return None if penalty is None else self._late._check_late_penalty(SimpleNamespace(score=score), penalty)

    def _resubmitted(self, report: Report) -> bool:
        """Say whether the files are others than those that were recorded last."""
        try:
            recorded = self._recorded(report).read_text().partition("\n")[0]
            return report.receipt is not None and recorded != report.receipt.sha256
        except FileNotFoundError:
            return False

    # -- whether it still stands -----------------------------------------------------------------------------------

    def standing(self, assignment: str, seals: Mapping[str, str]) -> set[str]:
        """Return whose record was made under just this seal, and is as it was left: rows, files, late policy.

        Recording them again would change nothing. A score given by hand since then is a change, too: the late penalty
        depends on it.
        """
        try:
            with self._connected() as connection:
                left = self._rows(connection, rows.read_form(connection, assignment), None)
        except DatabaseError as error:
            raise _unusable(error) from error
        return {
            student
            for student, seal in seals.items()
            if seal and student in left and self._closed(seal, student, assignment, left[student])
            == self._kept_seal(assignment, student)
        }  # fmt: skip

    def by_hand(self, assignment: str) -> dict[tuple[str, str], float]:
        """Return by student and exercise the points that a person gave: no judging changes these."""
        return {place: given.points for place, given in self.given(assignment).items()}

    def given(self, assignment: str) -> dict[tuple[str, str], Given]:
        """Return by student and exercise what people gave."""
        with self._connected() as connection:
            form = rows.read_form(connection, assignment)
            found = rows.read_sheets(connection, form) if form else {}
        return {
            (student, form.graded[place].name): Given(rows.points(row), bool(row["needs_manual_grade"]))
            for student, sheets in found.items() for place, row in sheets.grades.items()
            if form is not None and place in form.graded and row["manual_score"] is not None
        }  # fmt: skip

    def standings(self, assignment: str, students: Collection[str]) -> dict[str, Standing]:
        """Return where these students stand in the gradebook: what people gave counts, and lateness is taken off."""
        with self._connected() as connection:
            form = rows.read_form(connection, assignment)
            found = rows.read_sheets(connection, form, students) if form else {}
        return {student: _standing(form, sheets) for student, sheets in found.items() if form is not None}

    def other_lateness(self, assignment: str) -> set[str]:
        """Return of whom lateness costs something else by now: points were given by hand, or dates have moved."""
        with self._connected() as connection:
            form = rows.read_form(connection, assignment)
            found = rows.read_sheets(connection, form) if form else {}
        return {
            student for student, sheets in found.items() for notebook, row in sheets.notebooks.items()
            if form is not None
            and (row["late_submission_penalty"] or 0.0) != (self._penalty(form, sheets, student, notebook) or 0.0)
        }  # fmt: skip

    def _rows(self, connection: Any, form: Form | None, students: Sequence[str] | None) -> dict[str, str]:
        """Return by student a name for what the rows hold."""
        if form is None or students == []:
            return {}
        found = rows.read_sheets(connection, form, students)
        return {student: sheets.content(form) for student, sheets in found.items()}

    def _closed(self, seal: str, student: str, assignment: str, left: str) -> str:
        parts = (seal, left, self._files.content(student, assignment), self._late_policy)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @cached_property
    def _late_policy(self) -> str:
        """Name what decides about the penalty for lateness: the plugin's code, and its settings."""
        plugin, source = self._late.plugin_inst, ""
        with suppress(OSError, TypeError):
            source = inspect.getsource(type(plugin))
        settings = {name: repr(getattr(plugin, name)) for name in sorted(plugin.traits(config=True))}
        return repr([bool(self._late.enabled), type(plugin).__qualname__, source, settings])

    def _kept_seal(self, assignment: str, student: str) -> str:
        try:
            return self._place(assignment, student).read_text().partition("\n")[2]
        except (OSError, ValueError):
            return ""

    def _recorded(self, report: Report) -> Path:
        return self._place(report.assignment, report.student)

    def _place(self, assignment: str, student: str) -> Path:
        return root_of(self._course) / "records" / "recorded" / assignment / student

    # -- database --------------------------------------------------------------------------------------------------

    @contextmanager
    def open(self) -> Iterator[Any]:
        """Yield nbgrader's Gradebook for reading. The connection is kept, no transaction stays open.

        AutograderError where there is none: it is made when an assignment is generated, and by nothing else.
        """
        if self._gradebook is None:
            if (file := missing(self._course)) is not None:
                raise AutograderError(
                    f"There is no gradebook ({file}). Run `nbgrader generate_assignment`, which makes it; if there was "
                    "one, put it back from a backup."
                )
            self._gradebook = api.Gradebook(self._course.db_url, self._course.course_id)
            rows.index(self._gradebook.engine)
        try:
            yield self._gradebook
        finally:
            self._gradebook.db.remove()

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """Yield a connection for reading."""
        with self.open() as gradebook, gradebook.engine.connect() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """Yield a connection: all of the block is written, or none; and nobody else between its reading and writing."""
        with self.open() as gradebook, gradebook.engine.begin() as connection:
            if gradebook.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # Python's driver would begin with the first write
            yield connection

    def close(self) -> None:
        if self._gradebook is not None:
            self._gradebook.close()
            self._gradebook = None

    def __enter__(self) -> NbgraderGradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _standing(form: Form, sheets: Sheets) -> Standing:
    whole = sum(sheets.score(notebook, form) for notebook in sheets.notebooks)
    penalty = sum(row["late_submission_penalty"] or 0.0 for row in sheets.notebooks.values())
    score = round(max(0.0, whole - penalty), 6)
    open_ = (form.graded[c].name for c, row in sheets.grades.items() if c in form.graded and row["needs_manual_grade"])
    return Standing(score, penalty, tuple(sorted(open_)))


def _extended(due: datetime | None, extension: timedelta | None) -> datetime | None:
    return due + extension if due is not None and extension is not None else due


def _unusable(error: DatabaseError) -> AutograderError:
    return AutograderError(
        f"The gradebook cannot be used ({error.orig or error}). No score was changed: put it back from a "
        "backup, or correct c.CourseDirectory.db_url, and run the command again."
    )


def _score(row: Mapping[str, Any], points: float, verdict: Verdict, resubmitted: bool) -> tuple[float | None, bool]:
    """Return the machine's score, and whether a person must look."""
    # Of the gradebook's own points: an exercise that changed its points after the release scores the same share.
    score = None if verdict.score is None else verdict.score * points
    if row["manual_score"] is None:
        return score, score is None
    # The person who graded it saw something else.
    return score, bool(row["needs_manual_grade"]) or resubmitted or score != row["auto_score"]


def _storable(text: str) -> str:
    """The text without what PostgreSQL refuses; a message may quote an answer."""
    return ipynb.text(text).replace("\x00", "")

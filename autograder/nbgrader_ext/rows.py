"""The rows of many submissions at once, in nbgrader's own tables.

nbgrader's objects load one submission by some fifteen queries. Here four of them read a class, and what has changed is
written by a few statements. What the rows mean is nbgrader's to say: gradebook.py decides what goes into them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nbgrader import api
from sqlalchemy import Index, and_, bindparam, inspect, select, update
from sqlalchemy.exc import DatabaseError

_ASSIGNMENT, _NOTEBOOK, _CELL = api.Assignment.__table__, api.Notebook.__table__, api.BaseCell.__table__
_GRADED, _TASK, _SOLUTION = api.GradeCell.__table__, api.TaskCell.__table__, api.SolutionCell.__table__
_STUDENT, _SUBMITTED = api.Student.__table__, api.SubmittedAssignment.__table__
_SHEET, _GRADE, _COMMENT = api.SubmittedNotebook.__table__, api.Grade.__table__, api.Comment.__table__

_INDEXED = (_GRADE.c.notebook_id, _COMMENT.c.notebook_id, _SHEET.c.assignment_id, _SUBMITTED.c.student_id)
"""nbgrader looks for rows by these columns and has no index on them: its pages read whole tables, again and again."""


def index(engine: Any) -> None:
    """Make the indexes that are missing. Only speed depends on them, so a database that refuses is left as it is."""
    known = inspect(engine)
    for column in _INDEXED:
        name = f"autograder_{column.table.name}_{column.name}"
        if name not in {found["name"] for found in known.get_indexes(column.table.name)}:
            with suppress(DatabaseError):
                wanted = Index(name, column)
                column.table.indexes.discard(wanted)  # else nbgrader would make it, too, and fail where it is there
                wanted.create(engine)


# -- what is there -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    id: str
    name: str
    notebook: str
    max_score: float = 0.0


@dataclass(frozen=True)
class Form:
    """What every submission of an assignment has rows for."""

    id: str
    name: str
    duedate: datetime | None
    notebooks: tuple[str, ...]
    graded: Mapping[str, Cell]
    commented: Mapping[str, Cell]


@dataclass
class Sheets:
    """One submission. Rows by the id of the notebook, or of the cell, that they are about."""

    id: str
    timestamp: datetime | None = None
    extension: timedelta | None = None
    notebooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    grades: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)

    def content(self, form: Form) -> str:
        """Name all that a report is written into, and all that decides how."""
        said = [
            [form.duedate, self.timestamp, self.extension],
            sorted((n, row["late_submission_penalty"]) for n, row in self.notebooks.items()),
            sorted(
                (c, form.graded[c].name, form.graded[c].max_score, row["auto_score"], row["manual_score"],
                 row["extra_credit"], row["needs_manual_grade"])
                for c, row in self.grades.items() if c in form.graded
            ),
            sorted((c, row["auto_comment"]) for c, row in self.comments.items()),
            sorted(form.graded.keys() - self.grades.keys()), sorted(form.commented.keys() - self.comments.keys()),
        ]  # fmt: skip
        return hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()

    def score(self, notebook: str, form: Form) -> float:
        """By nbgrader's rule: manual, else auto, else 0, plus extra credit."""
        mine = (row for c, row in self.grades.items() if c in form.graded and form.graded[c].notebook == notebook)
        return float(sum(points(row) for row in mine))


def points(row: Mapping[str, Any]) -> float:
    given = row["manual_score"] if row["manual_score"] is not None else row["auto_score"]
    return 0.0 if given is None else given + (row["extra_credit"] or 0.0)


def read_form(connection: Any, assignment: str) -> Form | None:
    """Return None where the gradebook has no such assignment."""
    found = connection.execute(select(_ASSIGNMENT).where(_ASSIGNMENT.c.name == assignment)).mappings().first()
    if found is None:
        return None
    notebooks = connection.execute(select(_NOTEBOOK.c.id).where(_NOTEBOOK.c.assignment_id == found["id"])).scalars()
    mine = tuple(sorted(notebooks))

    def cells(kind: Any, *more: Any) -> dict[str, Cell]:
        query = select(_CELL.c.id, _CELL.c.name, _CELL.c.notebook_id, *more).join(kind, kind.c.id == _CELL.c.id)
        return {row[0]: Cell(*row) for row in connection.execute(query.where(_CELL.c.notebook_id.in_(mine)))}

    tasks = cells(_TASK, _TASK.c.max_score)
    graded, commented = cells(_GRADED, _GRADED.c.max_score) | tasks, cells(_SOLUTION) | tasks
    return Form(found["id"], assignment, found["duedate"], mine, graded, commented)


def read_sheets(
    connection: Any, form: Form, students: Collection[str] | None = None, *, lock: bool = False
) -> dict[str, Sheets]:
    """Return submissions by student, of these or of all. lock: nobody else changes their grades before we are done."""
    mine = _SUBMITTED.c.assignment_id == form.id
    if students is not None:
        mine = and_(mine, _SUBMITTED.c.student_id.in_(list(students)))
    found = {}
    columns = (_SUBMITTED.c.id, _SUBMITTED.c.timestamp, _SUBMITTED.c.extension, _SUBMITTED.c.student_id)
    for *row, student in connection.execute(select(*columns).where(mine)):
        found[student] = Sheets(*row)
    by_id = {sheets.id: sheets for sheets in found.values()}
    join = _SHEET.join(_SUBMITTED, _SUBMITTED.c.id == _SHEET.c.assignment_id)

    def each(table: Any, rows: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        query = select(_SUBMITTED.c.id, *table.c).select_from(rows).where(mine)
        names = [column.name for column in table.c]
        for mine_id, *row in connection.execute(query.with_for_update(of=table) if lock else query).all():
            yield mine_id, dict(zip(names, row, strict=True))

    for submission, row in each(_SHEET, join):
        by_id[submission].notebooks[row["notebook_id"]] = row
    for submission, row in each(_GRADE, join.join(_GRADE, _GRADE.c.notebook_id == _SHEET.c.id)):
        by_id[submission].grades[row["cell_id"]] = row
    for submission, row in each(_COMMENT, join.join(_COMMENT, _COMMENT.c.notebook_id == _SHEET.c.id)):
        by_id[submission].comments[row["cell_id"]] = row
    return found


# -- what is to be written ---------------------------------------------------------------------------------------------


@dataclass
class Changes:
    """Collected for many submissions, and written together."""

    _made: dict[Any, list[dict[str, Any]]] = field(default_factory=dict)
    _changed: dict[Any, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def make(self, table: Any, **values: Any) -> dict[str, Any]:
        self._made.setdefault(table, []).append(values)
        return values

    def change(self, table: Any, row: dict[str, Any], **values: Any) -> None:
        """Change a row, which may be one of those that are to be made."""
        if any(row[name] != value for name, value in values.items()):
            row |= values
            self._changed.setdefault(table, {})[row["id"]] = row

    def write(self, connection: Any) -> None:
        for table in (_STUDENT, _CELL, _SOLUTION, _SUBMITTED, _SHEET, _GRADE, _COMMENT):
            if made := self._made.get(table):
                connection.execute(table.insert(), made)
            new = {row["id"] for row in self._made.get(table, [])}
            changed = [row for name, row in self._changed.get(table, {}).items() if name not in new]
            if changed:
                columns = _WRITTEN[table]
                statement = update(table).where(table.c.id == bindparam("row")).values(
                    {column: bindparam(f"new_{column}") for column in columns}
                )  # fmt: skip
                rows = [{"row": r["id"]} | {f"new_{column}": r[column] for column in columns} for r in changed]
                connection.execute(statement, rows)


_WRITTEN = {
    _SUBMITTED: ("timestamp",),
    _SHEET: ("late_submission_penalty",),
    _GRADE: ("auto_score", "needs_manual_grade"),
    _COMMENT: ("auto_comment",),
}
"""What we change of rows that are there. All else is nbgrader's, or a person's."""


def with_comments_for_all(changes: Changes, form: Form) -> Form:
    """Let staff comment on every exercise, also where the assignment was generated without our SaveCells."""
    known = {(cell.notebook, cell.name) for cell in form.commented.values()}
    added = {}
    for cell in form.graded.values():
        if (cell.notebook, cell.name) not in known:
            made = Cell(api.new_uuid(), cell.name, cell.notebook)
            changes.make(_CELL, id=made.id, name=made.name, notebook_id=made.notebook, type="SolutionCell")
            changes.make(_SOLUTION, id=made.id)
            added[made.id] = made
    return (
        Form(form.id, form.name, form.duedate, form.notebooks, form.graded, {**form.commented, **added})
        if added
        else form
    )


def add_students(changes: Changes, connection: Any, students: Iterable[str]) -> None:
    wanted = list(dict.fromkeys(students))
    known = set(connection.execute(select(_STUDENT.c.id).where(_STUDENT.c.id.in_(wanted))).scalars())
    for student in wanted:
        if student not in known:
            changes.make(_STUDENT, id=student)


def complete(changes: Changes, form: Form, student: str, sheets: Sheets | None, timestamp: datetime | None) -> Sheets:
    """Return a submission with a row for everything, also for what was added after it was first graded."""
    if sheets is None:
        sheets = Sheets(api.new_uuid(), timestamp)
        changes.make(_SUBMITTED, id=sheets.id, assignment_id=form.id, student_id=student, timestamp=timestamp)
    for notebook in form.notebooks:
        if notebook not in sheets.notebooks:
            sheets.notebooks[notebook] = changes.make(
                _SHEET, id=api.new_uuid(), assignment_id=sheets.id, notebook_id=notebook, late_submission_penalty=None
            )
    for cell in form.graded.values():
        if cell.id not in sheets.grades:
            sheets.grades[cell.id] = changes.make(
                _GRADE, id=api.new_uuid(), notebook_id=sheets.notebooks[cell.notebook]["id"], cell_id=cell.id,
                auto_score=None, manual_score=None, extra_credit=None, needs_manual_grade=True,
            )  # fmt: skip
    for cell in form.commented.values():
        if cell.id not in sheets.comments:
            sheets.comments[cell.id] = changes.make(
                _COMMENT, id=api.new_uuid(), notebook_id=sheets.notebooks[cell.notebook]["id"], cell_id=cell.id,
                auto_comment=None, manual_comment=None,
            )  # fmt: skip
    return sheets


def change_grade(changes: Changes, row: dict[str, Any], score: float | None, needs_a_person: bool) -> None:
    changes.change(_GRADE, row, auto_score=score, needs_manual_grade=needs_a_person)


def change_comment(changes: Changes, row: dict[str, Any], text: str | None) -> None:
    changes.change(_COMMENT, row, auto_comment=text)


def change_penalty(changes: Changes, row: dict[str, Any], penalty: float | None) -> None:
    changes.change(_SHEET, row, late_submission_penalty=penalty)


def change_time(changes: Changes, sheets: Sheets, timestamp: datetime | None) -> None:
    if sheets.timestamp != timestamp:
        row = {"id": sheets.id, "timestamp": sheets.timestamp}
        changes.change(_SUBMITTED, row, timestamp=timestamp)
        sheets.timestamp = timestamp

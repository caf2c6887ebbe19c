"""The one writer of scores, whichever command grades."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader import api
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from autograder import ipynb
from autograder.doctor import blank
from autograder.errors import AutograderError, ReleaseError
from autograder.files import write_atomic
from autograder.nbgrader_ext.places import course_of, folder, open_course, root_of, small_file, submitted_at
from autograder.release import load
from autograder.types import Report, Verdict

TRIES = 6
"""A write that meets another writer is tried again, as a whole, after 0.1, 0.2, 0.4 ... seconds."""

_CONFLICTS = (OperationalError, IntegrityError, api.InvalidEntry)
"""Locked, or a row that another writer made meanwhile."""

_COPIED = ("timestamp.txt", "submission_secret.txt")
"""Files of the exchange that release_feedback looks for beside the feedback."""


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
        self._late = AssignLatePenalties(parent=configured)
        self._late.init_plugin()
        self._gradebook: Any = None

    # -- writing ---------------------------------------------------------------------------------------------------

    def record(self, report: Report, executed: Mapping[str, bytes], received: datetime | None) -> None:
        """Write a report: exact partial credit, what waits for a person, messages, late penalty, executed notebooks.

        Manual scores, extra credit and comments stay. A lost report changes no score; a submission that has none yet
        is marked as waiting for a person. The exchange's own time stamp comes before `received`, because the
        formgrader compares it with the gradebook's. Everything in one transaction; twice is as once.
        """
        stamp = self._stamp(report, received)
        if report.lost is None:
            self._write_files(report, executed, stamp)
        for attempt in range(TRIES):
            try:
                with self._transaction() as gradebook:
                    self._record(gradebook, report, stamp)
                break
            except _CONFLICTS as error:
                if attempt == TRIES - 1:
                    raise AutograderError(
                        f"The gradebook could not be written ({error}). No score was changed: run the command again."
                    ) from error
                time.sleep(0.1 * 2**attempt)
            except DatabaseError as error:
                raise AutograderError(
                    f"The gradebook cannot be used ({error.orig or error}). No score was changed: put it back from a "
                    "backup, or correct c.CourseDirectory.db_url, and run the command again."
                ) from error
        if report.lost is None and report.receipt is not None:
            write_atomic(self._recorded(report), report.receipt.sha256.encode())

    def _record(self, gradebook: Any, report: Report, stamp: datetime | None) -> None:
        database = gradebook.db
        try:
            gradebook.find_assignment(report.assignment)
        except api.MissingEntry:
            raise ReleaseError(
                f"{report.assignment} is not in the gradebook: it was never released. "
                f"Run `nbgrader generate_assignment {report.assignment}`."
            ) from None
        gradebook.update_or_create_student(report.student)
        try:
            submission = gradebook.find_submission(report.assignment, report.student)
        except api.MissingEntry:
            with database.no_autoflush:  # nbgrader builds the rows first and adds them last
                submission = gradebook.add_submission(report.assignment, report.student, timestamp=stamp)
        else:
            if report.lost is None:
                submission.timestamp = stamp
        notebooks = {notebook.id: notebook for notebook in submission.notebooks}
        self._ensure_rows(database, notebooks)
        resubmitted = self._resubmitted(report)
        for grade, name in _rows(database, api.Grade, notebooks):
            verdict = report.verdicts.get(name)
            if name in report.absent:
                grade.auto_score, grade.needs_manual_grade = None, False
            elif report.lost is not None or verdict is None or verdict.needs_run:
                if grade.auto_score is None and grade.manual_score is None:
                    grade.needs_manual_grade = True
            else:
                _write_score(grade, verdict, resubmitted)
        if report.lost is not None:
            return
        for comment, name in _rows(database, api.Comment, notebooks):
            if name in report.verdicts and not report.verdicts[name].needs_run:
                comment.auto_comment = _storable(report.verdicts[name].message) or None
        database.flush()
        for notebook in notebooks.values():
            self._assign_penalty(database, submission, notebook)

    def _ensure_rows(self, database: Any, notebooks: Mapping[str, Any]) -> None:
        """Give a submission rows for exercises that were added after it was first graded.

        And let staff comment on every exercise, also where the assignment was generated without our SaveCells.
        """
        for notebook in notebooks.values():
            solutions = {cell.name: cell.id for cell in notebook.notebook.solution_cells}
            for cell in notebook.notebook.grade_cells:
                if cell.name not in solutions:
                    added = api.SolutionCell(name=cell.name, notebook_id=notebook.notebook.id)
                    database.add(added)
                    database.flush()
                    solutions[cell.name] = added.id
            tasks = [cell.id for cell in notebook.notebook.task_cells]
            known = {comment.cell_id for comment in notebook.comments}
            for cell_id in (*solutions.values(), *tasks):
                if cell_id not in known:
                    database.add(api.Comment(cell_id=cell_id, notebook_id=notebook.id))
            graded = {grade.cell_id for grade in notebook.grades}
            for cell_id in (*(cell.id for cell in notebook.notebook.grade_cells), *tasks):
                if cell_id not in graded:
                    database.add(api.Grade(cell_id=cell_id, notebook_id=notebook.id))
        database.flush()

    def _assign_penalty(self, database: Any, submission: Any, notebook: Any) -> None:
        """As AssignLatePenalties does, with its plugin, inside our transaction."""
        notebook.late_submission_penalty = None
        if not self._late.enabled or submission.assignment.duedate is None or submission.total_seconds_late <= 0:
            return
        database.expire(notebook, ["score"])
        late = submission.total_seconds_late
        penalty = self._late.plugin_inst.late_submission_penalty(submission.student_id, notebook.score, late)
        if penalty is not None:
            notebook.late_submission_penalty = self._late._check_late_penalty(notebook, penalty)

    # -- files -----------------------------------------------------------------------------------------------------

    def _write_files(self, report: Report, executed: Mapping[str, bytes], stamp: datetime | None) -> None:
        target = folder(self._course, "autograded", report.student, report.assignment)
        mode = 0o664 if self._course.groupshared else 0o644
        files = {
            f"{name}.ipynb": content for name, content in (self._absent(report, executed) | dict(executed)).items()
        }
        source = folder(self._course, "submitted", report.student, report.assignment)
        files |= {name: content for name in _COPIED if (content := small_file(source / name))}
        if stamp is not None and submitted_at(source) is None:
            files["timestamp.txt"] = f"{stamp:%Y-%m-%d %H:%M:%S.%f} UTC".encode()
        for name, content in files.items():
            write_atomic(target / name, content)
            (target / name).chmod(mode)

    def _absent(self, report: Report, executed: Mapping[str, bytes]) -> dict[str, bytes]:
        """Stand in for notebooks that never came or could not be read, so that a person can look and grade."""
        try:
            release = load(root_of(self._course) / "records", report.assignment, report.release)
        except (OSError, ValueError):
            return {}
        why = "it is missing, or cannot be read as it came. This is the notebook as it was released"
        made = {}
        for name in release.notebooks:
            if name not in executed:
                standing_in = blank(release, name, why)
                note = {"cell_type": "markdown", "id": "not-as-submitted", "metadata": {},
                        "source": standing_in.repairs[0].student}  # fmt: skip
                standing_in.notebook["cells"].insert(0, note)
                made[name] = ipynb.write(standing_in.notebook)
        return made

    def _stamp(self, report: Report, received: datetime | None) -> datetime | None:
        """Return the time of submission, UTC without a zone, as nbgrader keeps it."""
        stamp = submitted_at(folder(self._course, "submitted", report.student, report.assignment))
        if stamp is not None:
            return stamp
        return received.astimezone(UTC).replace(tzinfo=None) if received is not None else None

    def _recorded(self, report: Report) -> Path:
        return root_of(self._course) / "records" / "recorded" / report.assignment / report.student

    def _resubmitted(self, report: Report) -> bool:
        """Say whether the files are others than those that were recorded last."""
        try:
            return report.receipt is not None and self._recorded(report).read_text() != report.receipt.sha256
        except FileNotFoundError:
            return False

    # -- database --------------------------------------------------------------------------------------------------

    @contextmanager
    def open(self) -> Iterator[Any]:
        """Yield nbgrader's Gradebook for reading. The connection is kept, no transaction stays open."""
        if self._gradebook is None:
            self._gradebook = api.Gradebook(self._course.db_url, self._course.course_id)
        try:
            yield self._gradebook
        finally:
            self._gradebook.db.remove()

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """Yield nbgrader's Gradebook with its own commits held back: all of the block is written, or none."""
        with self.open() as gradebook, gradebook.engine.begin() as connection:
            gradebook.db.remove()
            gradebook.db.configure(bind=connection, join_transaction_mode="rollback_only")
            try:
                yield gradebook
                gradebook.db.flush()
            finally:
                gradebook.db.remove()
                gradebook.db.configure(bind=gradebook.engine, join_transaction_mode="conditional_savepoint")

    def close(self) -> None:
        if self._gradebook is not None:
            self._gradebook.close()
            self._gradebook = None

    def __enter__(self) -> NbgraderGradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _rows(database: Any, kind: Any, notebooks: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Return the Grades or Comments of a submission with the names of their cells, in one query."""
    query = database.query(kind, api.BaseCell.name).join(api.BaseCell, api.BaseCell.id == kind.cell_id)
    return [tuple(row) for row in query.filter(kind.notebook_id.in_(list(notebooks)))]


def _write_score(grade: Any, verdict: Verdict, resubmitted: bool) -> None:
    # Of the gradebook's own points: an exercise that changed its points after the release scores the same share.
    score = None if verdict.score is None else verdict.score * grade.max_score
    if grade.manual_score is None:
        grade.needs_manual_grade = score is None
    elif resubmitted or score != grade.auto_score:
        grade.needs_manual_grade = True  # the person who graded it saw something else
    grade.auto_score = score


def _storable(text: str) -> str:
    """The text without what PostgreSQL refuses; a message may quote an answer."""
    return ipynb.text(text).replace("\x00", "")

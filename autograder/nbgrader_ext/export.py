"""nbgrader export: CSV that is quoted, opens safely in a spreadsheet, and never shows what we lost as a 0."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from nbgrader.api import Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy.orm import selectinload

from autograder.files import write_atomic
from autograder.nbgrader_ext.places import course_of, folder, root_of
from autograder.store import Store

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score", "note",
)  # fmt: skip
"""Those of nbgrader, in its order; note says why a score is missing or not final."""


class CsvExport(CsvExportPlugin):
    """As nbgrader's, where a score is known. Otherwise the score stays empty and note says why."""

    def export(self, gradebook: Gradebook) -> None:
        students = {str(name) for name in self.student}
        assignments = {str(name) for name in self.assignment}
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        held_back = 0
        asked = [student for student in gradebook.students if not students or student.id in students]
        for assignment in gradebook.assignments:
            if assignments and assignment.name not in assignments:
                continue
            submissions = _submissions(gradebook, assignment)
            for student in asked:
                row = self._row(submissions.get(student.id), assignment, student)
                held_back += row["score"] == ""
                writer.writerow([_cell(row[name]) for name in COLUMNS])
        target = Path(self.to or "grades.csv").absolute()
        write_atomic(target, text.getvalue().encode())
        target.chmod(0o644)
        self.log.info("Exported grades to %s", target)
        if held_back:
            self.log.error("%d scores are held back: see the column note. Grade them again, then export.", held_back)

    def _row(self, submission: Any, assignment: Any, student: Any) -> dict[str, Any]:
        row = {
            "assignment": assignment.name, "duedate": assignment.duedate, "timestamp": None, "student_id": student.id,
            "last_name": student.last_name, "first_name": student.first_name, "email": student.email,
            "raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0, "max_score": assignment.max_score,
            "note": "",
        }  # fmt: skip
        unknown = {"raw_score": "", "late_submission_penalty": "", "score": ""}
        course = course_of(self)
        if submission is None:
            if folder(course, "submitted", student.id, assignment.name).is_dir():
                return row | unknown | {"note": "handed in, not graded yet"}
            return row
        penalty = submission.late_submission_penalty
        row |= {
            "timestamp": submission.timestamp,
            "raw_score": submission.score,
            "late_submission_penalty": penalty,
            "score": max(0.0, submission.score - penalty),
        }
        report = Store(root_of(course)).report(assignment.name, student.id)
        grades = [(g.cell.name, g.max_score, g.manual_score) for n in submission.notebooks for g in n.grades]
        absent = {n: points for n, points, manual in grades if report and n in report.absent and manual is None}
        row["max_score"] -= sum(absent.values())  # nbgrader knows one maximum for all
        scored = [
            grade.auto_score is not None or grade.manual_score is not None
            for notebook in submission.notebooks
            for grade in notebook.grades
        ]
        # A lost report is kept only where no sound one ever was, so these rows hold nothing that was judged.
        if report is not None and report.lost is not None and not all(scored):
            reason = f"grading failed on our side: {report.lost}"
        elif report is None and not any(scored):
            reason = "not graded yet"
        else:
            notes = ["waits for a person"] if submission.needs_manual_grade else []
            notes += [f"not asked, so not counted: {', '.join(absent)}"] if absent else []
            return row | {"note": "; ".join(notes)}
        self.log.error("%s, %s: %s. No score is exported.", student.id, assignment.name, reason)
        return row | unknown | {"note": reason}


def _submissions(gradebook: Any, assignment: Any) -> dict[str, Any]:
    """By student, with all that a row needs: asked for one by one it is a dozen queries each."""
    grades = selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades)
    query = gradebook.db.query(SubmittedAssignment).filter(SubmittedAssignment.assignment_id == assignment.id)
    return {found.student_id: found for found in query.options(grades.joinedload(Grade.cell))}


def _cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: names are free text."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value

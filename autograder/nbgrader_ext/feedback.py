"""nbgrader generate_feedback: our page, with the verdicts as they stand when it is rendered."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbgrader.api import MissingEntry

from autograder import ipynb
from autograder.course import language_of
from autograder.errors import AutograderError
from autograder.feedback.notices import About, waiting
from autograder.feedback.page import render
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.places import course_of, root_of
from autograder.nbgrader_ext.posted import posted, total
from autograder.schedule import schedule_of
from autograder.store import Store
from autograder.types import Report


class HeldBackError(AutograderError):
    """This student's feedback is not written. nbgrader reports it and goes on with the others."""


class FeedbackExporter(Exporter):
    """Writes feedback/<student>/<assignment>/<notebook>.html, where nbgrader's exchange looks for it."""

    file_extension = ".html"

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        course = course_of(self)
        info = resources["nbgrader"]
        student, assignment, name = info["student"], info["assignment"], info["notebook"]
        report = Store(root_of(course)).report(assignment, student)
        if report is None:
            raise HeldBackError(
                f"{student} has no verdicts for {assignment} yet. "
                f"Run `nbgrader autograde {assignment} --student {student} --force`."
            )
        if report.lost is not None:
            raise HeldBackError(
                f"The feedback of {student} for {assignment} is held back, because grading failed on our side: "
                f"{report.lost}. Run `autograder grade {assignment} --student {student}` again."
            )
        titles, schedule = _titles(root_of(course), assignment), schedule_of(root_of(course), assignment)
        now = datetime.now(UTC)
        resources["output_extension"] = self.file_extension
        if schedule.feedback == "after-due" and not schedule.is_over(student, now):
            # Staff hand out everybody's at once; who was given more time still works on it.
            about = About(student, titles[1], titles[0])
            return waiting(about, schedule.due_for(student), None), resources
        notebook = ipynb.read(Path(filename).read_bytes(), limit=2**31)
        with NbgraderGradebook.of(self) as book:
            staff = _of_staff(book, assignment, name, student)
        told = posted(root_of(course), assignment, student)
        coarse = schedule.is_coarse(student, now)
        page = render(
            _looked_at(_part(report, notebook), staff.decided),
            {name: notebook},
            staff.comments,
            staff.points,
            course_title=titles[0],
            late_penalty=staff.penalty,
            assignment_title=titles[1],
            in_full=schedule.due_for(student) if coarse else None,
            posted=told.moment if told is not None and told.score == staff.total else None,
            language=language_of(root_of(course)),
        )
        return page, resources


def _part(report: Report, notebook: Mapping[str, Any]) -> Report:
    """Return the report with the exercises of one notebook; nbgrader hands out one page for each."""
    here = {cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]}
    if report.verdicts.keys() <= here:
        return report
    return replace(
        report,
        verdicts={e: v for e, v in report.verdicts.items() if e in here},
        points={e: p for e, p in report.points.items() if e in here},
        titles={e: t for e, t in report.titles.items() if e in here},
    )


def _looked_at(report: Report, decided: Collection[str]) -> Report:
    """Return the report without the word that a person will look at it, where a person has."""
    return replace(
        report,
        verdicts={
            e: replace(v, message="") if e in decided and v.score is None and not v.needs_run else v
            for e, v in report.verdicts.items()
        },
    )


@dataclass(frozen=True)
class _Staff:
    """What the gradebook has of one notebook, beside our own."""

    comments: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, float | None] = field(default_factory=dict)  # given by a person, extra credit included
    decided: Collection[str] = ()  # exercises to which a person gave points, and which wait for no other look
    penalty: float = 0.0  # for lateness
    total: float = 0.0  # of all notebooks together


def _of_staff(book: NbgraderGradebook, assignment: str, notebook: str, student: str) -> _Staff:
    with book.open() as gradebook:
        try:
            submitted = gradebook.find_submission_notebook(notebook, assignment, student)
        except MissingEntry:
            return _Staff()
        grades = submitted.grades
        comments = {c.name: c.manual_comment for c in submitted.comments if c.manual_comment}
        given = {g.name: float(g.score) for g in grades if g.manual_score is not None or (g.extra_credit or 0) != 0}
        decided = {g.name for g in grades if g.manual_score is not None and not g.needs_manual_grade}
        penalty = float(submitted.late_submission_penalty or 0.0)
        return _Staff(comments, given, decided, penalty, total(submitted.assignment))


def _titles(root: Path, assignment: str) -> tuple[str, str]:
    """Return the titles of course and assignment; feedback does not wait for a sound course.toml."""
    try:
        content = tomllib.loads((root / "course" / "course.toml").read_text("utf-8"))
        return str(content["course"].get("title", "")), str(content["assignments"][assignment].get("title", ""))
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return "", ""

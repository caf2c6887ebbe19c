"""The feedback page of one student: one file, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from autograder.feedback import html
from autograder.feedback.cards import Standing, card, coarse, coarse_standing, standing
from autograder.feedback.notebook import Budget, Cell, cells
from autograder.feedback.text import bounded, joined, slug
from autograder.schedule import moment
from autograder.types import Report

_NONE: Mapping[str, Any] = MappingProxyType({})


def render(
    report: Report,
    notebooks: Mapping[str, dict[str, Any]],
    comments: Mapping[str, str] = _NONE,
    manual: Mapping[str, float | None] = _NONE,
    course_title: str = "",
    late_penalty: float = 0.0,
    assignment_title: str = "",
    in_full: datetime | None = None,
    posted: datetime | None = None,
) -> str:
    """Return the whole page.

    notebooks: name -> executed notebook as JSON; comments and manual: exercise id -> staff's words, points a person
    gave. late_penalty: points taken off. in_full: until then the page tells a word for each exercise and no more, so
    that nobody can find out by trying what is hidden. posted: when staff said that these points are the grade. Prints
    what the verdicts say to the student, never their notes for staff.
    """
    show, of = (coarse, coarse_standing) if in_full else (card, standing)
    budget = Budget()
    shown = {name: list(cells(notebook, report.verdicts.keys(), budget)) for name, notebook in notebooks.items()}
    rows = [
        _Row(exercise, report.titles.get(exercise, exercise),
             of(verdict, report.points.get(exercise, 0.0), manual.get(exercise)))
        for exercise, verdict in report.verdicts.items()
    ]  # fmt: skip
    pieces = [
        Markup(
            show(
                verdict,
                report.points.get(exercise, 0.0),
                report.titles.get(exercise, exercise),
                exercise=exercise,
                manual=manual.get(exercise),
                comment=comments.get(exercise, ""),
                cell=f"cell-{slug(exercise)}" if exercise in budget.anchors else "",
            )
        )
        for exercise, verdict in report.verdicts.items()
    ]
    return html.page(
        "lost.html.j2" if report.lost is not None else "page.html.j2",
        _environment(),
        report=report,
        course_title=course_title,
        heading=assignment_title or report.assignment,
        rows=rows,
        cards=pieces,
        notebooks=[_Shown(bounded(name, 200), list(found)) for name, found in shown.items()],
        total=_total(report, rows, late_penalty),
        in_full=moment(in_full) if in_full else "",
        posted=moment(posted) if posted else "",
        received=_received(report.receipt.received) if report.receipt else "",
        answers=_answers(report),
        told=[remark for remark in report.remarks if remark.student],
    )


@cache
def _environment() -> Environment:
    return html.environment()


@dataclass(frozen=True)
class _Row:
    exercise: str
    title: str
    standing: Standing


@dataclass(frozen=True)
class _Shown:
    name: str
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True)
class _Total:
    earned: float
    possible: float
    open: float  # points that wait for a person or for a run
    penalty: float

    @property
    def decided(self) -> float:
        return min(1.0, max(0.0, self.earned / self.possible)) if self.possible else 0.0

    @property
    def undecided(self) -> float:
        return min(1.0 - self.decided, self.open / self.possible) if self.possible else 0.0


def _total(report: Report, rows: list[_Row], penalty: float) -> _Total:
    earned = sum(row.standing.earned or 0.0 for row in rows)
    waiting = sum(row.standing.points for row in rows if row.standing.earned is None)
    return _Total(max(0.0, earned - penalty), report.max_score, waiting, penalty)


def _answers(report: Report) -> str:
    if report.receipt is None:
        return ""
    seen = [report.titles.get(exercise, exercise) for exercise in report.receipt.answers]
    if len(seen) == len(report.verdicts):
        return f"all {len(seen)}"
    missing = [report.titles.get(e, e) for e in report.verdicts if e not in report.receipt.answers]
    none = f"{len(seen)} of {len(report.verdicts)}"
    return f"{none}; no answer seen for {joined(missing)}" if missing else none


def _received(received: str) -> str:
    """22 November 2026, 08:29 UTC; as it stands where it is no ISO time."""
    try:
        time = datetime.fromisoformat(received)
    except ValueError:
        return received
    return moment(time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC))

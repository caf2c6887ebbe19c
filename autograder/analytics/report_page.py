"""One page for staff over any number of submissions: static, offline, without script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean, median

from jinja2 import Environment
from markupsafe import Markup

from autograder.analytics import summary
from autograder.feedback import charts, html
from autograder.feedback.cards import Standing, standing
from autograder.types import Report

_HERE = Path(__file__).parent


def render(reports: Sequence[Report], course_title: str, assignment_titles: Mapping[str, str]) -> str:
    """Return the whole page; it holds notes for staff and the names of students, so it is for staff alone."""
    parts = [_part(name, found, assignment_titles) for name, found in summary.by_assignment(reports).items()]
    return html.page(
        "report.html.j2",
        _environment(),
        course_title=course_title,
        parts=parts,
        students=len({report.student for report in reports}),
        submissions=len(reports),
        mean=_mean([value for part in parts for value in part.fractions]),
        lost=summary.lost(reports),
        broken=summary.broken(reports),
        waiting=len(summary.waiting(reports)),
        names=assignment_titles,
    )


@cache
def _environment() -> Environment:
    made = html.environment(_HERE)
    made.globals["style"] = html.style(_HERE / "report.css")
    return made


@dataclass(frozen=True)
class _Square:
    """One cell of the heat table; shade is 0 (no points) to 10 (all), or nothing where there is no score."""

    name: str  # full, part, none, waiting, rerun, lost, absent
    text: str
    shade: int | None = None
    spoken: str = ""


@dataclass(frozen=True)
class _Row:
    score: summary.Score
    squares: list[_Square]


@dataclass(frozen=True)
class _Part:
    """One assignment."""

    name: str
    title: str
    items: list[summary.Item]
    own_kernel: frozenset[str]  # of the items, those that only tests in the students' own kernels judged
    rows: list[_Row]
    fractions: list[float]
    mean: float | None
    median: float | None
    chart: Markup
    plot: Markup
    slips: list[summary.Slip]
    most: int
    waiting: list[tuple[str, list[summary.Note]]]
    reruns: list[summary.Note]
    remarks: list[summary.Note]
    seconds: float
    cpu_seconds: float
    slowest: list[summary.Score]


def _part(name: str, reports: Sequence[Report], titles: Mapping[str, str]) -> _Part:
    table = sorted(summary.scores(reports), key=lambda score: score.student.casefold())
    found = summary.items(reports)
    by_student = {report.student: report for report in reports}
    rows = [_Row(score, [_square(by_student[score.student], item) for item in found]) for score in table]
    fractions = [score.fraction for score in table if score.fraction is not None]
    plotted = [
        (place, item.difficulty, item.discrimination)
        for place, item in enumerate(found, 1)
        if item.difficulty is not None and item.discrimination is not None
    ]
    slips = summary.misconceptions(reports)
    open_by_exercise: dict[str, list[summary.Note]] = {}
    for note in summary.waiting(reports):
        open_by_exercise.setdefault(note.title, []).append(note)
    ran = [score for score in table if score.lost is None]
    return _Part(
        name=name,
        title=titles.get(name, name),
        items=found,
        own_kernel=frozenset(
            e for report in reports for e, verdict in report.verdicts.items() if verdict.facts.get("own_kernel")
        ),
        rows=rows,
        fractions=fractions,
        mean=_mean(fractions),
        median=median(fractions) if fractions else None,
        chart=charts.distribution(fractions) if fractions else Markup(),
        plot=charts.items(plotted) if len(plotted) >= 3 else Markup(),
        slips=slips,
        most=max((len(slip.students) for slip in slips), default=1),
        waiting=list(open_by_exercise.items()),
        reruns=summary.reruns(reports),
        remarks=summary.remarks(reports),
        seconds=sum(score.seconds for score in ran),
        cpu_seconds=sum(score.cpu_seconds for score in ran),
        slowest=sorted(ran, key=lambda score: -score.seconds)[:5],
    )


def _square(report: Report, item: summary.Item) -> _Square:
    if report.lost is not None:
        return _Square("lost", "×", spoken="lost by us")
    verdict = report.verdicts.get(item.exercise)
    if verdict is None:
        return _Square("absent", "", spoken="not asked")
    if verdict.failed:
        return _Square("lost", "×", spoken="failed on our side")
    stands: Standing = standing(verdict, item.points)
    if stands.earned is None:
        return _Square(stands.name, "…" if stands.name == "waiting" else "↻", spoken=stands.words)
    return _Square(stands.name, f"{stands.earned:.2f}".rstrip("0").rstrip("."), round(stands.fraction * 10))


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None

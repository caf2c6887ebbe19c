"""Reports of one assignment or many -> plain tables of numbers. What is lost by us never counts as a zero."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from autograder.analytics.spreadsheet import to_csv as to_csv
from autograder.feedback.cards import standing
from autograder.types import Report, Verdict

ENOUGH = 10
"""Students below which a correlation says nothing: at n = 10 its 95 % interval is still about ±0.6 wide."""

STATUSES = ("full", "part", "none", "waiting", "rerun")


@dataclass(frozen=True)
class Score:
    """One submission. decided: points of the exercises that have a score; lost: our failure, so no numbers count."""

    assignment: str
    student: str
    earned: float
    decided: float
    possible: float
    waiting: tuple[str, ...]
    rerun: tuple[str, ...]
    remarks: int
    seconds: float
    cpu_seconds: float
    lost: str | None

    @property
    def fraction(self) -> float | None:
        """Of the points that are decided; None where none are, or where we lost the submission."""
        return self.earned / self.decided if self.lost is None and self.decided else None


@dataclass(frozen=True)
class Item:
    """One exercise over all students. mean and median in points; difficulty is the mean fraction (1: all right)."""

    exercise: str
    title: str
    points: float
    n: int  # scored answers
    mean: float | None
    median: float | None
    difficulty: float | None
    discrimination: float | None
    why: str  # why there is no discrimination
    statuses: Counter[str] = field(default_factory=Counter)  # of STATUSES


@dataclass(frozen=True)
class Slip:
    """One misconception found in one exercise, by whom, and what they were told."""

    exercise: str
    title: str
    misconception: str
    students: tuple[str, ...]
    told: str


@dataclass(frozen=True)
class Note:
    """Something that staff should read: about a student, of one exercise or (exercise "") of the whole submission."""

    assignment: str
    student: str
    exercise: str
    title: str
    text: str


def by_assignment(reports: Iterable[Report]) -> dict[str, list[Report]]:
    grouped: dict[str, list[Report]] = {}
    for report in reports:
        grouped.setdefault(report.assignment, []).append(report)
    return grouped


def scores(reports: Sequence[Report]) -> list[Score]:
    """One row for each submission, in the order given."""
    return [
        Score(
            report.assignment,
            report.student,
            sum(_fraction(v) * report.points.get(e, 0.0) for e, v in _scored(report)),
            sum(report.points.get(e, 0.0) for e, _ in _scored(report)),
            report.max_score,
            tuple(e for e, v in report.verdicts.items() if v.score is None and not v.needs_run),
            tuple(e for e, v in report.verdicts.items() if v.needs_run),
            len(report.remarks),
            report.seconds,
            report.cpu_seconds,
            report.lost,
        )
        for report in reports
    ]


def items(reports: Sequence[Report]) -> list[Item]:
    """One row for each exercise of one assignment, in the order of its reports."""
    graded = [report for report in reports if report.lost is None]
    found = []
    for exercise in exercises(reports):
        answered = [(report, report.verdicts[exercise]) for report in graded if exercise in report.verdicts]
        values = [(_fraction(v), _rest(report, exercise)) for report, v in answered if _counts(v)]
        points = next((report.points[exercise] for report in reports if exercise in report.points), 0.0)
        worth, why = discrimination([(x, y) for x, y in values if y is not None])
        fractions = [x for x, _ in values]
        found.append(
            Item(
                exercise,
                title(reports, exercise),
                points,
                len(values),
                fmean(fractions) * points if values else None,
                median(fractions) * points if values else None,
                fmean(fractions) if values else None,
                worth,
                why,
                Counter(standing(v, points).name for _, v in answered),
            )
        )
    return found


def discrimination(pairs: Sequence[tuple[float, float]]) -> tuple[float | None, str]:
    """Corrected item-total correlation: Pearson's r of an item and the rest of the test without it.

    pairs: (fraction of this item, fraction of all the student's other decided items). Returns r in -1..1, or None and
    the reason. Near 0 or below, strong students do no better on the item than weak ones: look at its wording and key.
    """
    if len(pairs) < ENOUGH:
        return None, f"too few scores ({len(pairs)})"
    mean_x, mean_y = fmean(x for x, _ in pairs), fmean(y for _, y in pairs)
    xx = sum((x - mean_x) ** 2 for x, _ in pairs)
    yy = sum((y - mean_y) ** 2 for _, y in pairs)
    if xx < 1e-12:
        return None, "all scored alike"
    if yy < 1e-12:
        return None, "all alike in the rest"
    xy = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
    return max(-1.0, min(1.0, xy / math.sqrt(xx * yy))), ""


def misconceptions(reports: Sequence[Report]) -> list[Slip]:
    """Most frequent first."""
    who: dict[tuple[str, str], list[str]] = {}
    told: dict[tuple[str, str], str] = {}
    for report in reports:
        for exercise, verdict in report.verdicts.items():
            if verdict.misconception and report.lost is None:
                who.setdefault((exercise, verdict.misconception), []).append(report.student)
                told.setdefault((exercise, verdict.misconception), verdict.message)
    slips = [Slip(e, title(reports, e), m, tuple(students), told[e, m]) for (e, m), students in who.items()]
    return sorted(slips, key=lambda slip: (-len(slip.students), slip.exercise, slip.misconception))


def lost(reports: Sequence[Report]) -> list[Note]:
    """Our failures: to be repaired and graded again. Nobody has lost a point by them."""
    return [Note(r.assignment, r.student, "", "", r.lost) for r in reports if r.lost is not None]


def broken(reports: Sequence[Report]) -> list[Note]:
    """Answers that our own code failed to judge: to be judged again once it is put right, not marked by a person."""
    return [
        Note(report.assignment, report.student, exercise, title([report], exercise), verdict.note)
        for report in reports
        for exercise, verdict in report.verdicts.items()
        if report.lost is None and verdict.failed
    ]


def waiting(reports: Sequence[Report]) -> list[Note]:
    """What a person must look at, with why in a line: a rubric is shown beside the answer."""
    return [
        Note(
            report.assignment,
            report.student,
            exercise,
            title([report], exercise),
            (verdict.note or verdict.message).partition("\n")[0],
        )
        for report in reports
        for exercise, verdict in report.verdicts.items()
        if report.lost is None and verdict.score is None and not verdict.needs_run and not verdict.failed
    ]


def reruns(reports: Sequence[Report]) -> list[Note]:
    """Evidence that answers an older question."""
    return [
        Note(report.assignment, report.student, exercise, title([report], exercise), verdict.note or verdict.message)
        for report in reports
        for exercise, verdict in report.verdicts.items()
        if report.lost is None and verdict.needs_run
    ]


def remarks(reports: Sequence[Report]) -> list[Note]:
    """Repairs, tampering, added cells; and notes of the judge on answers that have their score."""
    notes = []
    for report in reports:
        notes += [
            Note(report.assignment, report.student, "", "", remark.staff or remark.student)
            for remark in report.remarks
            if remark.staff or remark.student
        ]
        notes += [
            Note(report.assignment, report.student, exercise, title([report], exercise), verdict.note)
            for exercise, verdict in report.verdicts.items()
            if verdict.note and verdict.score is not None and not verdict.needs_run
        ]
    return notes


def exercises(reports: Sequence[Report]) -> list[str]:
    """All exercise ids, in the order in which reports name them (a lost report may name only its points)."""
    return list(dict.fromkeys(e for report in reports for e in (*report.verdicts, *report.points)))


def title(reports: Sequence[Report], exercise: str) -> str:
    return next((report.titles[exercise] for report in reports if exercise in report.titles), exercise)


def _counts(verdict: Verdict) -> bool:
    return verdict.score is not None and math.isfinite(verdict.score) and not verdict.needs_run


def _fraction(verdict: Verdict) -> float:
    return verdict.score if verdict.score is not None else 0.0


def _scored(report: Report) -> list[tuple[str, Verdict]]:
    return [(e, v) for e, v in report.verdicts.items() if report.lost is None and _counts(v)]


def _rest(report: Report, exercise: str) -> float | None:
    others = [(v, report.points.get(e, 0.0)) for e, v in _scored(report) if e != exercise]
    possible = sum(points for _, points in others)
    return sum(_fraction(v) * points for v, points in others) / possible if possible else None

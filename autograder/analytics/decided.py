"""Reports as people have decided them: points that a person gave take the place of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from autograder.types import Report


def decided(reports: Iterable[Report], by_hand: Mapping[tuple[str, str], float]) -> list[Report]:
    """by_hand: of one assignment, points by student and exercise. Extra credit beyond an exercise's points is left out:
    shares are compared here, of what an exercise is worth."""
    return [_decided(report, by_hand) for report in reports]


def _decided(report: Report, by_hand: Mapping[tuple[str, str], float]) -> Report:
    verdicts = dict(report.verdicts)
    for exercise, verdict in report.verdicts.items():
        given, worth = by_hand.get((report.student, exercise)), report.points.get(exercise, 0.0)
        if given is not None and worth > 0:
            share = min(1.0, max(0.0, given / worth))
            verdicts[exercise] = replace(verdict, score=share, needs_run=False, failed=False)
    return replace(report, verdicts=verdicts)

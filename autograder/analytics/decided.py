"""Reports as people have decided them: points that a person gave take the place of ours.

Of an answer that was handed in anew after that, nobody has decided yet: in the gradebook the points stay until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from autograder.store import Store
from autograder.types import Given, Report


def reports_of(root: Path, assignments: Iterable[str]) -> list[Report]:
    """Return what is kept of these assignments, as people have decided it.

    A course in which nothing was graded has no reports; it need not have a gradebook, which is opened for others.
    """
    store = Store(root)
    found = {name: reports for name in assignments if (reports := list(store.reports(name)))}
    if not found:
        return []
    from autograder.nbgrader_ext.gradebook import NbgraderGradebook

    with NbgraderGradebook(root) as book:
        return [report for name, reports in found.items() for report in decided(reports, book.given(name))]


def decided(reports: Iterable[Report], by_hand: Mapping[tuple[str, str], Given]) -> list[Report]:
    """by_hand: of one assignment, by student and exercise. Extra credit beyond an exercise's points is left out: shares
    are compared here, of what an exercise is worth."""
    return [_decided(report, by_hand) for report in reports]


def _decided(report: Report, by_hand: Mapping[tuple[str, str], Given]) -> Report:
    verdicts = dict(report.verdicts)
    for exercise, verdict in report.verdicts.items():
        given, worth = by_hand.get((report.student, exercise)), report.points.get(exercise, 0.0)
        if given is not None and given.outdated:
            note = f"Handed in anew since a person gave {given.points:g} of {worth:g}.\n{verdict.note}".rstrip()
            verdicts[exercise] = replace(verdict, score=None, note=note)
        elif given is not None and worth > 0:
            share = min(1.0, max(0.0, given.points / worth))
            # What waited has a note that says what a person is to do: it was done.
            note = "" if verdict.score is None else verdict.note
            verdicts[exercise] = replace(verdict, score=share, note=note, needs_run=False, failed=False)
    return replace(report, verdicts=verdicts)

"""Reports -> CSV that a spreadsheet opens as data, never as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from autograder.feedback.cards import standing
from autograder.feedback.text import clean
from autograder.types import Report

COLUMNS = (
    "assignment", "student", "exercise", "title", "status", "earned", "points", "misconception", "note", "received",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def to_csv(reports: Sequence[Report]) -> str:
    """One line for each answer, all cells quoted. A submission that we lost has one line, without a score."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for report in reports:
        received = report.receipt.received if report.receipt else ""
        if report.lost is not None:
            writer.writerow(
                map(_cell, (report.assignment, report.student, "", "", "lost", "", "", "", report.lost, received))
            )
            continue
        for exercise, verdict in report.verdicts.items():
            points = report.points.get(exercise, 0.0)
            stands = standing(verdict, points)
            row = (
                report.assignment, report.student, exercise, report.titles.get(exercise, ""), stands.name,
                "" if stands.earned is None else repr(round(stands.earned, 6)), repr(points),
                verdict.misconception or "", verdict.note, received,
            )  # fmt: skip
            writer.writerow(map(_cell, row))
    return out.getvalue()


def _cell(value: str) -> str:
    """A leading apostrophe makes text of what a spreadsheet would run; leading spaces do not hide a formula."""
    text = clean(value)
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(_FORMULA) else text

"""Writes the staff's page and the table of scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.analytics.report_page import render
from autograder.analytics.summary import to_csv
from autograder.files import write_atomic
from autograder.types import Report


def write_reports(reports: Sequence[Report], folder: Path, title: str, assignments: Mapping[str, str]) -> list[Path]:
    """Write report.html and scores.csv into folder, readable by its owner alone, and return their paths."""
    page, table = folder / "report.html", folder / "scores.csv"
    write_atomic(page, render(reports, title, assignments).encode())
    write_atomic(table, to_csv(reports).encode())
    return [page, table]

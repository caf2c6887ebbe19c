"""The field on which attacks are tried, and the table of what came of them."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from tests.attacks.field import Field, pitch

COLUMNS = ("attack", "expected", "got", "seconds", "tier")


@pytest.fixture(scope="package")
def field() -> Iterator[Field]:
    # Not below /tmp: a sandbox has a /tmp of its own, in which Landlock lets it read, so a wall less would be tried.
    # Short: the path of a socket has at most 107 letters.
    with tempfile.TemporaryDirectory(prefix="ag-", dir="/var/tmp") as place:
        Path(place).chmod(0o755)
        with pitch(Path(place)) as made:
            yield made


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What tests have noted as `request.node.user_properties.append(("attack", [one word for each column]))`."""
    reports = [report for found in terminalreporter.stats.values() for report in found if hasattr(report, "when")]
    rows = sorted(
        [*value, "" if report.outcome == "passed" else "KNOWN" if hasattr(report, "wasxfail") else "FAILED"]
        for report in reports
        if report.when == "call"
        for name, value in report.user_properties
        if name == "attack"
    )
    if not rows:
        return
    table = Table(*COLUMNS, "", title=f"{len(rows)} attacks")
    for row in rows:
        table.add_row(*row)
    text = io.StringIO()
    Console(file=text, width=120).print(table)
    terminalreporter.write_line(text.getvalue())

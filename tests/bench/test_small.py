"""Every benchmark of one machine runs, at its smallest: a figure that nobody can measure again is worth nothing.

What it measures is not looked at: machines are shared. Those of a cluster, a hub and a GPU have targets of their own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = (
    ("gradebook", "--students", "3", "--assignments", "2", "--exercises", "2", "--rounds", "1"),
    ("steps", "quiz", "--students", "2"),
    ("latency", "--submissions", "1"),
    ("throughput", "quiz", "--students", "2", "--theirs", "1", "--rounds", "1", "--without", "otter"),
)  # otter: a program that `make setup` leaves to the benchmark to install


@pytest.mark.kernel
@pytest.mark.nbgrader
@pytest.mark.parametrize("small", SMALL, ids=[name for name, *_ in SMALL])
def test_a_benchmark_runs_and_no_time_is_below_nothing(small: tuple[str, ...]) -> None:
    name, *arguments = small
    command = [sys.executable, "-m", f"bench.{name}", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env={**os.environ, "COLUMNS": "200"}, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-2000:]
    shown = [float(number) for number in re.findall(r"(?<![\w.-])-?\d+\.\d+(?![\w.])", ended.stdout)]
    assert len(shown) > 3 and min(shown) > -1, ended.stdout

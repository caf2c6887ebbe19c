"""What the benchmarks share: a command's cost, the machine and versions that a figure belongs to, and a table."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.sandbox import bubblewrap, cgroups, tiers

_OURS = ("nbgrader", "nbclient", "jupyter_client")
_KERNELS = ("tensorflow_cpu", "tensorflow", "keras", "numpy", "ipykernel")
FIGURES = "BENCH_FIGURES"
"""Names the file that figures are written to."""

_console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)


@dataclass(frozen=True)
class Spent:
    """Seconds: by the clock, and of all processors together."""

    wall: float
    cpu: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.cpu + other.cpu)

    def __truediv__(self, number: float) -> Spent:
        return Spent(self.wall / number, self.cpu / number)


def spent(command: Sequence[str | Path], cwd: Path, environment: Mapping[str, str] | None = None) -> tuple[Spent, str]:
    """Run a command; return its cost and what it printed. Sandboxes have groups of their own, and are not counted.

    Ends the benchmark if the command fails: a figure of work that was not done is none.
    """
    group = cgroups.make(memory_mb=2**20, processes=10**5)

    def enter() -> None:
        for entrance in group.entrances if group else ():
            entrance.write_text("0")

    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command], cwd=cwd, env=with_our_programs(environment), stdin=subprocess.DEVNULL,
            stdout=out, stderr=said, preexec_fn=enter,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said.seek(0)
        printed, words = out.read(), said.read()
    # What a process is killed with is not waited for, so its time is lost to its parent; a group forgets nothing.
    counted = group.cpu_seconds() if group else None
    if group is not None:
        group.close()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{(words or printed)[-3000:]}")
    return Spent(wall, usage.ru_utime + usage.ru_stime if counted is None else counted), printed


def with_our_programs(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment with our own programs first on PATH: nbgrader calls alembic by name."""
    given = dict(os.environ if environment is None else environment)
    return given | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', os.defpath)}"}


def kernel_python() -> Path:
    return bubblewrap.kernel_env().folder / "bin" / "python"


def machine() -> str:
    """The lines that every figure is to be read with."""
    ours = ", ".join(f"{name} {version(name)}" for name in _OURS)
    site = next((bubblewrap.kernel_env().folder / "lib").glob("python*/site-packages"))
    found = {path.name.split("-")[0]: path.name.split("-")[1] for path in site.glob("*.dist-info")}
    theirs = ", ".join(f"{name} {found[name].removesuffix('.dist')}" for name in _KERNELS if name in found)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    tier = tiers.tier()
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.platform()}; "
        f"load {os.getloadavg()[0]:.1f} at the start\n"
        f"grader: Python {platform.python_version()}, {ours}\n"
        f"kernel: {theirs}\n"
        f"sandbox: {tier.name} ({tier.detail})"
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def median(values: Iterable[float]) -> float:
    return statistics.median(list(values))


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", no_wrap=not number)
    for row in rows:
        table.add_row(*row)
    _console.print(table)


def figure(what: str, value: float, unit: str, wanted: str = "") -> None:
    """Hand a figure to whoever runs several benchmarks and wants one table of them (bench.figures)."""
    if place := os.environ.get(FIGURES):
        with Path(place).open("a") as file:
            file.write(json.dumps([what, f"{value:.2f} {unit}".strip(), wanted]) + "\n")


def say(words: str) -> None:
    _console.print(words, markup=False)

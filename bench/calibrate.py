"""How good is an honest network? Trains a worked solution again and again; shows which credit each run would earn.

    python -m bench.calibrate classifier --setting small --seeds 20 --secrets 3

For any exercise of the course whose answer is a trained model. Its assignment's notebook is run as it stands, with its
worked solutions, up to the model: so the figures are those of the solution that is there. Each trained network is
judged on hidden images drawn under several secrets. Thresholds are fair when the last step lies below what 99 of 100
runs reach: mean less 2.33 standard deviations of the interval's upper end. The figures that the course's thresholds
rest on are in docs/calibration.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from autograder.build import worked_solution
from autograder.cells import source
from autograder.course import Assignment, Course, load_course
from autograder.data import Pack, pack
from autograder.marks import exercise_of
from autograder.pool import variant
from autograder.sandbox import bubblewrap
from autograder.sources import read_sources
from autograder.types import Evidence, Verdict

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {
    **os.environ, "JUPYTERHUB_USER": "calibration", "MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", help="the id of an exercise whose answer is a trained model")
    parser.add_argument("--setting", choices=("small", "full"), default="small")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed, to go on from where another run ended")
    parser.add_argument("--secrets", type=int, default=3)
    asked = parser.parse_args()
    course = replace(load_course(ROOT), setting=asked.setting)
    assignment = next((a for a in course.assignments.values() if asked.exercise in a.exercises), None)
    if assignment is None or not assignment.exercises[asked.exercise].pack:
        parser.error(f"{asked.exercise} is no exercise of the course that is judged on a data pack")
    begun, verdicts, seconds, parameters = time.perf_counter(), list[Verdict](), list[float](), 0
    with tempfile.TemporaryDirectory() as scratch:
        packs = [
            {name: pack(Path(scratch) / str(i), name, asked.setting) for name in assignment.packs}
            for i in range(asked.secrets)
        ]
        print("seed  seconds  CPU s  hidden sets: measured (upper end -> credit)")
        for run in runs(
            course, assignment, asked.exercise, packs, range(asked.first, asked.first + asked.seeds), scratch
        ):
            found = [judged(assignment, asked.exercise, run, place, held) for place, held in enumerate(packs)]
            shown = [f"{v.facts['accuracy']:.4f} ({v.facts['high']:.4f} -> {v.score:.0%})" for v in found]
            print(f"{run['seed']:4}  {run['seconds']:7.1f}  {run['cpu']:5.1f}", *shown, sep="  ", flush=True)
            verdicts += found
            seconds.append(run["seconds"])
            parameters = run["facts"]["parameters"]
    highs = [float(v.facts["high"]) for v in verdicts]
    mean, spread = statistics.fmean(highs), statistics.stdev(highs)
    print(f"\n{asked.setting}: {len(seconds)} runs on {asked.secrets} hidden sets, {parameters:,} parameters")
    print(f"upper end: mean {mean:.4f}, sd {spread:.4f}, lowest {min(highs):.4f}")
    print(f"1 run in 100 is expected below {mean - 2.33 * spread:.4f}")
    full = verdicts[0].facts["steps"][-1][0]
    print(f"full marks from {full:.2%}: {statistics.fmean(v.score == 1 for v in verdicts):.1%} of the runs")
    print(
        f"a notebook: median {statistics.median(seconds):.1f} s; all of this took {time.perf_counter() - begun:.0f} s"
    )


def runs(
    course: Course, assignment: Assignment, exercise: str, packs: list[dict[str, Pack]], seeds: range, scratch: str
) -> Iterator[dict[str, Any]]:
    """Train once for each seed in the kernel's environment, and yield what came of it."""
    asked = assignment.exercises[exercise]
    probe = asked.checker.probe(variant(asked, asked.fixed, hidden=packs[0][asked.pack].hidden))
    task = {
        "cells": cells(course, assignment, exercise), "exercise": exercise, "seeds": list(seeds), "pick": probe.pick,
        "packs": {name: str(held.kernel.resolve()) for name, held in packs[0].items()}, "out": scratch,
        "hidden": [str(held[asked.pack].hidden.images.resolve()) for held in packs],
        "folder": str(course.root / "source" / assignment.id),
    }  # fmt: skip
    command = [str(bubblewrap.kernel_env().folder / "bin" / "python"), str(ROOT / "bench" / "train.py")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT
    ) as p:
        assert p.stdin is not None and p.stdout is not None
        p.stdin.write(json.dumps(task))
        p.stdin.close()
        for line in p.stdout:
            if line.startswith("RUN "):
                yield json.loads(line.removeprefix("RUN "))
    if p.returncode:
        raise SystemExit(f"Training failed. Run the notebook under solutions/{assignment.id} in JupyterLab to see why.")


def cells(course: Course, assignment: Assignment, exercise: str) -> list[str]:
    """Return the code of the worked solution up to the cell that hands the model in."""
    for notebook in read_sources(course, assignment)[0].values():
        found = [cell for cell in worked_solution(notebook)["cells"] if cell["cell_type"] == "code"]
        for number, cell in enumerate(found):
            if exercise_of(cell, assignment.exercises) == exercise:
                return [source(cell) for cell in found[: number + 1]]
    raise SystemExit(f"No notebook of {assignment.id} hands in {exercise}.")


def judged(assignment: Assignment, exercise: str, run: dict[str, Any], place: int, held: dict[str, Pack]) -> Verdict:
    asked = assignment.exercises[exercise]
    hidden = replace(held[asked.pack].hidden, extras={name: found.facts for name, found in held.items()})
    evidence = Evidence("ok", np.load(run["files"][place]), facts=run["facts"])
    return asked.checker.check(evidence, variant(asked, asked.fixed, hidden=hidden))


if __name__ == "__main__":
    main()

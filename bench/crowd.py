"""A large class whose notebooks were never run: what a sandbox would have brought back is put into the store.

Each student hands in the worked solution with a line of their own. What the kernel would have answered is made by the
checkers, from the key or from a misconception's wrong key, so that judging has the work that a real class gives it.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from random import Random

from autograder.build import pretty
from autograder.course import Course, load_course
from autograder.demo.scratch import make_course, release
from autograder.doctor import repair
from autograder.engines.local import LocalEngine
from autograder.plan import Asked, Terms, data_packs, plan
from autograder.release import Releases
from autograder.store import Store
from autograder.submission import read_submission
from autograder.types import Evidence, Run

RIGHT, KNOWN, OTHER = 0.6, 0.9, 0.96
"""Of a hundred answers 60 are right, 30 follow a known misconception, 6 are wrong in no known way, 4 are missing."""


def heading(*packages: str) -> None:
    used = ", ".join([*(f"{name} {version(name)}" for name in packages), f"SQLite {sqlite3.sqlite_version}"])
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {used}")


def released(repository: Path, folder: Path, name: str) -> Course:
    """Return a copy of the course in which an assignment was released by nbgrader."""
    course = make_course(load_course(repository), folder, "small")
    release(course, name)
    return load_course(course.root)


def hand_in(course: Course, name: str, students: Sequence[str], note: str = "") -> None:
    for student in students:
        folder = course.root / "submitted" / student / name
        folder.mkdir(parents=True, exist_ok=True)
        for solved in sorted((course.root / "solutions" / name).glob("*.ipynb")):
            notebook = json.loads(solved.read_bytes())
            notebook["cells"].append({"cell_type": "markdown", "id": "mine", "metadata": {}, "source": student + note})
            (folder / solved.name).write_bytes(pretty(notebook))
        (folder / "timestamp.txt").write_text("2026-01-10 12:00:00 UTC")


def keep_runs(course: Course, name: str, students: Sequence[str]) -> None:
    """Put into the store what running these submissions on this machine would have left there."""
    store, assignment = Store(course.root), course.assignment(name)
    environment = LocalEngine().environment(course.tier)
    terms = Terms(course, assignment, repair, environment, data_packs(course, assignment))
    releases = Releases(course.records, name)
    for student in students:
        submission = read_submission(course.root, name, student)
        todo, rng = plan(terms, submission, releases.held(student, submission.notebooks)), Random(student)
        for notebook in todo.notebooks:
            job = todo.job(notebook)
            evidence = {e: answer(todo.asked[e], rng) for e in todo.asked_in(notebook)}
            executed = pretty(json.loads(job.notebook))
            run = Run(job.id, evidence, executed, tier="made up", seconds=5.0, cpu_seconds=4.0)
            store.put_run(name, student, notebook, job.key, run)


def answer(asked: Asked, rng: Random) -> Evidence:
    exercise, variant, chance = asked.exercise, asked.variant, rng.random()
    right = exercise.checker.answer(variant)
    if chance < RIGHT or (chance < KNOWN and not exercise.slips):
        return right
    if chance < KNOWN:
        wrong = exercise.wrong_key(rng.choice(exercise.slips), variant.params)
        return replace(exercise.checker.answer(replace(variant, key=wrong)), probe=right.probe)
    if chance < OTHER:
        strange = rng.randint(10**6, 10**7)  # a whole number is an answer to anything, and right to nothing
        return replace(right, value=strange, calls=tuple(Evidence("ok", strange) for _ in right.calls))
    return replace(right, status="missing", value=None, calls=(), variant=None)


@dataclass(frozen=True)
class Took:
    seconds: float
    cpu: float
    said: str  # what was printed, without tables


def command(root: Path, *arguments: str) -> Took:
    """Run a command of `autograder` in a course, as staff do, and time it from start to end."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"autograder {' '.join(arguments)} failed:\n{(done.stderr or done.stdout)[-3000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = [line for line in done.stdout.splitlines() if "score" in line or "changed" in line]
    return Took(seconds, cpu, " ".join(line for line in told if "│" not in line and "┃" not in line))

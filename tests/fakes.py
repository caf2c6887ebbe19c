"""Stand-ins that behave: an engine without kernels, a gradebook in memory, a tiny course on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from autograder.pipeline import Graded
from autograder.types import TIERS, Evidence, Job, Run

Answers = Mapping[str, Evidence]


@dataclass
class FakeEngine:
    """Answers each probe from a table by student and exercise; counts what it ran."""

    answers: Mapping[str, Answers]
    lose: set[str] = field(default_factory=set)  # students whose worker dies
    name: str = "fake"
    ran: list[str] = field(default_factory=list)
    after: Callable[[Job], None] = lambda job: None

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        for job in jobs:
            self.ran.append(job.user)
            if job.user in self.lose:
                yield Run(job.id, lost="the worker died")
                continue
            given = self.answers.get(job.user, {})
            evidence = {
                p.exercise: replace(given.get(p.exercise, Evidence("missing")), probe=p.digest, variant=p.variant)
                for p in job.probes
            }
            yield Run(job.id, evidence=evidence, notebook=job.notebook, tier="fake", seconds=1.0, cpu_seconds=0.5)
            self.after(job)

    def environment(self, least: str = TIERS[0]) -> str:
        return self.name


@dataclass
class FakeGradebook:
    scores: dict[tuple[str, str], float] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)
    manual: dict[tuple[str, str], float] = field(default_factory=dict)

    def record(self, done: Sequence[Graded]) -> None:
        for report in (graded.report for graded in done):
            self.writes.append(report.student)
            if report.lost:
                self.lost[report.student] = report.lost
                continue
            self.lost.pop(report.student, None)
            for exercise, verdict in report.verdicts.items():
                if verdict.score is not None:
                    self.scores[report.student, exercise] = verdict.score * report.points[exercise]

    def standing(self, assignment: str, seals: Mapping[str, str]) -> set[str]:
        return set()

    def by_hand(self, assignment: str) -> Mapping[tuple[str, str], float]:
        return self.manual


TOML = """\
[course]
id = "tiny"
title = "A tiny course"
setting = "full"
salt = "test"

[assignments.sums]
title = "Sums"
"""

DOUBLE = """
from random import Random
from typing import Any

from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise
from autograder.types import Misconception, Params, Slips


def draw(rng: Random) -> dict[str, Any]:
    return {"n": rng.randint(1000, 1999)}


def double(params: Params, slips: Slips = frozenset()) -> int:
    return int(params["n"] + 2 if "plus" in slips else params["n"] * 2)


exercise = Exercise(
    id="double", title="Double", points=3, prompt="What is twice {n}?", params=draw, key=double, pool=20,
    effort=lambda params: 1, checker=Numeric(exact=True),
    misconceptions=(Misconception("plus", "Twice means times two, not plus two."),),
)
"""

SEVEN = """
from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise

exercise = Exercise(
    id="seven", title="Seven", points=1, prompt="What is 3 + 4?",
    key=lambda params, slips: 7, checker=Numeric(exact=True),
)
"""


def code(source: str, **metadata: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
    return made


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    spec = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    numbered = [{**cell, "id": f"cell-{i}"} for i, cell in enumerate(cells)]
    return {"cells": numbered, "metadata": spec, "nbformat": 4, "nbformat_minor": 5}


SUMS = notebook(
    {"cell_type": "markdown", "metadata": {}, "source": "# Sums"},
    code('from handin import ask, check\nme = ""'),
    code('ask("double")'),
    code('twice = ...\n### BEGIN SOLUTION\ntwice = ask("double")["n"] * 2\n### END SOLUTION'),
    code('check("double", twice)'),
    code('ask("seven")'),
    code("total = ...\n### BEGIN SOLUTION\ntotal = 7\n### END SOLUTION"),
    code('check("seven", total)'),
)


def tiny_course(root: Path, **files: str) -> Path:
    """Write the tiny course under root; files replace or add course/<name>, as in sums__seven="..."."""
    content = {"course.toml": TOML, "sums/double.py": DOUBLE, "sums/seven.py": SEVEN}
    content |= {f"{name.replace('__', '/')}.py": text for name, text in files.items()}
    for name, text in content.items():
        path = root / "course" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    source = root / "source" / "sums" / "sums.ipynb"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(json.dumps(SUMS), "utf-8")
    return root


def submit(
    root: Path, student: str, content: bytes | dict[str, Any], name: str = "sums", assignment: str = "sums"
) -> Path:
    path = root / "submitted" / student / assignment / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path

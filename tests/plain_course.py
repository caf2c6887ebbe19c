"""A small course as nbgrader's users write it: notebooks with cells of asserts, nothing of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograder.course import load_course
from autograder.exercise import Exercise
from tests.fakes import notebook

TOML = """\
[course]
id = "old"
title = "Loops and lists"
setting = "full"
salt = "2026"

[assignments.loops]
title = "Loops"
plain = true

[assignments.loops.limits]
cell_seconds = 10
seconds = 60
"""

HIDDEN_LINE = "assert squares(range(5)) == [0, 1, 4, 9, 16], 'an iterator is fine, too'"

TESTS = f"""\
assert squares([1, 2]) == [1, 4], "1 and 2 become 1 and 4"
### BEGIN HIDDEN TESTS
{HIDDEN_LINE}
secret_of_mine = squares([12345])
assert secret_of_mine == [152399025]
### END HIDDEN TESTS"""

PARTIAL = """\
points = 0
if mean([1, 2, 3]) == 2:
    points += 1
if mean([]) == 0:
    points += 0.5
points"""


def cell(kind: str, source: str, grade_id: str = "", points: float | None = None, *, solution: bool = False,
         task: bool = False, locked: bool = False) -> dict[str, Any]:  # fmt: skip
    made: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source}
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    if grade_id:
        about = {
            "grade": points is not None and not task, "grade_id": grade_id, "locked": locked, "schema_version": 3,
            "solution": solution, "task": task,
        }  # fmt: skip
        made["metadata"]["nbgrader"] = about | ({} if points is None else {"points": points})
    return made


def loops() -> dict[str, Any]:
    return notebook(
        cell("markdown", "# Loops\n\nA loop repeats."),
        cell("code", "import math", "imports", locked=True),
        cell("markdown", "## Squares\n\nWrite a function that squares every number of a list."),
        cell(
            "code",
            'def squares(numbers):\n    """Square each."""\n    ### BEGIN SOLUTION\n'
            "    return [n * n for n in numbers]\n    ### END SOLUTION",
            "squares",
            solution=True,
        ),
        cell("code", TESTS, "test-squares", 4, locked=True),
        cell("markdown", "## Mean"),
        cell(
            "code",
            "def mean(numbers):\n    ### BEGIN SOLUTION\n    return sum(numbers) / len(numbers) if numbers else 0\n"
            "    ### END SOLUTION",
            "mean",
            solution=True,
        ),
        cell("code", PARTIAL, "test-mean", 1.5, locked=True),
        cell("markdown", "## In words\n\nWhy is a list comprehension shorter?"),
        cell("markdown", "### BEGIN SOLUTION\nIt needs no append.\n### END SOLUTION", "why", 2, solution=True),
        cell("code", "### BEGIN SOLUTION\nprint(squares([3]))\n### END SOLUTION", "show", 1, solution=True),
        cell("markdown", "### A task\n\nAdd a cell that plots the squares.", "plot", 3, task=True, locked=True),
    )


def plain_course(root: Path, **more: dict[str, Any]) -> Path:
    """Write the course under root; `more` notebooks stand beside loops.ipynb."""
    for name, content in {"loops": loops(), **more}.items():
        path = root / "source" / "loops" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), "utf-8")
    (root / "course").mkdir(parents=True, exist_ok=True)
    (root / "course" / "course.toml").write_text(TOML, "utf-8")
    return root


def plain_exercises() -> Mapping[str, Exercise]:
    """What the loader makes of the course."""
    with TemporaryDirectory() as folder:
        return load_course(plain_course(Path(folder))).assignment("loops").exercises

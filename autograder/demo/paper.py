"""A student's notebook in the making: a worked solution, edited the way that students edit."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

from autograder.cells import source
from autograder.forms import CHECK

Cell = dict[str, Any]
_ANSWER = re.compile(r"""check\(\s*["'][^"']+["']\s*,\s*([A-Za-z_]\w*)""")


class Paper:
    """Cells are found by the exercise that they belong to, as a student sees them: ask, work, check."""

    def __init__(self, notebook: dict[str, Any]) -> None:
        self.notebook = deepcopy(notebook)
        self.cells: list[Cell] = self.notebook["cells"]

    def check_cell(self, exercise: str) -> Cell:
        return next(c for c in self.cells if c["cell_type"] == "code" and exercise in CHECK.findall(source(c)))

    def work_cell(self, exercise: str) -> Cell:
        """The code cell before the check cell: where the student works."""
        end = self.cells.index(self.check_cell(exercise))
        return next(c for c in reversed(self.cells[:end]) if c["cell_type"] == "code")

    def prose_cell(self, exercise: str) -> Cell:
        return next(c for c in self.cells if c["metadata"].get("nbgrader", {}).get("grade_id") == exercise)

    def variable(self, exercise: str) -> str:
        """The name that the check cell hands in."""
        match = _ANSWER.search(source(self.check_cell(exercise)))
        assert match, f"the check cell of {exercise} hands in no variable"
        return match.group(1)

    def answer(self, exercise: str, expression: str) -> None:
        """Hand in an expression instead; lines before its last one come first.

        What the work cell defined before stays, because later cells may use it.
        """
        *before, last = expression.strip("\n").split("\n")
        cell = self.work_cell(exercise)
        cell["source"] = "\n".join([source(cell), "", *before, f"{self.variable(exercise)} = {last}"])

    def write(self, exercise: str, text: str) -> None:
        """Replace what the work cell holds."""
        self.work_cell(exercise)["source"] = text

    def prepend(self, exercise: str, text: str) -> None:
        cell = self.work_cell(exercise)
        cell["source"] = f"{text}\n{source(cell)}"

    def say(self, exercise: str, text: str) -> None:
        self.prose_cell(exercise)["source"] = text

    def insert_before(self, exercise: str, text: str) -> None:
        """Add a code cell of the student's own before the work cell."""
        at = self.cells.index(self.work_cell(exercise))
        self.cells.insert(at, code_cell(text, f"added-{at}"))

    def insert_after(self, exercise: str, text: str) -> None:
        at = self.cells.index(self.check_cell(exercise)) + 1
        self.cells.insert(at, code_cell(text, f"added-{at}"))

    def to_bytes(self) -> bytes:
        return json.dumps(self.notebook, indent=1, ensure_ascii=False).encode() + b"\n"


def code_cell(text: str, name: str) -> Cell:
    return {"cell_type": "code", "id": name, "metadata": {}, "source": text, "outputs": [], "execution_count": None}

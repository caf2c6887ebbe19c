"""Plain nbgrader notebooks, taken over as they are: their graded cells become exercises.

Nothing is written into such notebooks. Their hidden tests are kept with the release, where only the grader reads.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder import ipynb
from autograder.checkers.asserts import Asserts, ByHand
from autograder.digest import digest
from autograder.errors import Fault
from autograder.exercise import Exercise

BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
"""nbgrader's own words, as long as its configuration says nothing else."""

Notebooks = Mapping[str, Mapping[str, Any]]
"""nbformat 4 JSON, by name without .ipynb."""

_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Cell:
    """A graded cell of a notebook."""

    number: int  # counted from 1
    id: str
    title: str  # the heading above it
    kind: str  # code or markdown
    source: str
    points: Any
    tests: bool  # judged by what it does when it runs
    task: bool

    @property
    def given(self) -> str:
        return without_hidden(self.source)


def graded(notebook: Mapping[str, Any]) -> Iterator[Cell]:
    heading = ""
    for number, cell in enumerate(notebook["cells"], start=1):
        source, kind = ipynb.text(cell.get("source")), str(cell.get("cell_type"))
        about = nbgrader(cell)
        if kind == "markdown" and not about.get("solution"):
            heading = (_HEADING.findall(source) or [heading])[-1]
        task, grade = bool(about.get("task")), bool(about.get("grade"))
        if grade or task:
            tests = kind == "code" and grade and not about.get("solution")
            name = about.get("grade_id")
            yield Cell(number, name if isinstance(name, str) else "", heading, kind, source, about.get("points"), tests,
                       task and not grade)  # fmt: skip


def nbgrader(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = cell.get("metadata")
    about = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    return about if isinstance(about, Mapping) else {}


def without_hidden(source: str) -> str:
    """Return the source without its hidden tests, as nbgrader's ClearHiddenTests leaves it."""
    kept, hidden = [], False
    for line in source.split("\n"):
        if BEGIN in line:
            hidden = True
        elif END in line:
            hidden = False
        elif not hidden:
            kept.append(line)
    return "\n".join(kept)


# -- loading -----------------------------------------------------------------------------------------------------------


def names(folder: Path) -> tuple[str, ...]:
    """Return the notebooks of a folder, as nbgrader finds them."""
    return tuple(sorted(path.stem for path in folder.glob("*.ipynb") if not path.name.startswith(".")))


def read(folder: Path, notebooks: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the notebooks that can be read; `exercises` reports the others."""
    found = {}
    for name in notebooks:
        try:
            content = json.loads((folder / f"{name}.ipynb").read_bytes())
        except (FileNotFoundError, ValueError):
            continue
        if isinstance(content, dict) and isinstance(content.get("cells"), list):
            found[name] = content
    return found


def exercises(
    root: Path, assignment: str, notebooks: Sequence[str], faults: list[Fault]
) -> dict[str, tuple[Path, Exercise]]:
    """Return an exercise for each graded cell, by grade id, with the file of its notebook."""
    folder = root / "source" / assignment
    sources = read(folder, notebooks)
    found: dict[str, tuple[Path, Exercise]] = {}
    for name in notebooks:
        shown = f"source/{assignment}/{name}.ipynb"
        if name not in sources:
            faults.append(Fault(shown, "", "the notebook is missing, or is none.", "Save it again from JupyterLab."))
            continue
        faults.extend(_unpaired(shown, sources[name]))
        for cell in graded(sources[name]):
            wrong = list(_faults(shown, cell))
            if not wrong and cell.id in found:
                first = found[cell.id][0].name
                wrong = [Fault(shown, cell.id, f"cell {cell.number} has a grade id that another one in {first} has.",
                               "Give one of them another, before the assignment is released.")]  # fmt: skip
            faults.extend(wrong)
            if not wrong:
                found[cell.id] = (folder / f"{name}.ipynb", _exercise(cell))
    if not found:
        faults.append(Fault(f"source/{assignment}/", "", "it has no notebook with a graded cell.",
                            "Mark cells in JupyterLab: nbgrader's Create Assignment."))  # fmt: skip
    return _titled(found)


def _exercise(cell: Cell) -> Exercise:
    points, source = float(cell.points), cell.source
    return Exercise(
        id=cell.id,
        title=cell.title or cell.id,
        points=points,
        prompt="",  # the notebook says it
        key=(lambda params, slips: points) if cell.tests else (lambda params, slips: source),
        checker=Asserts() if cell.tests else ByHand(),
        fixed=_params(cell, cell.given) if cell.tests else {},
    )


def _titled(found: Mapping[str, tuple[Path, Exercise]]) -> dict[str, tuple[Path, Exercise]]:
    """Number the exercises below one heading, so that their titles differ."""
    seen: dict[str, int] = {}
    titled = {}
    for name, (path, exercise) in found.items():
        number = seen[exercise.title] = seen.get(exercise.title, 0) + 1
        title = exercise.title if number == 1 else f"{exercise.title} ({number})"
        titled[name] = (path, replace(exercise, title=title))
    return titled


def _faults(file: str, cell: Cell) -> Iterator[Fault]:
    if not _ID.fullmatch(cell.id):
        yield Fault(file, cell.id[:64], f"cell {cell.number} is graded, and its grade id is {cell.id!r}.",
                    "Give it one of letters, digits, - and _, at most 64.")  # fmt: skip
    points = cell.points
    if isinstance(points, bool) or not isinstance(points, int | float) or not 0 <= points < math.inf:
        yield Fault(file, cell.id[:64], f"cell {cell.number} is worth {points!r} points.",
                    "Give it a number, 0 or more.")  # fmt: skip


def _unpaired(file: str, notebook: Mapping[str, Any]) -> Iterator[Fault]:
    tests = {cell.number for cell in graded(notebook) if cell.tests}
    for number, cell in enumerate(notebook["cells"], start=1):
        marks = [line for line in ipynb.text(cell.get("source")).split("\n") if BEGIN in line or END in line]
        if marks and number not in tests:
            yield Fault(file, "", f"cell {number} holds hidden tests, but is no cell of tests.",
                        "Mark it as “Autograder tests”, or move them.")  # fmt: skip
        elif [BEGIN in line for line in marks] != [True, False] * (len(marks) // 2):
            yield Fault(file, "", f"cell {number} opens hidden tests and does not close them, or the reverse.",
                        f"Pair ### {BEGIN} with ### {END}: else they are released.")  # fmt: skip


# -- releasing ---------------------------------------------------------------------------------------------------------


def version(salt: Sequence[str], sources: Notebooks) -> str:
    """Name what students get, and the term.

    Points and hidden tests are left out: a hidden test that is corrected holds for whoever fetched the assignment
    before, as a corrected key does.
    """
    cells = {
        name: [[c.get("cell_type"), nbgrader(c).get("grade_id"), without_hidden(ipynb.text(c.get("source"))),
                c.get("attachments", {})] for c in notebook["cells"]]
        for name, notebook in sources.items()
    }  # fmt: skip
    return digest([list(salt), cells])


def record(
    exercises: Mapping[str, Exercise],
    sources: Mapping[str, Mapping[str, Any]],
    released: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return what is kept with a release and never given out: what each cell asks, and the cells with hidden tests."""
    whole = {cell.id: cell for notebook in sources.values() for cell in graded(notebook)}
    questions, tests = {}, {}
    for cell in (cell for notebook in released.values() for cell in graded(notebook) if cell.id in exercises):
        asked = _params(whole.get(cell.id, cell), cell.source)
        entry = {"params": asked, "shown": {}, "digest": digest([cell.id, asked])}
        exercise = exercises[cell.id]
        questions[cell.id] = {
            "title": exercise.title, "points": exercise.points, "kind": exercise.checker.kind, "form": {},
            "prompt": cell.source, "pool": [entry],
        }  # fmt: skip
        if asked.get("hidden"):
            tests[cell.id] = whole[cell.id].source
    return {"questions": {"exercises": questions, "salt": ""}, "tests": tests}


def _params(cell: Cell, given: str) -> dict[str, Any]:
    if cell.tests:
        return {"given": given, "hidden": given != cell.source, "tests": digest(cell.source)}
    return {} if cell.task else {"given": given}

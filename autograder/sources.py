"""The notebooks under source/, and what is wrong with them beside the exercises that they ask."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder.cells import ASK, BEGIN, END, released, source
from autograder.course import Assignment, Course
from autograder.errors import Fault
from autograder.exercise import Exercise
from autograder.forms import CHECK
from autograder.marks import carries_points, counted, exercise_of, mark


def read_sources(course: Course, assignment: Assignment) -> tuple[dict[str, dict[str, Any]], list[Fault]]:
    found, faults = {}, []
    for name in assignment.notebooks:
        path = course.root / "source" / assignment.id / f"{name}.ipynb"
        shown = f"source/{assignment.id}/{name}.ipynb"
        try:
            content = json.loads(path.read_bytes())
            if not _is_notebook(content):
                raise ValueError("it has no list of cells, as notebooks of format 4 have")
            found[name] = content
        except FileNotFoundError:
            faults.append(
                Fault(
                    shown,
                    "",
                    "the notebook is missing.",
                    "Make it in JupyterLab, or correct `notebooks` in course.toml.",
                )
            )
        except ValueError as error:
            faults.append(Fault(shown, "", f"it is no notebook: {error}.", "Save it again from JupyterLab."))
    return found, faults


def _is_notebook(content: Any) -> bool:
    cells = content.get("cells") if isinstance(content, dict) and "metadata" in content else None
    return isinstance(cells, list) and all(isinstance(c, dict) and "cell_type" in c for c in cells)


def notebook_faults(assignment: Assignment, notebooks: Mapping[str, Mapping[str, Any]]) -> list[Fault]:
    """Every exercise is asked and has one grade cell, every such cell an exercise, and every solution region an end."""
    faults: list[Fault] = []
    asked: set[str] = set()
    checked: set[str] = set()
    for name, notebook in notebooks.items():
        shown = f"source/{assignment.id}/{name}.ipynb"
        for number, cell in enumerate(notebook["cells"], start=1):
            faults.extend(_cell_faults(shown, number, cell))
            asks = ASK.findall(released(cell)) if cell["cell_type"] == "code" else []
            exercise = exercise_of(cell, assignment.exercises)
            for unknown in {*asks, *([exercise] if exercise else [])} - assignment.exercises.keys():
                faults.append(
                    Fault(shown, unknown, f"cell {number} names it, but course/{assignment.id}/ has none such.",
                          f"Run `autograder new exercise {assignment.id} {unknown}`, or correct the id.")
                )  # fmt: skip
            if exercise in checked:
                faults.append(_second(shown, exercise, number, cell["cell_type"]))
            asked.update(asks)
            checked.update([exercise] if exercise else [])
        faults.extend(graded_twice(shown, notebook["cells"], assignment.exercises))
    for exercise in assignment.exercises if len(notebooks) == len(assignment.notebooks) else ():
        file = f"course/{assignment.id}/{assignment.files[exercise].name}"
        place = f"a notebook under source/{assignment.id}/."
        if exercise not in checked:
            faults.append(Fault(file, exercise, "no notebook asks it: its points cannot be reached.",
                                _to_be_graded(assignment.exercises[exercise], place)))  # fmt: skip
        elif exercise not in asked:
            faults.append(Fault(file, exercise, "it is checked, but no cell shows the question.",
                                f'Add a cell with ask("{exercise}") to {place}'))  # fmt: skip
    return faults


def _to_be_graded(exercise: Exercise, place: str) -> str:
    """Say how an exercise gets the cell that earns its points: an answer in prose is known by its grade id alone."""
    if exercise.checker.kind != "text":
        return f'Add a cell with check("{exercise.id}", ...) to {place}'
    return (
        f"Add a Markdown cell for the answer to {place} In nbgrader's Create Assignment make it a manually graded "
        f"answer with the ID {exercise.id}."
    )


def _second(shown: str, exercise: str, number: int, kind: str) -> Fault:
    if kind == "code":
        return Fault(shown, exercise, f"cell {number} checks it a second time.", "Keep one check cell.")
    problem = f"cell {number} is a second cell for its answer, as a copy keeps its grade id."
    remedy = "Delete one; or, for another exercise, write its id as ID in nbgrader's Create Assignment."
    return Fault(shown, exercise, problem, remedy)


def graded_twice(shown: str, cells: Sequence[Mapping[str, Any]], exercises: Mapping[str, Exercise]) -> Iterator[Fault]:
    """Cells of no exercise that carry points under an id that is another's: what was a copy of a check cell once."""
    owners = {e: number for number, cell in enumerate(cells, start=1) if (e := exercise_of(cell, exercises))}
    for number, cell in enumerate(cells, start=1):
        about = counted(cell)
        if about is None or not carries_points(about) or exercise_of(cell, exercises) or mark(cell, exercises):
            continue
        name = str(about["grade_id"])
        if owners.setdefault(name, number) != number:
            yield Fault(shown, name, f"cell {number} carries points under the grade id of cell {owners[name]}.",
                        "Move its text into a new cell and delete it.")  # fmt: skip


def _cell_faults(shown: str, number: int, cell: Mapping[str, Any]) -> Iterator[Fault]:
    text = source(cell)
    if text.count(BEGIN) != text.count(END):
        yield Fault(shown, "", f"cell {number} opens a solution and does not close it, or the reverse.",
                    f"Pair {BEGIN} with {END}: else the answer is released.")  # fmt: skip
    checks = CHECK.findall(text) if cell.get("cell_type") == "code" else []
    if len(checks) > 1:
        yield Fault(shown, "", f"cell {number} checks two exercises.", "Give each a cell of its own.")
    for exercise in checks:
        if exercise not in CHECK.findall(released(cell)):
            yield Fault(shown, exercise, f"cell {number} checks it within a solution, which students do not get.",
                        f"Move check(...) out of it, below {END}: else its points cannot be reached.")  # fmt: skip

"""Brings notebooks and exercises together: nbgrader's metadata in source/, questions.json, and worked solutions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from autograder import plain
from autograder.course import Assignment, Course
from autograder.digest import digest
from autograder.errors import CourseError, Fault
from autograder.exercise import Exercise
from autograder.files import write_atomic
from autograder.forms import CHECK, forms, words
from autograder.forms import NAME as FORM
from autograder.release import QUESTIONS, build_questions
from autograder.wheel import student_wheel

ASK = re.compile(r"""^\s*ask\(\s*["']([^"']+)["']""", re.MULTILINE)
SOLUTION = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION[^\n]*\n?", re.MULTILINE)
_SOLVED = re.compile(r"### BEGIN SOLUTION.*?(?:### END SOLUTION|\Z)", re.DOTALL)
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Built:
    assignment: str
    version: str
    changed: tuple[str, ...]  # files written because their content is new


def build(course: Course, name: str) -> Built:
    """Write source/<name>/ in step with course/<name>/, and solutions/<name>/. CourseError with all faults."""
    assignment = course.assignment(name)
    notebooks, faults = read_sources(course, assignment)
    if assignment.plain and not faults:
        return _plain(course, assignment, notebooks)
    faults += notebook_faults(assignment, notebooks)
    if faults:
        raise CourseError(faults)
    questions = build_questions(course, assignment)
    for notebook in notebooks.values():
        for cell, metadata in zip(notebook["cells"], marks(notebook["cells"], assignment.exercises), strict=True):
            if metadata is not None:
                cell.setdefault("metadata", {})["nbgrader"] = metadata
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
        draw_forms(notebook, questions)
    # What students read decides the version; not what an editor writes around it, and not the version itself.
    cells = {
        title: [[c["cell_type"], source(c), c.get("attachments", {})] for c in n["cells"]]
        for title, n in notebooks.items()
    }
    version = digest([questions, cells])
    questions["version"] = version
    files: dict[Path, bytes] = {}
    files[course.root / "source" / name / QUESTIONS] = compact(questions)
    for title, notebook in notebooks.items():
        notebook["metadata"]["autograder"] = {"assignment": name, "version": version}
        files[course.root / "source" / name / f"{title}.ipynb"] = pretty(notebook)
        files[course.root / "solutions" / name / f"{title}.ipynb"] = pretty(worked_solution(notebook))
    files[course.root / "solutions" / name / QUESTIONS] = compact(questions)
    wheel, content = student_wheel()  # for those who work away from the hub
    files[course.root / "source" / name / wheel] = content
    return Built(name, version, _written(course, files))


def _plain(course: Course, assignment: Assignment, notebooks: Mapping[str, dict[str, Any]]) -> Built:
    """Leave source/<name>/ as it is, and write its worked solutions alone."""
    version = plain.version([course.id, course.salt], notebooks)
    files = {}
    for title, notebook in notebooks.items():
        solved = worked_solution(notebook)
        solved["metadata"]["autograder"] = {"assignment": assignment.id, "version": version}
        files[course.root / "solutions" / assignment.id / f"{title}.ipynb"] = pretty(solved)
    return Built(assignment.id, version, _written(course, files))


def _written(course: Course, files: Mapping[Path, bytes]) -> tuple[str, ...]:
    changed = []
    for path, content in files.items():
        if not path.exists() or path.read_bytes() != content:
            write_atomic(path, content)
            path.chmod(0o644)
            changed.append(path.relative_to(course.root).as_posix())
    return tuple(changed)


def draw_forms(notebook: Mapping[str, Any], questions: Mapping[str, Any]) -> None:
    """Put into the metadata what the quiz forms are drawn from, and what they say, and take out what was there."""
    cells = notebook["cells"]
    drawn = forms([released(cell) if cell["cell_type"] == "code" else "" for cell in cells], questions)
    notebook["metadata"].pop(FORM, None)
    if drawn and (spoken := words(questions)):
        notebook["metadata"][FORM] = spoken
    for number, cell in enumerate(cells):
        cell.get("metadata", {}).pop(FORM, None)
        if number in drawn:
            cell.setdefault("metadata", {})[FORM] = drawn[number]


def compact(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def pretty(notebook: Any) -> bytes:
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def source(cell: Mapping[str, Any]) -> str:
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(text)


def released(cell: Mapping[str, Any]) -> str:
    """Return the cell's source as students get it: without what lies between the marks of a solution."""
    return _SOLVED.sub("", source(cell))


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


def exercise_of(cell: Mapping[str, Any], exercises: Mapping[str, Exercise]) -> str | None:
    """Return the exercise whose grade cell this is: check("id", ...), or for prose a cell with the id as grade id."""
    if cell.get("cell_type") == "code":
        match = CHECK.search(source(cell))
        return match.group(1) if match else None
    grade_id = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
    return grade_id if grade_id in exercises and exercises[grade_id].checker.kind == "text" else None


def marks(cells: Sequence[Mapping[str, Any]], exercises: Mapping[str, Exercise]) -> list[dict[str, Any] | None]:
    """Return what nbgrader must know of each cell of a notebook; None for a cell that stays as it is.

    No two get one grade id, for nbgrader takes no such notebook. The first of those that have it keeps it, as students'
    work is found by it. What carries points is graded under its id and never gets another: graded_twice tells those.
    """
    own = [_mark(cell, exercises) for cell in cells]
    counted = {n: about for n, cell in enumerate(cells) if (about := own[n] or _counted(cell))}
    free = {n: about for n, about in counted.items() if not _carries_points(about)}
    taken = {about["grade_id"] for n, about in counted.items() if n not in free}
    names: dict[int, str] = {}
    # Those that show a question choose first: a copy that has become something else may stand above its original.
    for n in sorted(free, key=lambda n: not _asks(cells[n])):
        if (name := _kept(cells[n])) and name not in taken:
            names[n] = name
            taken.add(name)
    for n, about in free.items():
        if n not in names:
            names[n] = next(name for name in _series(about["grade_id"]) if name not in taken)
            taken.add(names[n])
    return [{**free[n], "grade_id": names[n]} if n in free and (own[n] or names[n] != free[n]["grade_id"]) else own[n]
            for n in range(len(cells))]  # fmt: skip


def _about(cell: Mapping[str, Any]) -> dict[str, Any]:
    about = cell.get("metadata", {}).get("nbgrader")
    return about if isinstance(about, dict) else {}


def _counted(cell: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the mark that a cell has without our doing, where nbgrader counts its id among the notebook's."""
    about = _about(cell)
    return about if about.get("grade_id") and any(about.get(n) for n in ("grade", "solution", "locked")) else None


def _carries_points(about: Mapping[str, Any]) -> bool:
    return bool(about.get("grade") or about.get("task"))


def _asks(cell: Mapping[str, Any]) -> str:
    """Return the usual id of a cell that shows a question; "" for any other cell."""
    asked = ASK.search(source(cell)) if cell["cell_type"] == "code" else None
    return f"{asked.group(1)}-ask" if asked else ""


def _kept(cell: Mapping[str, Any]) -> str:
    """Return the id that a cell has and may keep; "" where it has none, or that of another question than it shows."""
    name, asks = str(_about(cell).get("grade_id") or ""), _asks(cell)
    return name if not asks or re.fullmatch(rf"{re.escape(asks)}(-\d+)?", name) else ""


def _series(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def _mark(cell: Mapping[str, Any], exercises: Mapping[str, Exercise]) -> dict[str, Any] | None:
    """Return what nbgrader must know of this cell, under its usual id; None where that is none of our business."""
    exercise = exercise_of(cell, exercises)
    kind: str = cell["cell_type"]
    if exercise is not None:
        if exercise not in exercises:
            return None  # notebook_faults tells it
        prose = exercises[exercise].checker.kind == "text"
        points = exercises[exercise].points
        return {
            "grade": True,
            "grade_id": exercise,
            "locked": not prose,
            "points": int(points) if points == int(points) else points,
            "schema_version": 3,
            "solution": prose,
            "task": False,
            "cell_type": kind,
        }
    if asks := _asks(cell):
        return {
            "grade": False,
            "grade_id": asks,
            "locked": True,
            "schema_version": 3,
            "solution": False,
            "task": False,
            "cell_type": kind,
        }
    if kind == "code" and BEGIN in source(cell):
        return {
            "grade": False,
            "grade_id": "work-" + digest(source(cell))[:8],
            "locked": False,
            "schema_version": 3,
            "solution": True,
            "task": False,
            "cell_type": kind,
        }
    return None


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
        about = _counted(cell)
        if about is None or not _carries_points(about) or exercise_of(cell, exercises) or _mark(cell, exercises):
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


def worked_solution(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notebook with its solutions in place and the markers gone."""
    solved: dict[str, Any] = deepcopy(dict(notebook))
    solved["metadata"].pop(FORM, None)
    for cell in solved["cells"]:
        cell.get("metadata", {}).pop(FORM, None)  # a solution computes, or sets its variable twice
        if BEGIN in source(cell):
            cell["source"] = SOLUTION.sub("", source(cell)).rstrip("\n")
        if plain.BEGIN in source(cell):
            cell["source"] = plain.without_hidden(source(cell))
    return solved

"""What nbgrader must know of each cell of a source notebook: its marks, under ids that no two cells share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from autograder.cells import ASK, BEGIN, SHOWS, source
from autograder.digest import digest
from autograder.exercise import Exercise
from autograder.forms import CHECK


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
    own = [mark(cell, exercises) for cell in cells]
    known = {n: about for n, cell in enumerate(cells) if (about := own[n] or counted(cell))}
    free = {n: about for n, about in known.items() if not carries_points(about)}
    taken = {about["grade_id"] for n, about in known.items() if n not in free}
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


def counted(cell: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the mark that a cell has without our doing, where nbgrader counts its id among the notebook's."""
    about = _about(cell)
    return about if about.get("grade_id") and any(about.get(n) for n in ("grade", "solution", "locked")) else None


def carries_points(about: Mapping[str, Any]) -> bool:
    return bool(about.get("grade") or about.get("task"))


def _asks(cell: Mapping[str, Any]) -> str:
    """Return the usual id of a cell that shows a question; "" for any other cell."""
    asked = ASK.search(source(cell)) if cell["cell_type"] == "code" else None
    return f"{asked.group(1)}-ask" if asked else ""


def _kept(cell: Mapping[str, Any]) -> str:
    """Return the id that a cell has and may keep; "" where it has none, or that of another question than it shows."""
    name, asks = str(_about(cell).get("grade_id") or ""), _asks(cell)
    return name if not asks or (SHOWS.search(name) and SHOWS.sub("-ask", name) == asks) else ""


def _series(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def mark(cell: Mapping[str, Any], exercises: Mapping[str, Exercise]) -> dict[str, Any] | None:
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

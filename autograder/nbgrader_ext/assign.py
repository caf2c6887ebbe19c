"""generate_assignment: dates at the top, a comment for each exercise, exercises that come and go, releases kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import api, utils
from nbgrader.preprocessors import ClearSolutions as NbgraderClearSolutions
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.preprocessors import SaveCells as NbgraderSaveCells

from autograder import plain
from autograder.course import is_plain, load_course
from autograder.errors import CourseError, ReleaseError
from autograder.files import write_atomic
from autograder.nbgrader_ext.places import course_of, folder, root_of
from autograder.release import QUESTIONS, Release, keep
from autograder.schedule import schedule_of, told

DATES = "dates-of-the-assignment"
"""The id of a cell."""

STUB = {"python": "# YOUR CODE HERE"}
"""What a student starts from runs without an error; check() says kindly what is missing."""


class ClearSolutions(NbgraderClearSolutions):
    """Leaves nbgrader's own stub, an error, in plain assignments: a function may have no other line."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        untouched = is_plain(root_of(course_of(self)), resources["nbgrader"]["assignment"])
        if not untouched and "code_stub" not in self.config.ClearSolutions:
            self.code_stub = STUB
        return super().preprocess(nb, resources)


class SaveCells(NbgraderSaveCells):
    """Gives a check cell a solution cell of the same name: in nbgrader only solution cells can be commented on."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if utils.is_grade(cell):
            self._create_solution_cell(cell)
        return cell, resources

    def _create_notebook(self, nb: Any) -> None:
        """Add and withdraw exercises though there are submissions: nbgrader would refuse.

        What people wrote by hand about an exercise that goes is kept in records/withdrawn/.
        """
        try:
            notebook = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        except api.MissingEntry:
            notebook = None
        if notebook is not None and notebook.submissions:
            kinds = {
                "grade_cell": (notebook.grade_cells, self.new_grade_cells),
                "solution_cell": (notebook.solution_cells, self.new_solution_cells),
                "task_cell": (notebook.task_cells, self.new_task_cells),
                "source_cell": (notebook.source_cells, self.new_source_cells),
            }
            for kind, (old, new) in kinds.items():
                for cell in [cell for cell in old if cell.name not in new]:
                    self._withdraw(cell)
                known = {cell.name for cell in old}
                for name in new.keys() - known:
                    update = getattr(self.gradebook, f"update_or_create_{kind}")
                    update(name, self.notebook_id, self.assignment_id, **new[name])
            self.gradebook.db.expire_all()
        super()._create_notebook(nb)

    def _withdraw(self, cell: Any) -> None:
        database = self.gradebook.db
        grades = database.query(api.Grade).filter(api.Grade.cell_id == cell.id).all()
        comments = database.query(api.Comment).filter(api.Comment.cell_id == cell.id).all()
        rows = [["student", "points", "extra", "comment"]]
        rows += [[g.student.id, g.manual_score, g.extra_credit, ""]
                 for g in grades if g.manual_score is not None or g.extra_credit]  # fmt: skip
        rows += [[c.student.id, "", "", c.manual_comment] for c in comments if c.manual_comment]
        if rows[1:]:
            text = io.StringIO(newline="")
            csv.writer(text).writerows(rows)
            name = f"{cell.name}-{type(cell).__name__}.csv"
            path = root_of(course_of(self)) / "records" / "withdrawn" / self.assignment_id / name
            write_atomic(path, text.getvalue().encode())
            self.log.warning("%s was withdrawn; what people wrote about it is kept in %s", cell.name, path)
        for row in (*grades, *comments, cell):
            database.delete(row)
        database.commit()


class KeepRelease(NbGraderPreprocessor):
    """Keeps what students get, under its version, as it will be written but for the dates."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        course = course_of(self)
        assignment, name = resources["nbgrader"]["assignment"], resources["nbgrader"]["notebook"]
        place = folder(course, "release", ".", assignment)
        files = {
            path.relative_to(place).as_posix(): path.read_bytes()
            for found in sorted(utils.find_all_files(str(place), [*course.ignore, "*.ipynb"]))
            if (path := Path(found)).is_file()
        }
        records = root_of(course) / "records"
        given = _Plain(root_of(course), assignment) if is_plain(root_of(course), assignment) else None
        version = given.version if given else _version(files, assignment)
        nb.metadata["autograder"] = {"assignment": assignment, "version": version}
        converter = self.parent.parent
        last = Path(converter.notebooks[-1]).stem if converter.notebooks else name
        if name == last:
            # The others are written already, in this run or (one notebook made on its own) in an earlier one.
            others = {path.stem: json.loads(path.read_bytes()) for path in sorted(place.glob("*.ipynb"))}
            for notebook in others.values():
                notebook["cells"] = [cell for cell in notebook["cells"] if cell.get("id") != DATES]
            notebooks = others | {name: json.loads(nbformat.writes(nb))}
            notebooks = dict(sorted(notebooks.items()))
            private = given.record(notebooks) if given else {}
            keep(records, Release(assignment, version, notebooks, files, private))
        return nb, resources


class ShowDates(NbGraderPreprocessor):
    """Says below the title when the work is due. After KeepRelease: a date that moves makes no other release."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        words = ""
        with suppress(CourseError):  # `autograder check` tells it
            words = told(schedule_of(root_of(course_of(self)), resources["nbgrader"]["assignment"]))
        if words:
            nb.cells.insert(min(1, len(nb.cells)), nbformat.v4.new_markdown_cell(words, id=DATES))
        return nb, resources


class _Plain:
    """What a plain assignment's source says of its release."""

    def __init__(self, root: Path, name: str) -> None:
        course = load_course(root)
        self._assignment = course.assignment(name)
        self._sources = plain.read(root / "source" / name, self._assignment.notebooks)
        self.version = plain.version([course.id, course.salt], self._sources)

    def record(self, released: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
        return plain.record(self._assignment.exercises, self._sources, released)


def _version(files: dict[str, bytes], assignment: str) -> str:
    try:
        return str(json.loads(files[QUESTIONS])["version"])
    except (KeyError, ValueError, TypeError):
        raise ReleaseError(
            f"source/{assignment}/{QUESTIONS} is missing or cannot be read. Run `autograder build {assignment}` first."
        ) from None

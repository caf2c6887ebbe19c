"""generate_assignment: a comment for every exercise, and every release kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.preprocessors import SaveCells as NbgraderSaveCells

from autograder.errors import ReleaseError
from autograder.nbgrader_ext.places import course_of, folder, root_of
from autograder.release import QUESTIONS, Release, keep


class SaveCells(NbgraderSaveCells):
    """Gives a check cell a solution cell of the same name: in nbgrader only solution cells can be commented on."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if utils.is_grade(cell):
            self._create_solution_cell(cell)
        return cell, resources


class KeepRelease(NbGraderPreprocessor):
    """Keeps what students get, under its version. Last in the list: it sees the notebook as it will be written."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        course = course_of(self)
        assignment, name = resources["nbgrader"]["assignment"], resources["nbgrader"]["notebook"]
        place = folder(course, "release", ".", assignment)
        files = {
            path.relative_to(place).as_posix(): path.read_bytes()
            for found in sorted(utils.find_all_files(str(place), [*course.ignore, "*.ipynb"]))
            if (path := Path(found)).is_file()
        }
        version = _version(files, assignment)
        nb.metadata["autograder"] = {"assignment": assignment, "version": version}
        converter = self.parent.parent
        last = Path(converter.notebooks[-1]).stem if converter.notebooks else name
        if name == last:
            # The others are written already, in this run or (one notebook made on its own) in an earlier one.
            others = {path.stem: json.loads(path.read_bytes()) for path in sorted(place.glob("*.ipynb"))}
            notebooks = others | {name: json.loads(nbformat.writes(nb))}
            keep(root_of(course) / "records", Release(assignment, version, dict(sorted(notebooks.items())), files))
        return nb, resources


def _version(files: dict[str, bytes], assignment: str) -> str:
    try:
        return str(json.loads(files[QUESTIONS])["version"])
    except (KeyError, ValueError, TypeError):
        raise ReleaseError(
            f"source/{assignment}/{QUESTIONS} is missing or cannot be read. Run `autograder build {assignment}` first."
        ) from None

"""Brings notebooks and exercises together: nbgrader's metadata in source/, questions.json, and worked solutions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import plain
from autograder.cells import BEGIN, SOLUTION, released, source
from autograder.course import Assignment, Course
from autograder.digest import digest
from autograder.errors import CourseError
from autograder.files import write_atomic
from autograder.forms import NAME as FORM
from autograder.forms import forms, words
from autograder.marks import marks
from autograder.release import QUESTIONS, build_questions
from autograder.sources import notebook_faults, read_sources
from autograder.wheel import student_wheel


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

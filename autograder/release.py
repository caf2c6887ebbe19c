"""What students are given, version by version: notebooks, and questions.json with the pools.

Releases are kept, because a submission is judged by the release that its student fetched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.digest import digest
from autograder.errors import CourseError, Fault, ReleaseError
from autograder.exercise import Exercise
from autograder.files import replace_folder, write_atomic
from autograder.pool import make_pool
from handin.questions import place

QUESTIONS = "questions.json"
FORMAT = 1


@dataclass(frozen=True)
class Release:
    assignment: str
    version: str
    notebooks: Mapping[str, dict[str, Any]]  # nbformat 4 JSON, by name without .ipynb
    files: Mapping[str, bytes]  # what lies beside them, by relative path; questions.json is one

    @cached_property
    def questions(self) -> dict[str, Any]:
        """questions.json; ReleaseError if the release carries none."""
        try:
            content: dict[str, Any] = json.loads(self.files[QUESTIONS])
        except (KeyError, ValueError):
            raise ReleaseError(
                f"The release of {self.assignment} has no readable {QUESTIONS}. Run "
                f"`autograder build {self.assignment}`, then `nbgrader generate_assignment {self.assignment} --force`."
            ) from None
        return content

    def entry(self, exercise: str, user: str) -> dict[str, Any] | None:
        """Return the student's own {params, shown, digest}; None if the release lacks the exercise."""
        question = self.questions["exercises"].get(exercise)
        if question is None:
            return None
        pool = question["pool"]
        entry: dict[str, Any] = pool[place(self.questions["salt"], exercise, user, len(pool))]
        return entry


def build_questions(course: Course, assignment: Assignment) -> dict[str, Any]:
    """Return the content of questions.json: prompts, forms and pools. The same course gives the same content.

    CourseError with the faults of all pools that cannot be filled.
    """
    exercises: dict[str, Any] = {}
    faults: list[Fault] = []
    for exercise in assignment.exercises.values():
        try:
            exercises[exercise.id] = _question(course, assignment, exercise)
        except CourseError as error:
            file = assignment.files[exercise.id].relative_to(course.root).as_posix()
            faults.extend(replace(fault, file=file) for fault in error.faults)
    if faults:
        raise CourseError(faults)
    salt = digest([course.id, course.salt, assignment.id])
    return {"format": FORMAT, "course": course.id, "assignment": assignment.id, "salt": salt, "exercises": exercises}


def _question(course: Course, assignment: Assignment, exercise: Exercise) -> dict[str, Any]:
    seed = int.from_bytes(
        hashlib.sha256(f"{course.id}/{course.salt}/{assignment.id}/{exercise.id}".encode()).digest()[:8]
    )
    pool = [
        {
            "params": params,
            "shown": dict(exercise.show(params)) if exercise.show else {},
            "digest": digest([exercise.id, params]),
        }
        for params in make_pool(exercise, seed)
    ]
    return {
        "title": exercise.title,
        "points": exercise.points,
        "kind": exercise.checker.kind,
        "form": dict(exercise.checker.form()),
        "prompt": exercise.prompt,
        "practice": exercise.practice,
        "pool": pool,
    }


def keep(records: Path, release: Release) -> None:
    """Keep a release under its version. The same version kept again replaces it."""

    def build(folder: Path) -> None:
        for name, notebook in release.notebooks.items():
            _write(folder / "notebooks" / f"{name}.ipynb", json.dumps(notebook, indent=1).encode())
        for name, content in release.files.items():
            _write(folder / "files" / name, content)

    folder = records / "releases" / release.assignment
    replace_folder(folder / release.version, build)
    write_atomic(folder / ".newest", release.version.encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def versions(records: Path, assignment: str) -> tuple[str, ...]:
    folder = records / "releases" / assignment
    return tuple(sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))) if folder.is_dir() else ()


def load(records: Path, assignment: str, version: str) -> Release:
    folder = records / "releases" / assignment / version
    return Release(assignment, version, _notebooks(folder / "notebooks"), _files(folder / "files"))


def load_fetched(folder: Path) -> Release:
    """Read a release as a student has it: the folder that was fetched, or the exchange's that it came from."""
    notebooks = _notebooks(folder)
    if not notebooks:
        raise ReleaseError(f"{folder} holds no notebook. Give the folder of an assignment as it was fetched.")
    return Release(folder.resolve().name, "", notebooks, _files(folder))


def _notebooks(folder: Path) -> dict[str, dict[str, Any]]:
    return {p.stem: json.loads(p.read_bytes()) for p in sorted(folder.glob("*.ipynb"))}


def _files(base: Path) -> dict[str, bytes]:
    found = (p for p in sorted(base.rglob("*")) if p.is_file() and p.suffix != ".ipynb")
    return {p.relative_to(base).as_posix(): p.read_bytes() for p in found}


def newest(records: Path, assignment: str) -> Release:
    """Return the release made last; ReleaseError if the assignment was never released."""
    folder = records / "releases" / assignment
    try:
        return load(records, assignment, (folder / ".newest").read_text())
    except FileNotFoundError:
        raise ReleaseError(
            f"{assignment} was never released. Run `autograder build {assignment}`, "
            f"then `nbgrader generate_assignment {assignment}`."
        ) from None


class Releases:
    """The kept releases of one assignment, each read once however many students fetched it."""

    def __init__(self, records: Path, assignment: str) -> None:
        """ReleaseError if the assignment was never released."""
        self.newest = newest(records, assignment)
        self._folder = (records, assignment)
        self._older: dict[str, Release | None] = dict.fromkeys(versions(records, assignment))
        self._older.pop(self.newest.version, None)

    def of(self, raw: Mapping[str, bytes]) -> Release:
        """Return the release that the submitted files say they come from, if it is one of ours, else the newest.

        Submitted bytes may lie about it; they can choose among our own releases only.
        """
        # A version is 16 hex digits of a digest: it is found in bytes that carry it, and by chance in no others.
        for content in raw.values():
            if f'"{self.newest.version}"'.encode() in content:
                continue
            for version, known in self._older.items():
                if f'"{version}"'.encode() in content:
                    self._older[version] = found = known or load(*self._folder, version)
                    return found
        return self.newest

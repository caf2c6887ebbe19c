"""What students are given, version by version: notebooks, and questions.json with the pools.

Releases are kept, because a submission is judged by the release that its student fetched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.digest import digest
from autograder.errors import CourseError, Fault, ReleaseError
from autograder.exercise import Exercise
from autograder.files import replace_folder, write_atomic
from autograder.pools import Pools
from autograder.practice import sealed
from handin.questions import place

QUESTIONS = "questions.json"
PRIVATE = "private.json"
FORMAT = 1


@dataclass(frozen=True)
class Release:
    assignment: str
    version: str
    notebooks: Mapping[str, dict[str, Any]]  # nbformat 4 JSON, by name without .ipynb
    files: Mapping[str, bytes]  # what lies beside them, by relative path; questions.json is one
    private: Mapping[str, Any] = field(default_factory=dict)
    """Of a plain assignment: its questions and hidden tests (plain.record). Never released, never in a sandbox but for
    the cells that run."""

    @cached_property
    def questions(self) -> dict[str, Any]:
        """questions.json, or what stands for it in a plain assignment; ReleaseError if there is none."""
        try:
            content: dict[str, Any] = self.private.get("questions") or json.loads(self.files[QUESTIONS])
        except (KeyError, ValueError):
            raise ReleaseError(
                f"The release of {self.assignment} has no readable {QUESTIONS}. Run "
                f"`autograder build {self.assignment}`, then `nbgrader generate_assignment {self.assignment} --force`."
            ) from None
        return content

    @property
    def tests(self) -> Mapping[str, str]:
        """By grade id, the whole source of cells that were released without their hidden tests."""
        tests: Mapping[str, str] = self.private.get("tests", {})
        return tests

    @cached_property
    def cells(self) -> Mapping[str, str]:
        """Each graded cell's notebook, in the order in which students meet them."""
        found = {}
        for name, notebook in self.notebooks.items():
            for cell in notebook["cells"]:
                about = cell.get("metadata", {}).get("nbgrader", {})
                if about.get("grade_id") and (about.get("grade") or about.get("task")):
                    found[about["grade_id"]] = name
        return found

    @cached_property
    def asked(self) -> Mapping[str, Any]:
        """The questions that its notebooks hold a graded cell for."""
        return {name: question for name, question in self.questions["exercises"].items() if name in self.cells}

    @cached_property
    def content(self) -> str:
        """Names all of it. A version does so for what students read alone: the files beside it may be newer."""
        return digest([self.version, dict(self.notebooks), dict(self.files), dict(self.private)])

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
    pools = Pools(course.records, assignment.id, course.definitions(assignment))
    for exercise in assignment.exercises.values():
        try:
            exercises[exercise.id] = _question(course, assignment, exercise, pools)
        except CourseError as error:
            file = assignment.files[exercise.id].relative_to(course.root).as_posix()
            faults.extend(replace(fault, file=file) for fault in error.faults)
    pools.keep()
    if faults:
        raise CourseError(faults)
    salt = digest([course.id, course.salt, assignment.id])
    return {"format": FORMAT, "course": course.id, "assignment": assignment.id, "salt": salt, "exercises": exercises}


def _question(course: Course, assignment: Assignment, exercise: Exercise, pools: Pools) -> dict[str, Any]:
    seed = int.from_bytes(
        hashlib.sha256(f"{course.id}/{course.salt}/{assignment.id}/{exercise.id}".encode()).digest()[:8]
    )
    pool = [
        {
            "params": params,
            "shown": dict(exercise.show(params)) if exercise.show else {},
            "digest": digest([exercise.id, params]),
            **({"practice": sealed(exercise, params)} if exercise.practice else {}),
        }
        for params in pools.of(exercise, seed)
    ]
    return {
        "title": exercise.title,
        "points": exercise.points,
        "kind": exercise.checker.kind,
        "form": dict(exercise.checker.form()),
        "prompt": exercise.prompt,
        "pool": pool,
    }


def keep(records: Path, release: Release) -> None:
    """Keep a release under its version. The same version kept again replaces it."""

    def build(folder: Path) -> None:
        for name, notebook in release.notebooks.items():
            _write(folder / "notebooks" / f"{name}.ipynb", json.dumps(notebook, indent=1).encode())
        for name, content in release.files.items():
            _write(folder / "files" / name, content)
        if release.private:
            _write(folder / PRIVATE, json.dumps(release.private).encode())

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
    private = folder / PRIVATE
    return Release(
        assignment,
        version,
        _notebooks(folder / "notebooks"),
        _files(folder / "files"),
        json.loads(private.read_bytes()) if private.exists() else {},
    )


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


@dataclass(frozen=True)
class Move:
    """Staff's word that one student's work is graded by another release than the one that it came from."""

    fetched: str  # versions; a work that comes from another one is not meant
    to: str
    words: str = ""  # to the student


def moves(records: Path, assignment: str) -> dict[str, Move]:
    """Return by student who was moved."""
    try:
        content = json.loads((records / "releases" / assignment / ".moves.json").read_bytes())
    except FileNotFoundError:
        return {}
    return {student: Move(**move) for student, move in content.items()}


def keep_moves(records: Path, assignment: str, moved: Mapping[str, Move]) -> None:
    content = {student: asdict(move) for student, move in sorted(moved.items())}
    write_atomic(records / "releases" / assignment / ".moves.json", json.dumps(content, indent=1).encode())


@dataclass(frozen=True)
class Held:
    """What one student's work is measured by."""

    fetched: Release  # the work came from it
    judged: Release  # the same, unless staff moved the student
    newest: Release
    words: str = ""  # of staff, to who was moved


class Releases:
    """The kept releases of one assignment, each read once however many students fetched it."""

    def __init__(self, records: Path, assignment: str) -> None:
        """ReleaseError if the assignment was never released."""
        self.newest = newest(records, assignment)
        self.records, self.assignment = records, assignment
        self.known = versions(records, assignment)
        self._older: dict[str, Release | None] = dict.fromkeys(self.known)
        self._older.pop(self.newest.version, None)
        self._moves = moves(records, assignment)

    def held(self, student: str, raw: Mapping[str, bytes]) -> Held:
        """Return the release that the submitted files come from, and the one that they are judged by."""
        fetched = self.of(raw)
        judged = self.judged(student, fetched)
        return Held(fetched, judged, self.newest, "" if judged is fetched else self._moves[student].words)

    def judged(self, student: str, fetched: Release) -> Release:
        """Return the release that this student's work is judged by: the one it came from, or where staff moved it."""
        move = self._moves.get(student)
        if move is None or move.fetched != fetched.version or move.to not in self.known:
            return fetched
        return self.version(move.to)

    def of(self, raw: Mapping[str, bytes]) -> Release:
        """Return the release that the submitted files say they come from, if it is one of ours, else the newest.

        Submitted bytes may lie about it; they can choose among our own releases only.
        """
        # A version is 16 hex digits of a digest: it is found in bytes that carry it, and by chance in no others.
        for content in raw.values():
            if f'"{self.newest.version}"'.encode() in content:
                continue
            for version in self._older:
                if f'"{version}"'.encode() in content:
                    return self.version(version)
        return self.newest

    def version(self, version: str) -> Release:
        """Return one of the kept releases."""
        if version == self.newest.version:
            return self.newest
        self._older[version] = found = self._older[version] or load(self.records, self.assignment, version)
        return found

"""Where anything of one student lies: one list, by which it is exported and erased."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AutograderError
from autograder.files import entries, write_atomic
from autograder.keep.pages import KIND, Pages
from autograder.nbgrader_ext.places import folder, open_course
from autograder.nbgrader_ext.shelf import Shelf
from autograder.release import keep_moves, moves

STEPS = ("submitted", "autograded", "feedback")

_PER_ASSIGNMENT = {
    "runs": "", "superseded": "", "recorded": "", "reports": ".json", "receipts": ".json", "posted": ".json",
    "pages": ".json",
}  # fmt: skip
_OF_ALL = {"releases", "pools", "withdrawn", "watch", "jobs"}


def named(student: str) -> str:
    """Return the name. AutograderError where it is none, such as one that leads out of a folder."""
    if not student or "/" in student or "\0" in student or student.startswith("."):
        raise AutograderError(f"{student!a} is no student's name.")
    return student


@dataclass(frozen=True)
class Place:
    kind: str  # submitted, autograded, feedback, runs, reports ...
    assignment: str  # "" where it is not about one
    path: Path


class Traces:
    def __init__(self, root: Path, student: str) -> None:
        self.root, self.student = root, named(student)
        self.records = root / "records"
        self.course = open_course(root)
        self.shelf = Shelf(self.course)
        self._pages = Pages(self.records, self.shelf)

    def files(self) -> list[Place]:
        """Return folders and files in the course that are the student's alone."""
        found = []
        for step in STEPS:
            own = folder(self.course, step, self.student, ".")
            mine = [] if own.is_symlink() else entries(own)
            found += [Place(step, path.name, path) for path in mine] or [Place(step, "", own)]
        for kind in entries(self.records):
            if kind.name in _OF_ALL or not kind.is_dir():
                continue
            ends = [_PER_ASSIGNMENT[kind.name]] if kind.name in _PER_ASSIGNMENT else ["", ".json"]
            for assignment in entries(kind):
                found += [Place(kind.name, assignment.name, assignment / f"{self.student}{end}") for end in ends]
        found.append(Place("watch", "", self.records / "watch" / f"{self.student}.json"))
        return [place for place in found if place.path.exists() or place.path.is_symlink()]

    def emptied(self) -> list[Path]:
        """Return the student's own folders, which the assignments lie in."""
        return [own for step in STEPS if (own := folder(self.course, step, self.student, ".")).is_dir()]

    def pages(self) -> Iterator[Path]:
        """Yield feedback in the exchange. It is found by the secrets that came with submissions, so it goes first."""
        copies = [p.path for p in self.files() if p.kind in STEPS]
        copies += [time for p in self.files() if p.kind == "superseded" for time in entries(p.path)]
        copies += [found.place for found in self.shelf.arrived(self.student)]
        for copy in copies:
            yield from self._pages.of_copy(copy)
        for noted in self.files():
            if noted.kind == KIND:
                yield from self._pages.kept(noted.path)

    # -- files that tell of several students ---------------------------------------------------------------------------

    def moved(self) -> dict[str, dict[str, str]]:
        """Return by assignment what staff said when they moved the student's work to another release."""
        found = {}
        for assignment in entries(self.records / "releases"):
            if (move := moves(self.records, assignment.name).get(self.student)) is not None:
                found[assignment.name] = {"from": move.fetched, "to": move.to, "words": move.words}
        return found

    def withdrawn(self) -> Iterator[tuple[Path, list[list[str]]]]:
        """Yield files of points and comments of exercises that were taken out, with the student's rows."""
        for assignment in entries(self.records / "withdrawn"):
            for path in entries(assignment):
                if rows := [row for row in _rows(path)[1:] if row[:1] == [self.student]]:
                    yield path, rows

    def forget_shared(self) -> None:
        """Take the student out of them."""
        for assignment in self.moved():
            keep_moves(self.records, assignment, {
                student: move for student, move in moves(self.records, assignment).items() if student != self.student
            })  # fmt: skip
        for path, _ in list(self.withdrawn()):
            text = io.StringIO(newline="")
            csv.writer(text).writerows(row for row in _rows(path) if row[:1] != [self.student])
            write_atomic(path, text.getvalue().encode())


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def as_json(content: object) -> bytes:
    return json.dumps(content, indent=1, ensure_ascii=False, default=str).encode("utf-8", "replace")

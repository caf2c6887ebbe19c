"""Everything that is kept of one student, as a zip of plain files that a person can read.

Left out is what would tell a student, or a friend, something of keys or hidden inputs: notes for staff, and what
functions and models made of hidden inputs.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import AutograderError
from autograder.intake import RefusedError, take
from autograder.keep.pages import KIND
from autograder.keep.reading import Piece, Reading
from autograder.keep.traces import Traces, as_json
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.person import Person
from autograder.nbgrader_ext.shelf import Found
from autograder.store import Store, evidence_to_json

README = """\
What this course keeps of {student}
{line}

scores.csv              points for each exercise
gradebook.json          the same, with comments, times and late penalties
submissions/            what was handed in and is graded, with the time (timestamp.txt)
earlier-submissions/    what was handed in before
in-the-exchange/        what still lies where it was handed in
graded/                 the notebooks as they ran
feedback/               the pages that were shown last; open them in a browser
feedback-in-the-exchange/   all that were shown, as they can be fetched
reports/                how each answer was judged
receipts/               when each submission was first seen: its fingerprint (SHA-256), and the time
evidence/               what was read of each answer, and models that were handed over
other.json              what the grading service notes, and words of staff about a change of release

Left out: notes for staff, and what functions and models made of hidden inputs, because they tell of questions that
others are still to answer.
{left_out}"""

_TITLES = {"submitted": "submissions", "superseded": "earlier-submissions", "autograded": "graded"}


@dataclass
class Exported:
    file: Path
    files: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


def export(root: Path, student: str, target: Path) -> Exported:
    """Write the zip. AutograderError where nothing is kept of anybody so called, or target is there already."""
    traces = Traces(root, student)
    if target.exists() or not target.parent.is_dir():
        raise AutograderError(f"{target} is there already, or its folder is not. Name a new file.")
    with NbgraderGradebook(root) as book:
        about = Person(book, traces.course, student).about()
    waiting = list(traces.shelf.arrived(student))
    if not about and not traces.files() and not waiting:
        raise AutograderError(f"Nothing is kept of {student!r} in this course. Correct the name.")
    handle, beside = tempfile.mkstemp(prefix=".export-", dir=target.parent)
    scratch = Path(tempfile.mkdtemp(prefix=".export-", dir=target.parent))
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
            done = _Zip(made, Reading(scratch))
            done.write("gradebook.json", as_json(about))
            done.write("scores.csv", _scores(about).encode())
            _of_course(traces, done)
            for page in dict.fromkeys(traces.pages()):
                done.add(done.reading.file(page, f"feedback-in-the-exchange/{page.name}"))
            for found in waiting:
                _arrived(found, f"in-the-exchange/{found.place.name}", done)
            left = "".join(f"\nNot copied: {_safe(name)} ({why})" for name, why in done.reading.left_out.items())
            readme = README.format(student=student, line="=" * (27 + len(student)), left_out=left)
            done.write("README.txt", readme.encode("utf-8", "replace"))
        Path(beside).rename(target)
        return Exported(target, len(done.names), done.reading.left_out)
    except OSError as error:
        raise AutograderError(
            f"{target} could not be written ({error.strerror or error}). Make room, and run this again."
        ) from error
    finally:
        Path(beside).unlink(missing_ok=True)
        shutil.rmtree(scratch, ignore_errors=True)


@dataclass
class _Zip:
    made: zipfile.ZipFile
    reading: Reading
    names: set[str] = field(default_factory=set)

    def add(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if piece.content is not None:
                info = zipfile.ZipInfo(self._free(piece.name), _moment(piece.found.st_mtime))
                info.compress_type = zipfile.ZIP_DEFLATED
                with piece.content, self.made.open(info, "w", force_zip64=True) as member:
                    shutil.copyfileobj(piece.content, member)

    def write(self, name: str, content: bytes) -> None:
        self.made.writestr(self._free(name), content)

    def _free(self, name: str) -> str:
        name = _safe(name)
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name


def _moment(seconds: float) -> tuple[int, int, int, int, int, int]:
    """As a zip has it, which knows no time before 1980 and none after 2107."""
    at = datetime.fromtimestamp(min(max(seconds, 0.0), 4e9), UTC)
    return (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)


def _safe(name: str) -> str:
    """Return a name that every program can unpack: a student's files may be called anything."""
    kept = "".join(letter if letter.isprintable() and letter not in '\\:*?"<>|' else "_" for letter in name)
    return kept.encode("utf-8", "replace").decode()


def _of_course(traces: Traces, done: _Zip) -> None:
    other: dict[str, object] = {"moved": traces.moved()}
    for place in traces.files():
        name = f"{_TITLES.get(place.kind, place.kind)}/{place.assignment}"
        if place.path.is_symlink():
            done.reading.left_out[name] = "it is a link"
        elif place.kind == "runs":
            _evidence(traces, place.assignment, place.path, done)
        elif place.kind == "reports":
            done.write(f"{name}.json", _report(place.path.read_bytes()))
        elif place.kind == "watch":
            other["watch"] = json.loads(place.path.read_bytes())
        elif place.kind in ("recorded", KIND):
            continue  # a fingerprint, and names, of what the other files hold
        elif place.path.is_dir():
            done.add(done.reading.tree(place.path, name))
        else:
            done.add(done.reading.file(place.path, f"{name}{place.path.suffix}"))
    if rows := [[path.stem, *row[1:]] for path, row in ((p, r) for p, rows in traces.withdrawn() for r in rows)]:
        other["points and comments for exercises that were taken out"] = rows
    done.write("other.json", as_json(other))


def _arrived(found: Found, name: str, done: _Zip) -> None:
    """By way of a copy: its student can still exchange it for a link to what is nobody's."""
    copy = Path(tempfile.mkdtemp(dir=done.reading.scratch))
    try:
        if found.why:
            raise RefusedError(found.why)
        taken = take(found.place, copy, None)
    except RefusedError as error:
        done.reading.left_out[name] = str(error)
        return
    done.reading.left_out |= {f"{name}/{file}": why for file, why in taken.refused.items()}
    done.add(done.reading.tree(copy, name))


def _evidence(traces: Traces, assignment: str, place: Path, done: _Zip) -> None:
    store = Store(traces.root)
    for notebook in sorted(path for path in place.iterdir() if path.is_dir()):
        run = store.get_run(assignment, traces.student, notebook.name)
        if run is not None:
            done.write(f"evidence/{assignment}/{notebook.name}.json", evidence_to_json(run))
        for path in sorted(notebook.glob("*.keras")):
            done.add(done.reading.file(path, f"evidence/{assignment}/{notebook.name}/{path.name}"))


def _report(content: bytes) -> bytes:
    """Return a report without what is for staff."""
    report = json.loads(content)
    for verdict in report["verdicts"].values():
        verdict.pop("note", None)
    report["remarks"] = [{"student": r["student"], "cell": r["cell"]} for r in report["remarks"] if r["student"]]
    if report.get("lost"):
        report["lost"] = "it could not be graded yet"
    return as_json(report)


def _scores(about: dict[str, object]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["assignment", "exercise", "points", "of", "by_the_machine", "by_a_person", "extra"])
    assignments: dict[str, dict[str, dict[str, dict[str, object]]]] = about.get("assignments", {})  # type: ignore[assignment]
    for assignment, found in assignments.items():
        for exercise, row in found["exercises"].items():
            writer.writerow([assignment, exercise, *(row.get(name) for name in
                             ("points", "of", "by_the_machine", "by_a_person", "extra"))])  # fmt: skip
    return text.getvalue()

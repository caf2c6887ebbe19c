"""What is copied, and in which order, while `autograder watch`, nbgrader and people go on.

Nobody is asked to stop, so each part is copied at another moment. Two rules make them fit together:

- **What says that something is done is copied before that something.** A seal (records/recorded) is then older than
  the rows, reports and files that it vouches for, and never the other way round: `autograder grade` finds the seal
  broken, and records again from kept evidence. The same goes for feedback before gradebook, gradebook before what was
  run, and a run before what was submitted.
- **What only ever grows is copied after what names it**: receipts, superseded submissions and releases after
  submitted/.

The marks of `autograder watch` say "done", and so would have to be first; and they say where to go on, and so would
have to be last. They are read at both ends. What changed in between was in work, and is noted as begun: at its next
start the watcher does it again, which changes nothing that was done. What still lies in the exchange is copied at the
very end.

Releases are copied twice: before the gradebook, because their newest must not ask for rows that it has not yet; and
after the submissions, because these name them. The second time only adds.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from autograder.errors import AutograderError
from autograder.intake import RefusedError, take
from autograder.keep.archive import Writer, rights, writing
from autograder.keep.reading import Piece, Reading
from autograder.nbgrader_ext.collect import STAMP
from autograder.nbgrader_ext.database import of
from autograder.nbgrader_ext.places import open_course
from autograder.nbgrader_ext.shelf import Shelf
from autograder.watch.marks import unsettled

RECORDS = "records"
STAFF = ("course", "source", "release", "solutions")
FILES = ("nbgrader_config.py", ".secret", "tests.yml")
EXCHANGE = "exchange"

FOLLOW = True

# Folders with the depth at which something is replaced as a whole: submitted/<student>/<assignment> is 2 deep.
_DONE = {"feedback": 2, "records/recorded": 2}
_MADE = {"autograded": 2, "records/reports": 2, "records/runs": 3}
_GROWS = {"records/receipts": 2, "records/superseded": 3, "records/releases": 2}


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Made:
    file: Path
    files: int
    size: int  # before they were compressed
    left_out: dict[str, str]
    gradebook: str  # "" where there was none
    exchange: bool


def backup(root: Path, target: Path, say: Callable[[str], None] = lambda text: None) -> Made:
    """Write one file with all that cannot be made again. target: the file, or a folder for it.

    say is called with each part before it is copied.
    """
    course = open_course(root)
    now = datetime.now(UTC)
    if target.is_dir():
        target = target / f"{course.course_id or root.name}-{now:%Y%m%dT%H%M%SZ}.tar.gz"
    _require(root, target)
    database, shelf = of(course), Shelf(course)
    more: dict[str, object] = {}
    head = {
        "course": course.course_id, "made": now.isoformat(timespec="seconds"), "program": version("autograder"),
        "nbgrader": version("nbgrader"), "root": str(root), "folder": rights(root.stat()),
    }  # fmt: skip
    with writing(target, head, more) as writer:
        scratch = writer.scratch
        reading = Reading(scratch)
        marks = _marks(root)

        def add(trees: dict[str, int]) -> None:
            for name, depth in trees.items():
                say(name)
                writer.add(reading.tree(root / name, name, depth))

        above = [name for name in (RECORDS, f"{RECORDS}/watch") if (root / name).is_dir()]
        writer.add(Piece(name, (root / name).stat()) for name in above)
        shared = shelf.place is not None and os.access(shelf.place, os.R_OK | os.X_OK)
        if shared and shelf.place is not None:
            say("the exchange")
            for name in ("feedback", "outbound"):
                writer.add(reading.tree(shelf.place / name, f"{EXCHANGE}/{name}", 1))
        add(_DONE)
        add({"records/releases": 2})
        say("gradebook")
        copied = "" if database.file is not None and not database.file.exists() else database.copied_as
        if copied:
            database.save(scratch / copied)
            (piece,) = reading.file(scratch / copied, copied)
            if database.file is not None:
                piece.found = database.file.stat()  # whoever makes backups need not be who grades
            writer.add([piece])
        add(_MADE)
        add({"submitted": 2})
        add(_GROWS)
        for name in _others(root):
            add({name: 2})
            if (root / name).is_file():
                writer.add(reading.file(root / name, name))
        for name in STAFF:
            say(name)
            writer.add(reading.tree(root / name, name, 1, follow=FOLLOW))
        for name in FILES:
            writer.add(reading.file(root / name, name))
        say("what is in work")
        for name, content in unsettled(marks, _marks(root)).items():
            writer.add_bytes(f"{RECORDS}/watch/{name}", content, (root / RECORDS / "watch").stat())
        say("what was handed in")
        more["arrived"] = dict(_arrived(shelf, writer, reading, scratch)) if shared else {}
        more |= {"gradebook": copied, "exchange": shared}
    return Made(target, len(writer.files), writer.size, reading.left_out, copied, shared)


def _require(root: Path, target: Path) -> None:
    if target.exists():
        raise AutograderError(f"{target} is there already. Name another file, or a folder to put one into.")
    if not target.parent.is_dir():
        raise AutograderError(f"{target.parent} is no folder. Make it first.")
    inside = [root / name for name in (*STAFF, RECORDS, "submitted", "autograded", "feedback")]
    if any(part.resolve() in target.resolve().parents for part in inside):
        raise AutograderError(f"{target} lies in a folder that is copied itself. Name a place outside of the course.")


def _others(root: Path) -> list[str]:
    """Return what else is in records/, also what a later version puts there."""
    known = {*_DONE, *_MADE, *_GROWS, f"{RECORDS}/watch"}
    names = sorted(path.name for path in (root / RECORDS).iterdir()) if (root / RECORDS).is_dir() else []
    return [name for name in (f"{RECORDS}/{found}" for found in names) if name not in known]


def _marks(root: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted((root / RECORDS / "watch").glob("*.json")):
        try:
            found[path.name] = path.read_bytes()
        except FileNotFoundError:  # erased meanwhile
            continue
    return found


def _arrived(shelf: Shelf, writer: Writer, reading: Reading, scratch: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Add what students handed in and nobody has collected into what was copied; yield each with its time.

    When it came is known from the machine's clock alone (intake.py), which a copy cannot carry: so it is noted.
    """
    for found in shelf.arrived():
        if found.changed is None:
            reading.left_out[f"{EXCHANGE}/inbound/{ascii(found.place.name)[1:-1]}"] = found.why
            continue
        collected = writer.stamps.get(f"submitted/{found.student}/{found.assignment}", b"").decode("utf-8", "replace")
        kept = f"records/superseded/{found.assignment}/{found.student}/{found.changed:%Y%m%dT%H%M%S%f}/timestamp.txt"
        stamp = f"{found.changed:{STAMP}}"
        if collected.strip() == stamp or kept in writer.files:
            continue
        copy = Path(tempfile.mkdtemp(dir=scratch))
        name = f"{EXCHANGE}/inbound/{found.place.name}"
        try:
            taken = take(found.place, copy, None)
        except RefusedError as error:  # changed since we looked
            reading.left_out[name] = str(error)
            continue
        for file, why in taken.refused.items():
            if any(os.strerror(number) in why for number in _FULL):
                raise AutograderError(f"There is no room for {name}/{file}. No backup was written: make room.")
            reading.left_out[f"{name}/{file}"] = why
        writer.add(reading.tree(copy, name, 1))
        shutil.rmtree(copy)
        yield found.place.name, {
            "student": found.student, "assignment": found.assignment, "too_late": found.too_late,
            "changed": f"{taken.changed:{STAMP}}",
        }  # fmt: skip

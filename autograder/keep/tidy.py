"""Makes room by the policy in [course.keep], and never takes what a grade, a student or a person still needs.

Three kinds may go, and nothing else: model files (their predictions are kept, so they can still be judged), earlier
submissions, here and in the exchange, and evidence (without which judging again needs a new run). What was found,
executed and said stays, and so does all of a submission that waits for a person or was not graded yet. What a killed
program left is swept up.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from autograder.course import Course
from autograder.keep.pages import Pages
from autograder.keep.reading import is_scratch
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.places import open_course
from autograder.nbgrader_ext.shelf import Found, Shelf
from autograder.store import Store
from autograder.tables import Keep
from autograder.types import Given, Verdict

Kind = Literal["models", "superseded", "evidence"]
KINDS: tuple[Kind, ...] = ("models", "superseded", "evidence")
"""In the order in which they are missed least."""

EVIDENCE = "evidence.bin"
MODEL = ".keras"
DAY = 86_400.0


@dataclass(frozen=True)
class Piece:
    kind: Kind
    place: Path  # a file of a run, or the folder of a submission
    since: float  # seconds of the epoch
    size: int
    found: Found | None = None  # in the exchange


@dataclass
class Tidied:
    gone: list[Piece] = field(default_factory=list)
    swept: list[Path] = field(default_factory=list)
    put_back: list[Path] = field(default_factory=list)
    used: int = 0  # bytes of all that may go, before
    over: int = 0  # bytes above the quota that must stay
    stuck: list[str] = field(default_factory=list)  # what could not be removed
    held: int = 0  # its bytes

    @property
    def freed(self) -> int:
        return sum(piece.size for piece in self.gone)


def tidy(course: Course, *, dry_run: bool, now: datetime | None = None) -> Tidied:
    """Remove what the policy lets go; only say so on a dry run. Stopped at any moment, it goes on the next time."""
    moment = (now or datetime.now(UTC)).timestamp()
    done, shelf = Tidied(), Shelf(open_course(course.root))
    for path in _left_by_a_kill(course.root, moment):
        _sweep(path, done, dry_run)
    if not dry_run:
        done.stuck += map(str, shelf.sweep())
    pieces = sorted(_pieces(course, shelf), key=lambda piece: (KINDS.index(piece.kind), piece.since))
    needed = _needed(course, pieces)
    free = [piece for piece in pieces if piece.place not in needed]
    done.used = sum(piece.size for piece in pieces)
    notes = Pages(course.records, shelf)
    chosen = _chosen(free, course.keep, moment, done.used)
    for piece in chosen:
        try:
            if dry_run and piece.found is not None:
                shelf.require_rights(piece.found)  # as much as can be known beforehand
            if dry_run or _remove(piece, shelf, notes):
                done.gone.append(piece)
        except OSError as error:
            done.stuck.append(str(error.filename or piece.place))
            done.held += piece.size
    if course.keep.quota_gb is not None:
        done.over = max(0, done.used - done.freed - done.held - int(course.keep.quota_gb * 1e9))
    return done


def _chosen(free: list[Piece], keep: Keep, now: float, used: int) -> list[Piece]:
    days = {"models": keep.models_days, "superseded": keep.superseded_days, "evidence": keep.evidence_days}
    old = [p for p in free if (limit := days[p.kind]) is not None and now - p.since > limit * DAY]
    if keep.quota_gb is None:
        return old
    above = used - sum(piece.size for piece in old) - keep.quota_gb * 1e9
    for piece in free:
        if above <= 0:
            break
        if piece not in old:
            old.append(piece)
            above -= piece.size
    return old


def _pieces(course: Course, shelf: Shelf) -> Iterator[Piece]:
    for run in (course.records / "runs").glob("*/*/*"):
        try:
            since = (run / EVIDENCE).stat().st_mtime
        except OSError:  # gone already, or being replaced: it is new then
            continue
        for path in sorted(run.iterdir()):
            if path.name == EVIDENCE or path.suffix == MODEL:
                yield Piece("evidence" if path.name == EVIDENCE else "models", path, since, _size(path))
    for earlier in (course.records / "superseded").glob("*/*/*"):
        if not is_scratch(earlier.name):
            yield Piece("superseded", earlier, _handed_in(earlier), _size_of_all(earlier))
    for found in shelf.replaced():
        assert found.changed is not None, "it would not be known as replaced"
        since = found.changed.replace(tzinfo=UTC).timestamp()
        yield Piece("superseded", found.place, since, _size_of_all(found.place), found)


def _handed_in(earlier: Path) -> float:
    try:
        return datetime.strptime(earlier.name, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return earlier.stat().st_mtime


def _size_of_all(folder: Path) -> int:
    return sum(_size(path) for path in folder.rglob("*"))


def _size(path: Path) -> int:
    try:
        found = path.lstat()
    except OSError:  # its student takes it away
        return 0
    return min(found.st_size, 512 * found.st_blocks) if stat.S_ISREG(found.st_mode) else 0


def _needed(course: Course, pieces: list[Piece]) -> set[Path]:
    """Return what of runs a person or a grade still waits for."""
    places: dict[tuple[str, str], list[Path]] = {}
    for piece in pieces:
        if piece.kind != "superseded":
            assignment, student = piece.place.parts[-4:-2]
            places.setdefault((assignment, student), []).append(piece.place)
    store, needed = Store(course.root), set[Path]()
    with NbgraderGradebook(course.root) as book:
        by_hand = {name: book.given(name) for name in {assignment for assignment, _ in places}}
    for (assignment, student), paths in places.items():
        report = store.report(assignment, student)
        given = by_hand[assignment]
        if report is None or report.lost is not None or any(
            _waits(verdict, given.get((student, e))) for e, verdict in report.verdicts.items()
        ):  # fmt: skip
            needed.update(paths)
    return needed


def _waits(verdict: Verdict, given: Given | None) -> bool:
    unread = verdict.score is None if given is None else given.outdated
    return unread or verdict.failed or verdict.needs_run


def _remove(piece: Piece, shelf: Shelf, notes: Pages) -> bool:
    """Return whether it is gone. A run that has been replaced since we looked is another one, and stays.

    OSError where a submission cannot be removed.
    """
    if piece.kind == "superseded":
        if piece.found is not None:
            notes.keep(piece.found.assignment, piece.found.student, piece.place)
            return shelf.discard(piece.found)
        assignment, student = piece.place.parts[-3:-1]
        notes.keep(assignment, student, piece.place)
        shutil.rmtree(piece.place)
        return True
    try:
        fd = os.open(piece.place.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        # By descriptor: a folder that is put in its place from now on is not the one that we look at.
        if os.stat(EVIDENCE, dir_fd=fd).st_mtime != piece.since:
            return False
        os.unlink(piece.place.name, dir_fd=fd)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


_WORKSHOPS = ("records/*/.*", "records/*/*/.*", "records/*/*/*/.*", "records/runs/*/*/*/.*", "submitted/*/.*")


def _left_by_a_kill(root: Path, now: float) -> Iterator[Path]:
    """Yield what files.py had in work more than a day ago."""
    for pattern in _WORKSHOPS:
        for path in sorted(root.glob(pattern)):
            if is_scratch(path.name) and not path.is_symlink() and now - path.stat().st_mtime > DAY:
                yield path


def _sweep(path: Path, done: Tidied, dry_run: bool) -> None:
    """Remove it; but what it hides, when the kill came between two renames, goes back to its place."""
    name = path.name[1:].rpartition("-")[0]
    hidden = path / "old"
    done.swept.append(path)
    if name and hidden.is_dir() and not (target := path.with_name(name)).exists():
        done.put_back.append(target)
        if not dry_run:
            hidden.rename(target)
    if not dry_run:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

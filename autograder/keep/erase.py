"""Removes everything that is kept of one student. Stopped at any moment, it is completed by running it again.

The order is what makes that so. Feedback in the exchange is found by secrets that lie with the submissions, so it goes
first; what lies in the exchange goes before what says that it was graded, or the watcher would take it for new.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import AutograderError
from autograder.keep.restore import ASIDE
from autograder.keep.traces import Traces
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.person import Person
from autograder.schedule import schedule_of
from autograder.unchanged import assignments
from autograder.watch.alone import alone


@dataclass
class Erased:
    gone: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)  # what could not be removed, and why
    elsewhere: list[str] = field(default_factory=list)  # what is not ours to remove


def erase(root: Path, student: str, *, dry_run: bool = False) -> Erased:
    """Erase the student. AutograderError where the name is none, or `autograder watch` is at work."""
    traces, done = Traces(root, student), Erased()
    if dry_run:
        _erase(traces, done, dry_run=True)
    else:
        with alone(root / "records"):
            _erase(traces, done, dry_run=False)
    done.elsewhere = list(_elsewhere(traces))
    return done


def _erase(traces: Traces, done: Erased, *, dry_run: bool) -> None:
    for path in dict.fromkeys(traces.pages()):
        _remove(path, done, dry_run)
    arrived = [found.place for found in traces.shelf.arrived(traces.student)]
    for submission in [*arrived, *traces.shelf.set_aside(traces.student)]:
        _remove(submission, done, dry_run)
    if traces.moved() or any(True for _ in traces.withdrawn()):
        done.gone.append("what is noted in records/releases and records/withdrawn")
        if not dry_run:
            traces.forget_shared()
    places = traces.files()
    for place in [p for p in places if p.kind != "watch"]:
        _remove(place.path, done, dry_run)
    for folder in traces.emptied():
        if not dry_run and folder.is_dir():
            _remove(folder, Erased(left=done.left), dry_run)
    with NbgraderGradebook(traces.root) as book:
        person = Person(book, traces.course, traces.student)
        if person.about():
            done.gone.append("the student's rows in the gradebook")
            if not dry_run:
                person.erase()
    for place in [p for p in places if p.kind == "watch"]:
        _remove(place.path, done, dry_run)


def _remove(path: Path, done: Erased, dry_run: bool) -> None:
    if not dry_run:
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            done.left[str(path)] = error.strerror or str(error)
            return
    done.gone.append(str(path))


def _has_more_time(traces: Traces, assignment: str) -> bool:
    with suppress(AutograderError):
        return traces.student in schedule_of(traces.root, assignment).extensions
    return False


def _elsewhere(traces: Traces) -> Iterator[str]:
    """Yield what a person has to see to."""
    yield "backups: `autograder backup` keeps everybody; delete those that are older than this"
    copies = sorted(path.name for path in traces.root.glob("gradebook.db.*"))
    if copies:
        yield f"copies of the gradebook that `nbgrader db upgrade` made: {', '.join(copies)}"
    if pages := [name for name in ("reports", "grades.csv") if (traces.root / name).exists()]:
        yield f"pages and tables that were made before: {', '.join(pages)} (make them again)"
    if named := [name for name in assignments(traces.root) if _has_more_time(traces, name)]:
        yield f"the name among the extensions of {', '.join(named)} in course/course.toml"
    if left := [name for name in ("records/jobs", ASIDE) if (traces.root / name).exists()]:
        yield f"what may name or hold anybody's: {', '.join(left)} (delete it; the first is made again)"
    yield "the logs of `autograder watch`, of the desk and of the hub (journalctl), which name students"
    yield "the student's own home folder, with nbgrader's cache in it; the exchange of other machines"
    yield "the account on the hub and on this machine, and what was sent to a learning platform"

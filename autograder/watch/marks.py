"""What the watcher took on, and how far it came: records/watch/<student>.json, for after a restart.

An errand is marked before it starts and when it has ended, so one that was killed is done again. All that it does can
be done twice: what ran is kept by its key, and recording and laying feedback a second time change nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from autograder.files import write_atomic
from autograder.nbgrader_ext.collect import Arrival

Stage = Literal[
    "begun",  # taken on: to be done again if nothing else is said later
    "held",  # graded; its feedback, or all of it, is not to be handed out yet
    "done",
]

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Mark:
    arrival: str  # the folder's name in the exchange
    changed: datetime
    owner: int | None
    stage: Stage
    given: int = 0  # how often there was feedback on the assignment before it was due
    shown: bool = False  # whether there was some on this one

    def is_of(self, arrival: Arrival) -> bool:
        """A student can take a folder away, and put another one there under its name: that is another submission."""
        return (self.arrival, self.changed) == (arrival.name, arrival.changed)


class Marks:
    """All marks of a course. One writer at a time for each student."""

    def __init__(self, records: Path) -> None:
        self._folder = records / "watch"
        self._marks: dict[str, dict[str, Mark]] = {}
        self._begun: dict[str, tuple[datetime, ...]] = {}
        for path in sorted(self._folder.glob("*.json")):
            # After a power cut a file may be empty: what was graded shows elsewhere, and the rest is done again.
            with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
                content = json.loads(path.read_bytes())
                self._marks[path.stem] = {name: _mark(one) for name, one in content["assignments"].items()}
                self._begun[path.stem] = tuple(datetime.fromisoformat(moment) for moment in content["begun"])

    def of(self, student: str, assignment: str) -> Mark | None:
        return self._marks.get(student, {}).get(assignment)

    def at(self, stage: Stage) -> Iterator[tuple[str, str, Mark]]:
        """Yield students and assignments whose last mark says so."""
        for student, own in list(self._marks.items()):
            yield from ((student, name, mark) for name, mark in list(own.items()) if mark.stage == stage)

    def begin(self, arrival: Arrival, now: datetime) -> None:
        """Mark it as taken on. Done again after a restart or a failure of ours it counts once."""
        student = arrival.student
        before = self.of(student, arrival.assignment)
        again = before is not None and before.is_of(arrival)
        if not again:
            recent = (moment for moment in self._begun.get(student, ()) if moment > now - HOUR)
            self._begun[student] = (*recent, now)
        given, shown = (before.given, before.shown and again) if before is not None else (0, False)
        mark = Mark(arrival.name, arrival.changed, arrival.owner, "begun", given, shown)
        self._keep(student, arrival.assignment, mark)

    def end(self, student: str, assignment: str, stage: Stage, *, gave: bool = False, early: bool = False) -> None:
        """gave: feedback was handed out. early: before the due date, where it is counted once for each submission."""
        before = self.of(student, assignment)
        assert before is not None, "only what was begun ends"
        given = before.given + (gave and early and not before.shown)
        self._keep(student, assignment, replace(before, stage=stage, given=given, shown=before.shown or gave))

    def free_at(self, student: str, per_hour: int, now: datetime) -> datetime:
        """Return from when on another one of this student's may be taken on."""
        recent = sorted(moment for moment in self._begun.get(student, ()) if moment > now - HOUR)
        return now if len(recent) < per_hour else recent[-per_hour] + HOUR

    def _keep(self, student: str, assignment: str, mark: Mark) -> None:
        own = self._marks.setdefault(student, {})
        own[assignment] = mark
        content = {
            "begun": [moment.isoformat() for moment in self._begun.get(student, ())],
            "assignments": {name: asdict(one) | {"changed": one.changed.isoformat()} for name, one in own.items()},
        }
        write_atomic(self._folder / f"{student}.json", json.dumps(content, indent=1).encode())


def _mark(content: dict[str, Any]) -> Mark:
    if content["stage"] not in get_args(Stage):
        raise ValueError("another format")
    changed = datetime.fromisoformat(content["changed"])
    return Mark(str(content["arrival"]), changed, content["owner"], content["stage"],
                int(content.get("given", 0)), bool(content.get("shown", False)))  # fmt: skip


def unsettled(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of marks as they are now, with what changed since `before` marked as begun: it is done again."""
    found = {}
    for name, content in after.items():
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            now = json.loads(content)
            earlier = json.loads(before[name])["assignments"] if name in before else {}
            for assignment, mark in now["assignments"].items():
                if mark != earlier.get(assignment):
                    mark["stage"] = "begun"
            found[name] = json.dumps(now, indent=1).encode()
    return found

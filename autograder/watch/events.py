"""What the watcher tells staff: one event a line, to read or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Kind = Literal[
    "watching",  # ready
    "arrived",
    "superseded",  # not graded: the same student has handed in a newer one
    "postponed",  # one student's hourly share is used up
    "refused",  # nothing of it is taken: somebody else's, too large, never finished
    "graded",
    "held",  # graded, and its feedback is not to be handed out yet
    "feedback",  # lies where the student fetches it
    "lost",  # failed on our side; tried again
    "stopped",
]


@dataclass(frozen=True)
class Event:
    kind: Kind
    student: str = ""
    assignment: str = ""
    detail: str = ""
    arrival: str = ""  # the folder's name in the exchange
    numbers: Mapping[str, float] = field(default_factory=dict)  # score, max_score; seconds of each part
    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_json(self) -> str:
        numbers = {name: round(value, 4) for name, value in self.numbers.items()}
        told = {"student": self.student, "assignment": self.assignment, "arrival": self.arrival, "detail": self.detail}
        return json.dumps(
            {"time": self.time.isoformat(timespec="milliseconds"), "event": self.kind}
            | {name: value for name, value in told.items() if value}
            | numbers
        )

    def __str__(self) -> str:
        who = f"{self.student}, {self.assignment}: " if self.student else ""
        line = f"{self.time.astimezone():%Y-%m-%d %H:%M:%S}  {self.kind:<10}  {who}{self.detail}".rstrip(" :")
        # Names in an exchange are the students' to choose: nothing in them moves the cursor of a terminal.
        return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)


Tell = Callable[[Event], None]

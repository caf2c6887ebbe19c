"""A watcher of its own process that kills itself at a moment: python -m tests.watch.dying COURSE MOMENT ONCE"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course import load_course
from autograder.nbgrader_ext.exchange import Exchange
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.store import Store
from autograder.watch.events import Event
from autograder.watch.marks import Marks
from autograder.watch.watcher import Watcher
from tests.watch.hall import ReadingEngine

# A moment is before or after one of these, or when an event is told.
STEPS: dict[str, tuple[type, str]] = {
    "begin": (Marks, "begin"),
    "collect": (Exchange, "collect"),
    "keep": (Store, "put_run"),
    "report": (Store, "put_report"),
    "record": (NbgraderGradebook, "record"),
    "page": (Exchange, "write_feedback"),
    "release": (Exchange, "release_feedback"),
    "end": (Marks, "end"),
}
MOMENTS = [
    "at arrived",
    "at graded",
    "at feedback",
    *(f"{when} {step}" for step in STEPS for when in ("before", "after")),
]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(owner: type, name: str, when: str) -> None:
    real: Callable[..., Any] = getattr(owner, name)

    def step(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            die()
        real(*args, **kwargs)
        die()

    setattr(owner, name, step)


def main(root: Path, moment: str) -> None:
    when, _, step = moment.partition(" ")
    if step in STEPS:
        deadly(*STEPS[step], when)

    def tell(event: Event) -> None:
        if (when, step) == ("at", event.kind):
            die()

    Watcher(load_course(root), ReadingEngine(root), 1, tell).run(once=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

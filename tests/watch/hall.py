"""Students who hand in through a real exchange with nbgrader's own programs, and a watcher at the other end."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.apps.api import NbGraderAPI

from autograder.course import load_course
from autograder.nbgrader_ext.places import open_course
from autograder.release import newest
from autograder.types import TIERS, Evidence, Job, Run
from autograder.watch.events import Event
from autograder.watch.notice import POLL
from autograder.watch.watcher import Ended, Watcher
from tests.nbgrader_ext.school import School


@dataclass
class ReadingEngine:
    """Reads the answers out of the notebook's text; counts what it ran."""

    root: Path
    ran: list[tuple[str, int]] = field(default_factory=list)  # student, and what was handed in for `seven`
    lose: set[str] = field(default_factory=set)  # students whose worker dies
    starve: set[str] = field(default_factory=set)
    before: Callable[[Job], object] = lambda job: None

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        for job in jobs:
            self.before(job)
            total = int(re.findall(rb"total = (\d+)", job.notebook)[-1])
            self.ran.append((job.user, total))
            entry = newest(self.root / "records", "sums").entry("double", job.user)
            assert entry is not None
            given = {"double": entry["params"]["n"] * 2, "seven": total, "why": "YOUR ANSWER HERE"}
            evidence = {
                p.exercise: Evidence("ok", given[p.exercise], probe=p.digest, variant=p.variant) for p in job.probes
            }
            if job.user in self.lose:
                yield Run(job.id, lost="the worker died")
            else:
                yield Run(job.id, evidence, job.notebook, tier="fake", seconds=1.0, starved=job.user in self.starve)

    def environment(self, least: str = TIERS[0]) -> str:
        return "fake"


class Hall:
    def __init__(self, school: School, folder: Path) -> None:
        """Let an exchange be made in folder, and the assignment released into it."""
        self.school, self.root, self._homes = school, school.root, folder / "homes"
        self.exchange = folder / "exchange"
        self.exchange.mkdir()
        self.exchange.chmod(0o777)
        self.configure(f"c.Exchange.root = {str(self.exchange)!r}")
        self.configure("c.ExchangeCollect.check_owner = False")
        with school.api() as api:
            assert api.release_assignment("sums")["success"]
        self.inbound = self.exchange / "tiny" / "inbound"
        self.engine = ReadingEngine(school.root)
        self.events: list[Event] = []

    def configure(self, line: str) -> None:
        with (self.root / "nbgrader_config.py").open("a") as file:
            file.write(f"\n{line}\n")

    # -- students --------------------------------------------------------------------------------------------------

    def submit(self, student: str, total: int = 7, content: bytes | None = None, called: str = "sums") -> Path:
        """`nbgrader submit` with this answer, or this notebook. Return the folder in the exchange."""
        there = set(self.inbound.iterdir())
        notebook = self.school.fetch()
        for cell in notebook["cells"]:
            if "".join(cell["source"]).startswith("total ="):
                cell["source"] = f"total = {total}"
        home = self._home(student) / "sums"
        home.mkdir(parents=True, exist_ok=True)
        (home / f"{called}.ipynb").write_bytes(content or json.dumps(notebook).encode())
        self._as_student("Submit", student).start()
        (new,) = set(self.inbound.iterdir()) - there
        return new

    def fetch_feedback(self, student: str) -> list[str]:
        """`nbgrader fetch_feedback`: the pages of all that this student handed in, the oldest first."""
        shutil.rmtree(self._home(student) / "sums" / "feedback", ignore_errors=True)
        self._as_student("FetchFeedback", student).start()
        return [p.read_text("utf-8") for p in sorted((self._home(student) / "sums" / "feedback").rglob("*.html"))]

    def listed(self, student: str) -> list[bool]:
        """The list of assignments: whether there is feedback to fetch for each submission, the oldest first."""
        lister = self._as_student("List", student, cached=True)
        lister.init_dest()
        (found,) = lister.parse_assignments()
        return [one["has_exchange_feedback"] for one in found["submissions"]]

    def _home(self, student: str) -> Path:
        return self._homes / student

    def _as_student(self, program: str, student: str, **more: Any) -> Any:
        course = open_course(self.root)
        course.assignment_id, course.student_id = "sums", student
        api = NbGraderAPI(coursedir=course, parent=course.parent)
        return getattr(api.exchange, program)(
            coursedir=course, authenticator=api.authenticator, parent=api,
            cache=str(self._home(student) / "cache"), assignment_dir=str(self._home(student)), **more,
        )  # fmt: skip

    # -- staff -----------------------------------------------------------------------------------------------------

    def watcher(self, workers: int = 1, poll: float = POLL) -> Watcher:
        return Watcher(load_course(self.root), self.engine, workers, self.events.append, poll)

    def once(self, workers: int = 1) -> Ended:
        return self.watcher(workers).run(once=True)

    @contextmanager
    def watching(self, workers: int = 1, poll: float = POLL) -> Iterator[Watcher]:
        """Watch in a thread of its own until the block ends."""
        watcher = self.watcher(workers, poll)
        thread = threading.Thread(target=watcher.run)
        thread.start()
        try:
            self.wait("watching")
            yield watcher
        finally:
            watcher.stop()
            thread.join()

    def wait(self, kind: str, student: str = "", count: int = 1, seconds: float = 20) -> Event:
        """Wait for an event, and return it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = [e for e in self.events if e.kind == kind and e.student == student]
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.01)
        raise AssertionError(f"no {kind} of {student} within {seconds} s: {self.told()}")

    def told(self, *kinds: str) -> list[tuple[str, str]]:
        """What was told: kinds and students, in order."""
        return [(e.kind, e.student) for e in self.events if not kinds or e.kind in kinds]

    def pages(self) -> list[Path]:
        """What lies in the exchange for students to fetch."""
        return sorted((self.exchange / "tiny" / "feedback").glob("*.html"))

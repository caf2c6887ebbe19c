"""From a notebook that arrives in nbgrader's exchange to its feedback there: how long, and where the time goes.

    python -m bench.latency --submissions 20
    python -m bench.latency --assignment mnist --submissions 3
    python -m bench.latency --flood 50

A real exchange, nbgrader's own submit, and `autograder watch` as a process of its own. Worked solutions arrive one by
one, each from another student, and the next when the feedback on the one before is there. The whole is read from the
file system's clock: from the last change of the submitted folder to the page in the exchange. For a notebook that
trains, its own computation is what its cells take in a bare process that has TensorFlow already, without a sandbox.
The first submission pays for what is loaded once, and is shown apart.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from typing import Any

from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import notebook_hash

from autograder.course import Course, find_root, load_course
from autograder.data import pack
from autograder.demo.scratch import make_course, release
from autograder.nbgrader_ext.places import open_course
from bench import calibrate

PARTS = {
    "noticed": "noticed",
    "collected": "collected: taken over from the exchange",
    "run": "run: a confined kernel, and a second one for models",
    "recorded": "judged and recorded: planned, judged, gradebook",
    "page": "feedback page",
    "released": "released into the exchange",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="arithmetic")
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--flood", type=int, default=0, help="so many submissions of one more student come before")
    options = parser.parse_args()
    name = options.assignment
    with tempfile.TemporaryDirectory() as scratch:
        school = School.make(load_course(find_root(Path.cwd())), Path(scratch), name)
        packages = ", ".join(f"{p} {version(p)}" for p in ("nbgrader", "watchfiles"))
        print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}")
        print(f"{options.submissions} submissions of {name}, {options.workers} workers; seconds")
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}\n", flush=True)
        with watching(school.course.root, options.workers) as events:
            school.submit("warm-up")
            first = school.waited("warm-up", events)
            for _ in range(options.flood):
                school.submit("flooder")
            found = []
            for number in range(options.submissions):
                own = _own_computation(school.course, name, scratch)
                school.submit(student := f"student{number:03}")
                found.append(school.waited(student, events) | own)
    _show(first, found)


def _show(first: dict[str, float], found: list[dict[str, float]]) -> None:
    def row(words: str, value: Callable[[dict[str, float]], float]) -> None:
        values = [value(one) for one in found]
        shown = f"{value(first):7.3f}" if "own" not in words else f"{'':7}"
        print(f"{words:54} {shown} {statistics.median(values):7.3f} {_ninety(values):7.3f}")

    print(f"{'':54} {'first':>7} {'median':>7} {'90 %':>7}")
    for part, words in PARTS.items():
        row(words, itemgetter(part))
    row("the rest: waiting for a worker, marks", lambda one: one["whole"] - sum(one[part] for part in PARTS))
    row("WHOLE", itemgetter("whole"))
    row("whole, without the run", lambda one: one["whole"] - one["run"])
    row("of the run: kernels with the student's cells", itemgetter("kernels"))
    row("of the run: processor time", itemgetter("cpu"))
    if "own" in found[0]:
        row("its own computation, measured just before", itemgetter("own"))
        row("whole, without its own computation", lambda one: one["whole"] - one["own"])


def _ninety(values: list[float]) -> float:
    return statistics.quantiles(values, n=10, method="inclusive")[-1] if len(values) > 1 else values[0]


@dataclass
class School:
    """A course with an exchange, and its students."""

    course: Course
    exchange: Path
    home: Path
    assignment: str
    api: NbGraderAPI

    @classmethod
    def make(cls, course: Course, folder: Path, assignment: str) -> School:
        exchange, home = folder / "exchange", folder / "home"
        exchange.mkdir()
        exchange.chmod(0o777)
        here = make_course(course, folder / "course", "small")
        with (here.root / "nbgrader_config.py").open("a") as file:
            file.write(
                f"\nc.Exchange.root = {str(exchange)!r}\nc.Exchange.cache = {str(folder / 'cache')!r}\n"
                "c.ExchangeCollect.check_owner = False\n"
            )
        release(here, assignment)
        opened = open_course(here.root)
        api = NbGraderAPI(coursedir=opened, parent=opened.parent)
        done = api.release_assignment(assignment)
        if not done["success"]:
            raise SystemExit(done["error"])
        for name in here.assignment(assignment).packs:
            pack(here.root, name, here.setting)  # what is downloaded once is not what is measured
        shutil.copytree(here.root / "solutions" / assignment, home / assignment)
        return cls(here, exchange, home, assignment, api)

    def submit(self, student: str) -> None:
        opened = self.api.coursedir
        opened.assignment_id, opened.student_id = self.assignment, student
        with contextlib.chdir(self.home):
            self.api.exchange.Submit(
                coursedir=opened, authenticator=self.api.authenticator, parent=self.api, add_random_string=True
            ).start()

    def waited(self, student: str, events: queue.Queue[dict[str, Any]]) -> dict[str, float]:
        """Wait for the feedback; return the seconds of each part."""
        noticed = 0.0
        while True:
            event = events.get(timeout=1800)
            if event["event"] == "lost":
                raise SystemExit(f"The grading failed: {event['detail']}")
            if event.get("student") != student:
                continue
            if event["event"] == "arrived":
                noticed = event["noticed"]
            elif event["event"] == "feedback":
                place = self.exchange / self.course.id / "inbound" / event["arrival"]
                secret = (place / "submission_secret.txt").read_text()
                pages = [
                    place.parents[1] / "feedback" / f"{notebook_hash(secret=secret, notebook_id=n)}.html"
                    for n in self.course.assignment(self.assignment).notebooks
                ]
                whole = max(page.stat().st_ctime for page in pages) - place.stat().st_ctime
                return event | {"noticed": noticed, "whole": whole}


@contextlib.contextmanager
def watching(root: Path, workers: int) -> Iterator[queue.Queue[dict[str, Any]]]:
    """Run `autograder watch`, and yield what it tells."""
    command = [sys.executable, "-m", "autograder.cli", "watch", "--json", "--workers", str(workers)]
    events: queue.Queue[dict[str, Any]] = queue.Queue()
    with subprocess.Popen([*command, "--course", str(root)], stdout=subprocess.PIPE, text=True) as process:
        out = process.stdout
        assert out is not None

        def read() -> None:
            for line in out:
                events.put(json.loads(line))
            events.put({"event": "lost", "detail": "the watcher ended"})

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            while (event := events.get(timeout=120))["event"] != "watching":
                if event["event"] == "lost":
                    raise SystemExit(event["detail"])
            yield events
        finally:
            process.terminate()
            process.wait()
            reader.join()


def _own_computation(course: Course, name: str, scratch: str) -> dict[str, float]:
    """Return what the cells of a notebook that trains take by themselves, TensorFlow being there already."""
    assignment = course.assignment(name)
    trained = [exercise.id for exercise in assignment.exercises.values() if exercise.pack]
    if not trained:
        return {}
    held = {pack_name: pack(course.root, pack_name, course.setting) for pack_name in assignment.packs}
    runs = list(calibrate.runs(course, assignment, trained[-1], [held], range(2), scratch))
    return {"own": float(runs[-1]["seconds"])}  # the first one imports TensorFlow


if __name__ == "__main__":
    main()

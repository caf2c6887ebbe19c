"""A class that hands in within one minute, on a real JupyterHub: is anything lost, who waits, can the hub be used?

    make bench-hub                                  (or, with the hub's own Python: python -m bench.hub --students 200)

A hub of its own is started, with a course, its service and `autograder watch`. So many students, each once, hand in a
worked solution at random moments of the given seconds, with nbgrader's own submit. Their servers are not started: what
is measured is the hub, the course's service and the grading, on this one machine. Meanwhile a student opens the hub's
home, and an instructor the course's page, again and again. Then as many readers as asked for fetch their feedback.
"""

from __future__ import annotations

import argparse
import os
import platform
import pwd
import random
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import chdir
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import requests
from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import notebook_hash

from autograder.course import find_root
from autograder.hub.demo import Demo, clean, default_place_of
from autograder.hub.roles import Role, group
from autograder.nbgrader_ext.places import open_course

NAME, COURSE, ASSIGNMENT = "bench", "cnn", "arithmetic"
STUDENT, TEACHER = "aghub-b-student", "aghub-b-teacher"
PEOPLE = {
    STUDENT: [group(Role.STUDENT, COURSE)],
    TEACHER: [group(Role.INSTRUCTOR, COURSE), group(Role.STAFF, COURSE)],
}
LONGEST = 900.0  # seconds to wait for the last feedback


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--port", type=int, default=8799)
    asked = parser.parse_args()
    packages = ", ".join(f"{name} {version(name)}" for name in ("jupyterhub", "nbgrader"))
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}\n", flush=True)
    place = default_place_of(sys.executable)
    clean(place / NAME)
    demo = Demo(place, {COURSE: find_root(Path(__file__).parent)}, PEOPLE, asked.port, name=NAME)
    try:
        demo.prepare()
        with (demo.root(COURSE) / "nbgrader_config.py").open("a") as file:
            file.write("\nc.ExchangeCollect.check_owner = False  # one account hands in for all\n")
        _release(demo)
        demo.start()
        _measure(demo, asked)
    finally:
        demo.stop()
        clean(place / NAME)


def _release(demo: Demo) -> None:
    root, env = demo.root(COURSE), demo.place / "env/bin"
    for command in (["autograder", "build", ASSIGNMENT], ["nbgrader", "generate_assignment", ASSIGNMENT, "--create"],
                    ["nbgrader", "release_assignment", ASSIGNMENT]):  # fmt: skip
        owner = pwd.getpwnam(demo.account(COURSE)) if demo.real else None
        done = subprocess.run(
            [env / command[0], *command[1:]], cwd=root, capture_output=True, text=True, check=False,
            user=owner.pw_uid if owner else None, group=owner.pw_gid if owner else None,
            env={"PATH": f"{env}:/usr/bin:/bin", "HOME": owner.pw_dir if owner else str(root)},
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")


def _measure(demo: Demo, asked: argparse.Namespace) -> None:
    desk = Desk(demo)
    desk.submit("warm-up")
    desk.wait_for(["warm-up"])
    pages = [Page("the hub's home, a student", *_visitor(demo, STUDENT, "/hub/home")),
             Page("the course's page, an instructor", *_visitor(demo, TEACHER, f"/services/{COURSE}/"))]  # fmt: skip
    for page in pages:
        page.look(10)
    names = [f"student{number:04}" for number in range(asked.students)]
    stop = threading.Event()
    lookers = [threading.Thread(target=page.keep_looking, args=[stop]) for page in pages]
    for looker in lookers:
        looker.start()
    rng, begun = random.Random(7), time.monotonic()
    for name, moment in zip(names, sorted(rng.uniform(0, asked.seconds) for _ in names), strict=True):
        time.sleep(max(0.0, begun + moment - time.monotonic()))
        desk.submit(name)
    handed_in = time.monotonic() - begun
    desk.wait_for(names)
    stop.set()
    for looker in lookers:
        looker.join()
    waits = [desk.waited(name) for name in names]
    print(f"{asked.students} students handed in within {handed_in:.0f} s; feedback came for {len(waits)}")
    print(f"from handing in to feedback, seconds: {_spread(waits)}")
    print(f"overtaken by somebody who came later: {desk.overtaken(names)} of {len(names)} students, "
          f"by {desk.most_overtaken(names)} at most")  # fmt: skip
    for page in pages:
        print(f"{page.what}, seconds: before {_spread(page.before)}; meanwhile {_spread(page.during)}; "
              f"{page.failed} times it did not come")  # fmt: skip
    readers = (names * (asked.readers // len(names) + 1))[: asked.readers]
    seconds = [_timed(partial(desk.fetch_feedback, name)) for name in readers]
    print(f"{asked.readers} readers fetch their feedback, one after the other, seconds each: {_spread(seconds)}; "
          f"{len(seconds) / sum(seconds):.0f} a second")  # fmt: skip


class Page:
    """Somebody who opens a page again and again."""

    def __init__(self, what: str, session: requests.Session, url: str) -> None:
        self.what, self._session, self._url = what, session, url
        self.before: list[float] = []
        self.during: list[float] = []
        self.failed = 0

    def look(self, times: int) -> None:
        self.before += [self._once() for _ in range(times)]

    def keep_looking(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self.during.append(self._once())
            except requests.RequestException:
                self.failed += 1
            stop.wait(1.0)

    def _once(self) -> float:
        return _timed(lambda: self._session.get(self._url, timeout=60).raise_for_status())


class Desk:
    """Where students hand in: nbgrader's exchange, with nbgrader's own programs."""

    def __init__(self, demo: Demo) -> None:
        root = demo.root(COURSE)
        self._course = open_course(root)
        self._api = NbGraderAPI(coursedir=self._course, parent=self._course.parent)
        self._home = demo.folder / "handing-in"
        shutil.copytree(root / "solutions" / ASSIGNMENT, self._home / ASSIGNMENT)
        self._inbound = demo.exchange / COURSE / "inbound"
        self._feedback = demo.exchange / COURSE / "feedback"
        self._notebook = next((self._home / ASSIGNMENT).glob("*.ipynb")).stem
        self._places: dict[str, Path] = {}

    def _program(self, name: str, student: str, **more: Any) -> Any:
        self._course.assignment_id, self._course.student_id = ASSIGNMENT, student
        return getattr(self._api.exchange, name)(
            coursedir=self._course, authenticator=self._api.authenticator, parent=self._api,
            cache=str(self._home / "cache" / student), **more,
        )  # fmt: skip

    def submit(self, student: str) -> None:
        before = set(self._inbound.iterdir())
        with chdir(self._home):
            self._program("Submit", student).start()
        (self._places[student],) = set(self._inbound.iterdir()) - before

    def page(self, student: str) -> Path:
        secret = (self._places[student] / "submission_secret.txt").read_text()
        return self._feedback / f"{notebook_hash(secret=secret, notebook_id=self._notebook)}.html"

    def wait_for(self, names: Sequence[str]) -> None:
        until = time.monotonic() + LONGEST
        while missing := [name for name in names if not self.page(name).exists()]:
            if time.monotonic() > until:
                raise SystemExit(f"No feedback within {LONGEST:.0f} s for {len(missing)}, the first {missing[0]}.")
            time.sleep(0.2)

    def waited(self, name: str) -> float:
        """By the file system's clock."""
        return self.page(name).stat().st_ctime - self._places[name].stat().st_ctime

    def overtaken(self, names: Sequence[str]) -> int:
        return sum(count > 0 for count in self._counts(names))

    def most_overtaken(self, names: Sequence[str]) -> int:
        return max(self._counts(names))

    def _counts(self, names: Sequence[str]) -> list[int]:
        """For each, in the order of handing in, how many of those who came later had feedback earlier."""
        done = [self.page(name).stat().st_ctime for name in names]
        return [sum(later < mine for later in done[place + 1 :]) for place, mine in enumerate(done)]

    def fetch_feedback(self, student: str) -> None:
        folder = self._home / "reading" / student
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._program("FetchFeedback", student, assignment_dir=str(folder)).start()
        if not list(folder.rglob("*.html")):
            raise SystemExit(f"{student} found no feedback.")


def _visitor(demo: Demo, name: str, path: str) -> tuple[requests.Session, str]:
    session = requests.Session()
    page = session.get(f"{demo.url}/hub/login", timeout=30).text
    found = re.search(r'name="_xsrf" value="([^"]+)"', page)
    if not found:
        raise SystemExit("The hub's login has no form.")
    form = {"_xsrf": found[1], "username": name, "password": demo.passwords[name]}
    session.post(f"{demo.url}/hub/login?next=/hub/home", data=form, timeout=60).raise_for_status()
    shown = session.get(demo.url + path, timeout=60)
    if not shown.ok or name not in shown.text or 'type="password"' in shown.text:
        raise SystemExit(f"{name} does not see {path}: {shown.status_code}")
    return session, demo.url + path


def _timed(step: Callable[[], Any]) -> float:
    begun = time.monotonic()
    step()
    return time.monotonic() - begun


def _spread(values: Sequence[float]) -> str:
    ninety = statistics.quantiles(values, n=10, method="inclusive")[-1]
    return f"median {statistics.median(values):.3f}, 90 % {ninety:.3f}, longest {max(values):.3f}"


if __name__ == "__main__":
    main()

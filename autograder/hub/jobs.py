"""Long commands, one at a time, as processes of their own: a page starts them and reads what they print.

records/jobs/<assignment>/<action>.log, <action>.json      the last of each
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from tornado.log import app_log

from autograder.files import write_atomic

Action = Literal["check", "build", "release", "collect", "grade", "feedback", "post"]
ACTIONS: tuple[Action, ...] = ("check", "build", "release", "collect", "grade", "feedback", "post")

LONGEST = 200_000
"""Characters of a log that are shown: its end."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True)
class Job:
    assignment: str
    action: Action
    who: str
    began: str
    ended: str = ""
    code: int | None = None  # how it ended; None while it runs

    @property
    def key(self) -> tuple[str, str]:
        return self.assignment, self.action


class BusyError(Exception):
    """One runs already."""


class Jobs:
    def __init__(self, root: Path) -> None:
        self._root, self._folder = root, root / "records" / "jobs"
        self.running: Job | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, assignment: str, action: Action, who: str) -> None:
        """Begin; BusyError where another one runs. Its output is there to be read at once."""
        if self.running is not None:
            raise BusyError
        job = Job(assignment, action, who, _now())
        self._folder.joinpath(assignment).mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path(*job.key, "log").write_bytes(b"")
        self._keep(job)
        self.running = job
        self._task = asyncio.get_running_loop().create_task(self._run(job))

    def last(self, assignment: str, action: str) -> Job | None:
        """Return the last one of its kind. One that neither runs nor ended was cut off: it has the code -1."""
        try:
            job = Job(**json.loads(self._path(assignment, action, "json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        running = self.running is not None and self.running.key == job.key
        return job if job.code is not None or running else replace(job, code=-1)

    def log(self, assignment: str, action: str) -> str:
        try:
            text = self._path(assignment, action, "log").read_text("utf-8", "replace")
        except OSError:
            return ""
        return (
            text
            if len(text) <= LONGEST
            else f"(the first {len(text) - LONGEST:,} characters are not shown)\n" + (text[-LONGEST:])
        )

    def stop(self) -> None:
        """End what runs, with all that it started."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)

    async def _run(self, job: Job) -> None:
        code = 1
        try:
            with self._path(*job.key, "log").open("ab", buffering=0) as log:
                for command in commands(job.assignment, job.action):
                    log.write(f"$ {' '.join(command).replace('autograder.cli', 'autograder', 1)}\n".encode())
                    code = await self._one(command, log.fileno())
                    if code:
                        break
        except Exception as error:
            app_log.exception("%s of %s", job.action, job.assignment)
            with contextlib.suppress(OSError), self._path(*job.key, "log").open("ab") as log:
                log.write(f"\nIt could not be run: {error}\n".encode())
        finally:
            self.running, self._process = None, None
            self._keep(replace(job, ended=_now(), code=code))

    async def _one(self, command: Sequence[str], log: int) -> int:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *command, cwd=self._root, env=environment(),
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        return await self._process.wait()

    def _path(self, assignment: str, action: str, ending: str) -> Path:
        assert NAME.fullmatch(assignment), assignment
        return self._folder / assignment / f"{action}.{ending}"

    def _keep(self, job: Job) -> None:
        write_atomic(self._path(*job.key, "json"), json.dumps(asdict(job)).encode())


def commands(assignment: str, action: Action) -> list[list[str]]:
    """Return what is run, one after the other: what staff would type."""
    ours, theirs = ["autograder.cli"], ["nbgrader"]
    return {
        "check": [[*ours, "check", assignment]],
        "build": [[*ours, "build", assignment]],
        "release": [
            [*ours, "build", assignment],
            [*theirs, "generate_assignment", assignment, "--create", "--force"],
            [*theirs, "release_assignment", assignment, "--force"],
        ],
        "collect": [[*theirs, "collect", assignment, "--update"]],
        "grade": [[*ours, "grade", assignment]],
        "feedback": [
            [*theirs, "generate_feedback", assignment, "--force"],
            [*theirs, "release_feedback", assignment],
        ],
        "post": [[*ours, "post", assignment]],
    }[action]


def environment() -> dict[str, str]:
    """Return ours without what the hub gave us: a course's code has no business with the service's token."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTERHUB_")}
    programs = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return {**kept, "PATH": programs, "NO_COLOR": "1", "COLUMNS": "120", "PYTHONUNBUFFERED": "1"}


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"

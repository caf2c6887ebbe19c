"""What a machine does that runs jobs for a driver elsewhere: it makes sure that it is what the driver takes it for.

It has no course, no key, no gradebook. Whatever is wrong with it is our failure: the Run is lost, and says what to do.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import autograder
from autograder.digest import digest
from autograder.engines.runner import environment
from autograder.errors import AutograderError, DataError, SandboxError
from autograder.sandbox import tiers
from autograder.types import Job, Run

Work = Callable[[Job, bool], Run]

SAME = "Give all nodes this version of the grader, the same .kernel and the same confinement: docs/scaling.md."


@dataclass(frozen=True)
class Terms:
    """What a node must be to be given a job."""

    code: str  # of the driver
    environment: str  # that all nodes agreed on
    data: Mapping[Path, str]  # what the job reads from disk, and its content as the driver sees it
    practice: bool = False


@dataclass(frozen=True)
class Standing:
    """What a node says of itself. Without a fault it can take jobs."""

    environment: str = ""
    tier: str = ""
    fault: str = ""


def standing(code: str, least: str, practice: bool) -> Standing:
    try:
        return Standing(_environment(code, least, practice), tiers.require(practice, least).name)
    except AutograderError as error:
        return Standing(fault=str(error))


def work(job: Job, files: Mapping[str, bytes], terms: Terms, run_job: Work) -> Run:
    """Run a job, or refuse it. Never raises. files: the job's, which came by another way."""
    try:
        if _environment(terms.code, job.tier, terms.practice) != terms.environment:
            raise SandboxError(f"It would run student code in another environment than the other nodes. {SAME}")
        for path, content in terms.data.items():
            _require_data(path, content)
    except AutograderError as error:
        return Run(job.id, lost=f"the node {socket.gethostname()} refused it. {error}")
    return run_job(replace(job, files=files), terms.practice)


@cache  # found once a process; a refusal is an exception, and is looked at anew
def _environment(code: str, least: str, practice: bool) -> str:
    if code != our_code():
        raise SandboxError(f"It has another version of the grader. {SAME}")
    return environment(practice, least)


@cache
def _require_data(path: Path, content: str) -> None:
    if not content or content_of(path) != content:
        what = "differs from what the driver has there" if path.exists() else "is missing"
        raise DataError(f"{path} {what}. Share the course's data/ with all nodes, at the same path: docs/scaling.md.")


def read_from_disk(job: Job) -> Iterator[Path]:
    yield from job.packs
    yield from (probe.images for probe in job.probes if probe.images is not None)


def content_of(path: Path, pattern: str = "*") -> str:
    """Name what a file or a folder holds; "" where there is nothing."""
    found = []
    for file in sorted(file for file in (path, *path.rglob(pattern)) if file.is_file()):
        with file.open("rb") as opened:
            found.append([file.relative_to(path).as_posix(), hashlib.file_digest(opened, "sha256").hexdigest()])
    return digest(found) if found else ""


@cache
def our_code() -> str:
    return content_of(Path(autograder.__file__).parent, "*.py")

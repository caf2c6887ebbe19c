"""Runs jobs one after the other, here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograder.engines.runner import environment, run_job
from autograder.types import Job, Run


class InlineEngine:
    """The simplest engine, and the one that the others are compared with."""

    def __init__(self, practice: bool = False) -> None:
        self._practice = practice

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        for job in jobs:
            yield run_job(job, self._practice)

    def environment(self) -> str:
        return environment(self._practice)

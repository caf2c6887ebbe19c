"""Runs jobs one after the other, here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from autograder.engines.runner import environment, run_job
from autograder.types import TIERS, Job, Run


class InlineEngine:
    """The simplest engine, and the one that the others are compared with."""

    def __init__(self, practice: bool = False) -> None:
        self._practice = practice

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        # A thread, because we may be called from within an event loop: the formgrader's button does.
        with ThreadPoolExecutor(1, thread_name_prefix="job") as pool:
            for job in jobs:
                yield pool.submit(run_job, job, self._practice).result()

    def environment(self, least: str = TIERS[0]) -> str:
        return environment(self._practice, least)

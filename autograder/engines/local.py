"""Runs several jobs at a time on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from autograder.engines.runner import environment, run_job
from autograder.types import Job, Run


class LocalEngine:
    """Threads: the work is done by the kernels, which are processes of their own."""

    def __init__(self, workers: int | None = None, practice: bool = False) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._practice = practice

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """Yield runs as they finish. Jobs are taken as workers become free: a class need not fit in memory."""
        waiting = iter(jobs)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="job") as pool:
            running: set[Future[Run]] = set()
            try:
                while True:
                    for job in islice(waiting, self._workers - len(running)):
                        running.add(pool.submit(run_job, job, self._practice))
                    if not running:
                        return
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield future.result()
            finally:
                for future in running:
                    future.cancel()

    def environment(self) -> str:
        return environment(self._practice)

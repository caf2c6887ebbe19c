"""Runs several jobs at a time on this machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from autograder.engines.runner import environment, run_job
from autograder.sandbox.seat import Seat
from autograder.types import TIERS, Job, Run


class LocalEngine:
    """Threads: the work is done by the kernels, which are processes of their own."""

    def __init__(self, workers: int | None = None, practice: bool = False) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._practice = practice

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """Yield runs as they finish. Jobs are taken as workers become free: a class need not fit in memory.

        What the clock ended while others took the processors is run again at the end, alone.
        """
        waiting = iter(jobs)
        starved: list[Job] = []
        stopped = threading.Event()
        seats = threading.Semaphore(self._workers)

        def one(job: Job) -> Run:
            return run_job(job, self._practice, Seat(seats, stopped.is_set))

        # Twice as many: no seat is empty while a sandbox is made, or while a run that came back is judged.
        with ThreadPoolExecutor(2 * self._workers, thread_name_prefix="job") as pool:
            running: dict[Future[Run], Job] = {}
            try:
                while True:
                    for job in islice(waiting, 2 * self._workers - len(running)):
                        running[pool.submit(one, job)] = job
                    if not running:
                        break
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        job, run = running.pop(future), future.result()
                        if run.starved and self._workers > 1:
                            starved.append(job)
                        else:
                            yield run
                for job in starved:
                    yield pool.submit(one, job).result()
            finally:
                stopped.set()
                for future in running:
                    future.cancel()

    def environment(self, least: str = TIERS[0]) -> str:
        return environment(self._practice, least)

"""One engine for several threads: however many errands run, no more notebooks run at a time than there are workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from autograder.engines import Engine
from autograder.types import TIERS, Job, Run

STARVED = (
    "other work took the processors while it ran out of time, which must cost nobody a point. It is run again later; "
    "`autograder grade` runs it alone"
)


class SharedEngine:
    def __init__(self, engine: Engine, workers: int) -> None:
        self._engine, self._workers = engine, workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="notebook")

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        for done in as_completed([self._pool.submit(self._one, job) for job in jobs]):
            yield done.result()

    def _one(self, job: Job) -> Run:
        (run,) = self._engine.run([job])
        # To run it alone at once, as for a class, would have everybody wait for it.
        return Run(job.id, lost=STARVED) if run.starved and self._workers > 1 else run

    def environment(self, least: str = TIERS[0]) -> str:
        return self._engine.environment(least)

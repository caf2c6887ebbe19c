"""What the watcher does, as numbers for Prometheus. No names of students: who reads them may be anybody on the machine.

An assignment's name is a label only where course.toml has it. In what is refused, names are for students to choose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, start_http_server

from autograder.engines import Engine
from autograder.errors import AutograderError
from autograder.types import TIERS, Job, Run
from autograder.watch.events import Event
from autograder.watch.watcher import Waiting

BUCKETS = (0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600)

_COUNTED = ("arrived", "superseded", "postponed", "refused", "graded", "held", "feedback", "lost")


class Metrics:
    def __init__(self, course: str, version: str, tier: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        about = {"course": course, "version": version, "tier": tier}
        Info("autograder", "What runs here.", registry=self.registry).info(about)
        self._events = Counter(
            "autograder_submissions", "What became of submissions: docs/operations.md.",
            ["event", "assignment"], registry=self.registry,
        )  # fmt: skip
        for kind in _COUNTED:
            self._events.labels(kind, "")  # an alert needs a 0 to begin with
        self._runs = Counter(
            "autograder_runs", "Notebooks that were run; lost: failed on our side.", ["status"], registry=self.registry
        )
        for status in ("done", "lost"):
            self._runs.labels(status)
        self._answers = Counter(
            "autograder_answers", "What came back for exercises, by status.", ["status"], registry=self.registry
        )
        self._took = Histogram(
            "autograder_feedback_seconds", "From handing in to feedback that can be fetched.",
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._success = Gauge(
            "autograder_last_success_timestamp_seconds", "When a submission was graded last.", registry=self.registry
        )
        self._watching = Gauge("autograder_watching", "1 while submissions are taken on.", registry=self.registry)

    def tell(self, event: Event) -> None:
        if event.kind in ("watching", "stopped"):
            self._watching.set(event.kind == "watching")
            return
        self._events.labels(event.kind, "" if event.kind == "refused" else event.assignment).inc()
        if event.kind == "graded":
            self._success.set(event.time.timestamp())
        if (seconds := event.numbers.get("seconds")) is not None:
            self._took.observe(seconds)

    def counting(self, engine: Engine) -> Engine:
        """Return the engine, with what it runs counted."""
        return _Counting(engine, self._ran)

    def _ran(self, run: Run) -> None:
        self._runs.labels("done" if run.lost is None else "lost").inc()
        for evidence in run.evidence.values():
            self._answers.labels(evidence.status).inc()

    def follow(self, waiting: Callable[[], Waiting]) -> None:
        """Have the queue looked at whenever somebody asks."""
        length = Gauge(
            "autograder_waiting",
            "Submissions that wait. turn: for those before them; share: for their student's next hour; retry: we "
            "failed, and it is tried again.",
            ["why"], registry=self.registry,
        )  # fmt: skip
        length.labels("turn").set_function(lambda: float(waiting().turn))
        length.labels("share").set_function(lambda: float(waiting().share))
        length.labels("retry").set_function(lambda: float(waiting().retry))
        work = Gauge("autograder_in_work", "Submissions that are being graded.", registry=self.registry)
        work.set_function(lambda: float(waiting().in_work))
        oldest = Gauge(
            "autograder_oldest_waiting_seconds", "How long ago the first of those whose turn it is was handed in.",
            registry=self.registry,
        )  # fmt: skip
        oldest.set_function(lambda: waiting().oldest)

    def serve(self, address: str) -> None:
        """Serve them at [HOST:]PORT, on this machine alone where no host is named."""
        host, _, port = address.rpartition(":")
        try:
            start_http_server(int(port), host.strip("[]") or "127.0.0.1", self.registry)
        except (OSError, ValueError, OverflowError) as error:
            raise AutograderError(
                f"Metrics cannot be served at {address} ({error}). Name a free port, as in --metrics 9101."
            ) from error


@dataclass
class _Counting:
    engine: Engine
    ran: Callable[[Run], None]

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        for run in self.engine.run(jobs):
            self.ran(run)
            yield run

    def environment(self, least: str = TIERS[0]) -> str:
        return self.engine.environment(least)

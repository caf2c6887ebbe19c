"""Runs jobs on a Ray cluster. docs/scaling.md says how to set one up, and who may reach it.

The driver, which is whoever calls this, keeps the course, its keys and the gradebook, and alone writes. A node gets a
Job and gives back a Run. Ray would let a job do anything there: confining student code is our matter.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from autograder.engines import node
from autograder.engines.runner import TRIES, run_job
from autograder.errors import AutograderError, SandboxError
from autograder.sandbox.session import STARTUP
from autograder.types import TIERS, Job, Resources, Run

BEAT = 1.0  # seconds between two looks at the clock
REST = 60.0  # seconds that a doubtful node gets no jobs
RELEASES = 8  # whose files are kept on the nodes
ANSWER = 120.0  # seconds that a node has to say what it is
LOOK = "Look at the nodes (`ray status`), and run the same command again."


@dataclass(frozen=True)
class Sent:
    job: Job
    tries: int
    seconds: float  # that it may take to come back
    since: float = field(default_factory=time.monotonic)

    @property
    def late(self) -> bool:
        return self.since + self.seconds < time.monotonic()


class Doubtful:
    """The nodes that lost the last job they gave back, for a while: it may have been the job's fault."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def note(self, node: str, lost: bool) -> None:
        self._until.pop(node, None)
        if lost and node:
            self._until[node] = time.monotonic() + REST

    def now(self) -> list[str]:
        return [node for node, until in self._until.items() if until > time.monotonic()]


class Node(NamedTuple):
    id: str
    address: str
    cpus: int
    gpus: float


class RayEngine:
    """address: host:port, of a cluster that this machine is part of; "auto" finds one that was started on it."""

    def __init__(self, address: str = "auto", practice: bool = False, work: node.Work = run_job) -> None:
        self._address, self._practice, self._work = address, practice, work
        self._agreed: dict[str, str] = {}  # the environment of all nodes, by the least tier

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """Yield runs as they finish. Jobs are taken as processors become free: a class need not fit in memory.

        What the clock ended while others took the processors is run again at the end, with those of a whole node.
        """
        starved: list[Job] = []
        with closing(self._carry(jobs, cpus=1)) as carried:
            for job, run in carried:
                if run.starved:
                    starved.append(job)
                else:
                    yield run
        smallest = min((each.cpus for each in self._nodes()), default=1) if starved else 1
        with closing(self._carry(starved, smallest)) as carried:
            yield from (run for _, run in carried)

    def environment(self, least: str = TIERS[0]) -> str:
        """Ask every node. What the driver's own machine could run does not matter: it runs nothing."""
        ray, asked = self._connected(), dict[str, Any]()
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as Only

        for each in self._nodes():
            task = ray.remote(node.standing).options(num_cpus=0, scheduling_strategy=Only(each.id, soft=False))
            asked[each.id] = task.remote(node.our_code(), least, self._practice)
        if asked:
            ray.wait(list(asked.values()), num_returns=len(asked), timeout=ANSWER)
        # Without those that died meanwhile.
        said = [(each.address, self._said(asked[each.id])) for each in self._nodes() if each.id in asked]
        faults = [f"{address}: {one.fault}" for address, one in said if one.fault]
        if not said:
            faults.append(f"The Ray cluster at {self._address} has no node that gives a processor. Start one.")
        if len({one.environment for _, one in said if not one.fault}) > 1:
            those = "; ".join(f"{address}: {one.environment}, {one.tier}" for address, one in said)
            faults.append(f"The nodes do not run student code in the same environment ({those}). {node.SAME}")
        if faults:
            raise SandboxError("\n".join(faults))
        self._agreed[least] = said[0][1].environment
        return self._agreed[least]

    def _said(self, ref: Any) -> node.Standing:
        ray = self._connected()
        try:
            found: node.Standing = ray.get(ref, timeout=0)
            return found
        except ray.exceptions.RayError as error:
            return node.Standing(fault=f"It gives no answer ({_words(error)}). {node.SAME}")

    def _carry(self, jobs: Iterable[Job], cpus: int) -> Generator[tuple[Job, Run]]:
        """Keep the processors busy, each with `cpus` of a job, and as many jobs again in the queue.

        What is lost is sent once more. Doubtful nodes get nothing while there are others: one that can do nothing is
        the quickest, and would be given the whole queue.
        """
        ray, content = self._connected(), cache(node.content_of)
        task = ray.remote(num_cpus=cpus, max_retries=0)(work)
        waiting, running, doubtful = iter(jobs), dict[Any, Sent](), Doubtful()
        lent: dict[int, tuple[Mapping[str, bytes], Any]] = {}

        def room() -> int:
            return 2 * max(1, int(ray.cluster_resources().get("CPU", 0) / cpus))

        def send(job: Job, tries: int = 1) -> None:
            agreed = self._agreed.get(job.tier) or self.environment(job.tier)
            data = {path: content(path) for path in node.read_from_disk(job)}
            terms = node.Terms(node.our_code(), agreed, data, self._practice)
            there = task.options(**self._where(job.resources, doubtful.now()))
            sent = there.remote(replace(job, files={}), lend(job.files), terms, self._work)
            running[sent] = Sent(job, tries, bound(job, ahead=room() if job.resources.gpu else 1))

        def lend(files: Mapping[str, bytes]) -> Any:
            """Goes to each node once: all who fetched one release have the same files, larger than their work."""
            if id(files) not in lent:
                if len(lent) == RELEASES:
                    lent.clear()
                lent[id(files)] = files, ray.put(dict(files))
            return lent[id(files)][1]

        try:
            while True:
                for job in islice(waiting, max(0, room() - len(running))):
                    send(job)
                if not running:
                    return
                refs = list(running)
                done = ray.wait(refs, num_returns=len(refs), timeout=0)[0] or ray.wait(refs, timeout=BEAT)[0]
                late = [ref for ref in refs if running[ref].late and ref not in done]
                for ref in (*done, *late):
                    sent = running.pop(ref)
                    where, run = self._given_up(ref, sent) if ref in late else self._run(ref, sent)
                    doubtful.note(where, lost=run.lost is not None)
                    if run.lost and sent.tries < TRIES:
                        send(sent.job, sent.tries + 1)
                    else:
                        yield sent.job, run
        finally:
            for ref in running:
                with suppress(Exception):  # nothing is left to cancel where the cluster is gone
                    ray.cancel(ref, force=True)

    def _run(self, ref: Any, sent: Sent) -> tuple[str, Run]:
        """Return a run and the node that gave it back, "" where none did."""
        try:
            found: tuple[str, Run] = self._connected().get(ref)
            return found
        except Exception as error:  # its worker or its node died; or sent what cannot be read
            return "", Run(sent.job.id, lost=f"{_words(error)}. {LOOK}")

    def _given_up(self, ref: Any, sent: Sent) -> tuple[str, Run]:
        self._connected().cancel(ref, force=True)
        return "", Run(sent.job.id, lost=f"not back within {sent.seconds:,.0f} s. {LOOK}")

    def _where(self, asked: Resources, doubtful: Collection[str]) -> dict[str, Any]:
        """Ray's options for a job: a node with the GPU that it would wait for, and none of the doubtful; where there is
        no such node, any."""
        if not asked.gpu and not doubtful:
            return {}
        nodes = self._nodes()
        waits = asked.gpu and asked.fallback != "cpu"
        with_gpu = [each for each in nodes if each.gpus >= asked.gpu] if waits else []
        others = {each.id for each in with_gpu or nodes} - {*doubtful}
        away = {"ray.io/node-id": f"!in({','.join(doubtful)})"} if doubtful and others else {}
        return {"num_gpus": asked.gpu if with_gpu else 0, "label_selector": away}

    def _nodes(self) -> list[Node]:
        """All that take jobs; the driver's is best started with no processors, and takes none."""
        alive = [each for each in self._connected().nodes() if each["Alive"]]
        found = (
            Node(each["NodeID"], each["NodeManagerAddress"], int(of.get("CPU", 0)), of.get("GPU", 0))
            for each in alive
            for of in (each["Resources"],)
        )
        return [each for each in found if each.cpus]

    def _connected(self) -> Any:
        try:
            import ray
        except ImportError as error:
            install = "`make ray` in the grader's folder, or python -m pip install 'ray==2.60.*'"
            raise AutograderError(f"Ray is not installed here. Run {install}.") from error
        if not ray.is_initialized():
            try:
                if self._address != "auto":
                    host, _, port = self._address.rpartition(":")
                    socket.create_connection((host, int(port)), timeout=10).close()  # Ray would try for minutes
                ray.init(address=self._address, log_to_driver=False, logging_level=logging.ERROR)
            except (OSError, ValueError, RuntimeError) as error:
                raise AutograderError(
                    f"No Ray cluster answers at {self._address} ({_words(error)}). It takes host:port as `ray start` "
                    "printed it, on a machine that is part of the cluster, with the cluster's token: docs/scaling.md."
                ) from error
        return ray


def work(job: Job, files: Mapping[str, bytes], terms: node.Terms, run_job: node.Work) -> tuple[str, Run]:
    """What a worker of Ray's does. Returns its node's id with the run."""
    import ray

    return ray.get_runtime_context().get_node_id(), node.work(job, files, terms, run_job)


def bound(job: Job, ahead: int) -> float:
    """Seconds after which a job is given up: all of its clocks, each as often as it can run. And as much again for each
    job that may be ahead of it: one where it waits for a processor, all of the queue where it waits for a GPU."""
    sitting = STARTUP + 2 * max(job.limits.seconds, 60 * (job.resources.minutes or 0))
    models = sum(STARTUP + job.limits.predict_seconds for probe in job.probes if probe.kind == "model")
    return (1 + ahead) * TRIES * (2 * sitting + models)


def _words(error: BaseException) -> str:
    """The kind of an error, and the first line of what it says."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"[:300]

"""What every engine does. A new one is one more line in ENGINES."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from autograder.engines import Engine
from autograder.engines.inline import InlineEngine
from autograder.engines.local import LocalEngine
from autograder.engines.ray import RayEngine
from autograder.types import Job, Run
from tests.engines.cluster import cluster
from tests.sandbox.jobs import QUICK, A, B, calls, check, notebook, value

ENGINES: dict[str, Callable[[pytest.FixtureRequest], Engine]] = {
    "inline": lambda request: InlineEngine(),
    "local": lambda request: LocalEngine(2),
    "ray": lambda request: RayEngine(request.getfixturevalue("two_nodes")),
}

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[str]:
    with cluster(1, 1) as made:
        yield made.address


@pytest.fixture(params=["inline", "local", pytest.param("ray", marks=pytest.mark.ray)])
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param](request)


def job(name: str, *cells: str | tuple[str, str]) -> Job:
    return Job(name, notebook(cells), name, (value("a"), value("b")), limits=QUICK)


def test_each_job_becomes_one_run(engine: Engine) -> None:
    jobs = [job(f"student{i}", check("a", str(i)), B) for i in range(3)]
    runs = {run.job: run for run in engine.run(jobs)}
    assert {name: run.evidence["a"].value for name, run in runs.items()} == {f"student{i}": i for i in range(3)}
    assert all(run.tier and run.seconds > 0 and run.cpu_seconds > 0 for run in runs.values())


def test_every_probe_has_its_evidence(engine: Engine) -> None:
    asked = replace(job("x", A, check("f", "len", "function")), probes=(value("a"), calls("f", [1, 2]), value("none")))
    (run,) = engine.run([asked])
    assert {e: evidence.probe for e, evidence in run.evidence.items()} == {p.exercise: p.digest for p in asked.probes}
    assert run.evidence["f"].calls[0].value == 2
    assert run.evidence["none"].status == "missing"


def test_a_students_crash_is_no_loss_and_hurts_nobody_else(engine: Engine) -> None:
    runs = {run.job: run for run in engine.run([job("bad", A, "import os; os._exit(1)", B), job("good", A, B)])}
    assert all(run.lost is None for run in runs.values())
    assert runs["bad"].evidence["a"].value == 1
    assert runs["bad"].evidence["b"].status == "crashed"
    assert runs["good"].evidence["b"].value == 2


def test_our_own_failure_is_a_lost_run_and_the_others_go_on(engine: Engine) -> None:
    broken = replace(job("broken", A, B), notebook=b"no notebook")
    runs = {run.job: run for run in engine.run([broken, job("good", A, B)])}
    assert runs["broken"].lost
    assert not runs["broken"].evidence
    assert runs["good"].lost is None


def test_no_jobs_are_no_runs(engine: Engine) -> None:
    assert list(engine.run([])) == []


def test_jobs_are_taken_as_they_are_needed(engine: Engine) -> None:
    taken = []

    def jobs() -> Iterator[Job]:
        for i in range(6):
            taken.append(i)
            yield job(f"student{i}", A, B)

    runs = engine.run(jobs())
    next(runs)
    assert len(taken) <= 4
    runs.close()  # type: ignore[attr-defined]


def test_an_engine_may_be_called_from_an_event_loop(engine: Engine) -> None:
    async def button() -> list[Run]:
        return list(engine.run([job("x", A, B)]))

    (run,) = asyncio.run(button())
    assert (run.lost, run.evidence["b"].value) == (None, 2)


def test_the_environment_has_a_name_that_stays(engine: Engine) -> None:
    assert engine.environment() == InlineEngine().environment()

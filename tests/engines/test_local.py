from __future__ import annotations

import threading
import time

import pytest

from autograder.engines import local
from autograder.types import Job, Run


def test_what_the_clock_ended_on_a_busy_machine_is_run_again_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, int] = {}
    together: list[tuple[str, int]] = []
    busy = threading.Semaphore(0)

    def run_job(job: Job, practice: bool = False, given_up: object = None) -> Run:
        seen[job.id] = seen.get(job.id, 0) + 1
        busy.release()
        together.append((job.id, busy._value))
        time.sleep(0.02)
        busy.acquire()
        return Run(job.id, starved=job.id == "slow" and seen["slow"] == 1)

    monkeypatch.setattr(local, "run_job", run_job)
    jobs = [Job(name, b"", "ann", ()) for name in ("slow", "b", "c", "d")]
    runs = {run.job: run for run in local.LocalEngine(2).run(jobs)}
    assert seen == {"slow": 2, "b": 1, "c": 1, "d": 1}
    assert set(runs) == {"slow", "b", "c", "d"}
    assert not runs["slow"].starved
    assert together[-1] == ("slow", 1)


def test_nothing_is_run_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "run_job", lambda job, practice, given_up=None: Run(job.id, starved=True))
    assert [run.job for run in local.LocalEngine(2).run([Job("a", b"", "ann", ())])] == ["a"]

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from autograder.engines import local, runner
from autograder.engines.slots import Granted
from autograder.sandbox.seat import Seat
from autograder.types import Job, Resources, Run


def test_what_the_clock_ended_on_a_busy_machine_is_run_again_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, int] = {}
    together: list[tuple[str, int]] = []
    busy = threading.Semaphore(0)

    def run_job(job: Job, practice: bool = False, seat: Seat | None = None) -> Run:
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


def test_no_more_notebooks_compute_at_a_time_than_there_are_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, computing, most = threading.Lock(), 0, 0

    def run_job(job: Job, practice: bool, seat: Seat) -> Run:
        nonlocal computing, most
        seat.take()
        with lock:
            computing += 1
            most = max(most, computing)
        time.sleep(0.01)
        with lock:
            computing -= 1
        seat.leave()
        return Run(job.id)

    monkeypatch.setattr(local, "run_job", run_job)
    assert len(list(local.LocalEngine(2).run([Job(str(n), b"", "ann", ()) for n in range(12)]))) == 12
    assert most == 2


def test_the_next_sandbox_is_made_while_all_seats_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    made, second = threading.Event(), []

    def run_job(job: Job, practice: bool, seat: Seat) -> Run:
        if job.id == "second":
            made.set()
        seat.take()
        if job.id == "first":
            second.append(made.wait(20))
        seat.leave()
        return Run(job.id)

    monkeypatch.setattr(local, "run_job", run_job)
    assert len(list(local.LocalEngine(1).run([Job(name, b"", "ann", ()) for name in ("first", "second")]))) == 2
    assert second == [True]


def test_nothing_is_run_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "run_job", lambda job, practice, seat: Run(job.id, starved=True))
    assert [run.job for run in local.LocalEngine(2).run([Job("a", b"", "ann", ())])] == ["a"]


def test_who_waits_for_a_gpu_is_told_when_nobody_wants_the_run_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    gave_up = threading.Event()

    def run_job(job: Job, practice: bool, seat: Seat) -> Run:
        deadline = time.monotonic() + 20
        while job.id == "waits" and time.monotonic() < deadline:
            if seat.given_up():
                gave_up.set()
                break
            time.sleep(0.001)
        return Run(job.id)

    monkeypatch.setattr(local, "run_job", run_job)
    runs = local.LocalEngine(2).run([Job(name, b"", "ann", ()) for name in ("waits", "b")])
    assert next(runs).job == "b"
    runs.close()  # type: ignore[attr-defined]
    assert gave_up.is_set()


def test_so_is_who_waits_in_the_second_round(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Callable[[], bool]] = []

    def run_job(job: Job, practice: bool, seat: Seat) -> Run:
        asked.append(seat.given_up)
        return Run(job.id, starved=True)

    monkeypatch.setattr(local, "run_job", run_job)
    assert len(list(local.LocalEngine(2).run([Job("a", b"", "ann", ())]))) == 1
    assert [given_up() for given_up in asked] == [True, True]


def test_who_holds_a_slot_of_a_gpu_does_not_wait_for_a_seat_again(monkeypatch: pytest.MonkeyPatch) -> None:
    slot = threading.Lock()

    @contextmanager
    def granted(asked: Resources, given_up: Callable[[], bool]) -> Iterator[Granted]:
        with slot:
            yield Granted()

    def tried(job: Job, practice: bool, given: Granted, seat: Seat) -> Run:
        seat.take()
        seat.leave()  # the notebook has ended
        time.sleep(0.05)  # in which the next job sits down, and waits for the slot
        seat.take()  # and now its model
        return Run(job.id)

    monkeypatch.setattr(runner, "granted", granted)
    monkeypatch.setattr(runner, "_tried", tried)
    jobs = [Job(name, b"", "ann", (), resources=Resources(gpu=1)) for name in ("a", "b", "c")]
    done: list[Run] = []
    grading = threading.Thread(target=lambda: done.extend(local.LocalEngine(1).run(jobs)), daemon=True)
    grading.start()
    grading.join(20)
    assert [run.lost for run in done] == [None, None, None]

from __future__ import annotations

import threading
import time

import pytest

from autograder.engines.runner import run_job
from autograder.errors import SandboxError
from autograder.sandbox.seat import Seat
from autograder.types import Job
from tests.sandbox.jobs import QUICK, A, notebook, value


def test_a_seat_is_free_again_when_it_is_left() -> None:
    free = threading.Semaphore(1)
    first, second = Seat(free), Seat(free)
    first.take()
    first.leave()
    assert free._value == 1  # else the next line would wait for ever
    second.take()
    assert free._value == 0


def test_who_has_a_seat_takes_no_second_one() -> None:
    free = threading.Semaphore(1)
    seat = Seat(free)
    seat.take()
    seat.take()
    seat.leave()
    seat.leave()
    assert free._value == 1


def test_nobody_sits_down_when_nobody_wants_the_run_any_more() -> None:
    free = threading.Semaphore(1)
    with pytest.raises(SandboxError, match="Grade again"):
        Seat(free, given_up=lambda: True).take()
    assert free._value == 1


def test_who_waits_for_a_seat_that_nobody_wants_any_more_is_told() -> None:
    seat = Seat(threading.Semaphore(0), given_up=lambda: True)
    with pytest.raises(SandboxError, match="Grade again"):
        seat.take()


@pytest.mark.kernel
@pytest.mark.parametrize("warm", [True, False])
def test_waiting_for_a_seat_is_not_counted_as_time_of_the_student(warm: bool) -> None:
    free = threading.Semaphore(0)
    job = Job("a/ann/nb", notebook([A]), "ann", (value("a"),), limits=QUICK, warm=warm)
    run_job(job)  # a warm process takes its time to start
    late = threading.Timer(3, free.release)
    late.start()
    begun = time.monotonic()
    run = run_job(job, seat=Seat(free))
    assert run.lost is None
    assert time.monotonic() - begun >= 3
    assert run.seconds < time.monotonic() - begun - 2
    assert free._value == 1  # it has left

"""Slots of GPUs that are not there: who gets what, and that everybody does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.engines import slots
from autograder.engines.slots import Slots, granted, limits_on
from autograder.errors import SandboxError
from autograder.sandbox import cuda, gpus
from autograder.sandbox.gpus import CONTEXT_MB, Device, Slot
from autograder.types import Limits, Resources

MB = 16000
QUARTER = Resources(gpu=0.25)


def device(number: int, memory_mb: int = MB) -> Device:
    return Device(f"GPU-{number}", "a GPU that is not there", memory_mb, (Path(f"/dev/nvidia{number}"),))


def names(slot: Slot | None) -> list[str]:
    return [device.uuid for device in slot.devices] if slot else []


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "LOOK", 0.002)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "slots"


# -- one machine ------------------------------------------------------------------------------------------------------


def test_several_small_jobs_share_a_gpu_and_the_next_one_waits(folder: Path) -> None:
    found = Slots([device(0)], folder)
    with ExitStack() as stack:
        held = [stack.enter_context(found.held(QUARTER, wait=False)) for _ in range(5)]
        assert [names(slot) for slot in held] == [["GPU-0"]] * 4 + [[]]
        assert [slot.memory_mb for slot in held if slot] == [MB // 4 - CONTEXT_MB] * 4
    with found.held(QUARTER, wait=False) as slot:
        assert names(slot) == ["GPU-0"]


def test_thirds_of_a_gpu_are_three(folder: Path) -> None:
    found = Slots([device(0)], folder)
    with ExitStack() as stack:
        held = [stack.enter_context(found.held(Resources(gpu=1 / 3), wait=False)) for _ in range(4)]
        assert [bool(slot) for slot in held] == [True, True, True, False]


def test_memory_is_shared_like_the_gpu_and_may_be_what_is_short(folder: Path) -> None:
    asked = Resources(gpu=0.1, gpu_memory_mb=6000)
    with ExitStack() as stack:
        found = Slots([device(0)], folder)
        held = [stack.enter_context(found.held(asked, wait=False)) for _ in range(3)]
        assert [slot.memory_mb if slot else None for slot in held] == [6000, 6000, None]


def test_jobs_go_where_most_is_left(folder: Path) -> None:
    found = Slots([device(0), device(1)], folder)
    with found.held(Resources(gpu=0.5)) as first, found.held(QUARTER) as second, found.held(QUARTER) as third:
        assert names(first) != names(second) == names(third)


def test_several_whole_gpus_are_given_at_once_or_not_at_all(folder: Path) -> None:
    found = Slots([device(0), device(1)], folder)
    both = Resources(gpu=2)
    with found.held(both, wait=False) as slot:
        assert sorted(names(slot)) == ["GPU-0", "GPU-1"]
    with found.held(QUARTER), found.held(both, wait=False) as slot:
        assert slot is None


@pytest.mark.parametrize(
    ("devices", "asked", "words"),
    [
        ([], QUARTER, "no GPU"),
        ([device(0)], Resources(gpu=2), "more than this machine has (GPUs: 1"),
        ([device(0)], Resources(gpu=0.1, gpu_memory_mb=MB), f"of at most {MB} MB"),
        ([device(0)], Resources(gpu=0.01), "more than"),  # its share of the memory would not hold CUDA itself
        ([device(0), device(1)], Resources(gpu=2), ""),
    ],
)
def test_what_can_never_be_had_is_known_at_once(
    devices: list[Device], asked: Resources, words: str, folder: Path
) -> None:
    refused = Slots(devices, folder).refusal(asked)
    assert words in refused
    assert bool(refused) is bool(words)


def test_a_slot_is_free_again_after_a_failure(folder: Path) -> None:
    found = Slots([device(0)], folder)
    with pytest.raises(ValueError, match="a job"), found.held(Resources(gpu=1)):
        raise ValueError("a job that failed")
    with found.held(Resources(gpu=1), wait=False) as slot:
        assert slot
    assert not list(folder.glob("*.job"))


def test_who_comes_first_is_served_first_and_a_large_job_is_not_overtaken_for_ever(folder: Path) -> None:
    found, order = Slots([device(0)], folder), []

    def large() -> None:
        with found.held(Resources(gpu=1)):
            order.append("large")

    with found.held(QUARTER):
        thread = threading.Thread(target=large)
        thread.start()
        while len(list(folder.glob("*.job"))) < 2:
            time.sleep(0.001)
        with found.held(QUARTER, wait=False) as overtaking:  # there would be room for it
            assert overtaking is None
    thread.join(10)
    assert order == ["large"]


def test_who_does_not_wait_stands_in_nobodys_way(folder: Path) -> None:
    found = Slots([device(0)], folder)
    with ExitStack() as stack:
        stack.enter_context(found.held(Resources(gpu=0.75)))
        assert stack.enter_context(found.held(Resources(gpu=0.5), wait=False)) is None
        assert stack.enter_context(found.held(QUARTER, wait=False))  # while that job runs on the CPU


def test_nobody_waits_any_more_once_grading_was_stopped(folder: Path) -> None:
    found, stopped = Slots([device(0)], folder), threading.Event()
    with found.held(Resources(gpu=1)), ThreadPoolExecutor(1) as pool:

        def waiting() -> Slot | None:
            with found.held(QUARTER, given_up=stopped.is_set) as slot:
                return slot

        result = pool.submit(waiting)
        stopped.set()
        assert result.result(10) is None
    assert not list(folder.glob("*.job"))


jobs = st.builds(
    Resources,
    gpu=st.sampled_from([0.1, 0.25, 1 / 3, 0.5, 0.9, 1, 2]),
    gpu_memory_mb=st.sampled_from([None, 500, 4000, 9000]),
)


@settings(max_examples=15)
@given(st.lists(jobs, min_size=1, max_size=12), st.sampled_from([1, 2, 3]), st.integers(0, 3))
def test_shares_and_memory_are_never_exceeded_and_everybody_is_served(
    tmp_path_factory: pytest.TempPathFactory, asked: list[Resources], many: int, fails: int
) -> None:
    found = Slots([device(n, MB + 4000 * n) for n in range(many)], tmp_path_factory.mktemp("slots") / "here")
    memory = {d.uuid: d.memory_mb for d in found.devices}
    held: list[Slot] = []
    lock, served = threading.Lock(), []

    def run(number: int, wanted: Resources) -> None:
        with found.held(wanted) as slot:
            assert slot is not None
            with lock:
                held.append(slot)
                for uuid, most in memory.items():
                    here = [s for s in held if uuid in names(s)]
                    assert sum(s.share for s in here) <= 1 + 1e-5
                    assert sum(s.cap_mb for s in here) <= most
                assert len(slot.devices) == max(1, int(wanted.gpu))
            time.sleep(0.001)
            with lock:
                held.remove(slot)
                served.append(number)
            if number < fails:
                raise RuntimeError("a job that failed")

    possible = [job for job in asked if not found.refusal(job)]
    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(run, number, job) for number, job in enumerate(possible)]
    errors = [future.exception() for future in done]
    assert [type(error) for error in errors] == [RuntimeError if n < fails else type(None) for n in range(len(done))]
    assert sorted(served) == list(range(len(possible)))


# -- several processes ------------------------------------------------------------------------------------------------

HOLDER = """
import sys, time
from pathlib import Path
from autograder.engines.slots import Slots
from autograder.sandbox.gpus import Device
from autograder.types import Resources
with Slots([Device("GPU-0", "", 16000, ())], Path(sys.argv[1])).held(Resources(gpu=1)) as slot:
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the GPU."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_graders_of_one_machine_share_its_slots_and_a_killed_one_lets_go(
    holder: subprocess.Popen[str], folder: Path
) -> None:
    found = Slots([device(0)], folder)
    with found.held(QUARTER, wait=False) as slot:
        assert slot is None
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with found.held(QUARTER, wait=False) as slot:
        assert names(slot) == ["GPU-0"]


def test_a_folder_that_somebody_else_may_write_to_is_not_used(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(SandboxError, match="not ours alone"), Slots([device(0)], folder).held(QUARTER):
        pass


# -- what becomes of a job --------------------------------------------------------------------------------------------


@pytest.fixture
def one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Slots:
    found = Slots([device(0)], folder)
    monkeypatch.setattr(slots, "machine", lambda: found)
    return found


def test_a_job_that_asks_for_no_gpu_never_looks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "machine", lambda: 1 / 0)
    with granted(Resources()) as given:
        assert (given.slot, given.remarks) == (None, ())


def test_a_job_gets_its_slot(one: Slots) -> None:
    with granted(QUARTER) as given:
        assert names(given.slot) == ["GPU-0"]
        assert not given.remarks


def test_where_no_gpu_is_free_the_fallback_decides(one: Slots) -> None:
    with one.held(Resources(gpu=1)):
        with granted(Resources(gpu=0.25, fallback="cpu")) as given:
            assert given.slot is None
            assert "ran on the CPU, and may have been slow: all GPUs were busy" in given.remarks[0].staff
            assert not given.remarks[0].student
        for fallback in ("wait", "refuse"):
            asked = Resources(gpu=0.25, fallback=fallback)
            with pytest.raises(SandboxError, match="stopped before a GPU was free"), granted(asked, lambda: True):
                pass


def test_where_there_is_no_gpu_the_fallback_decides(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "machine", lambda: Slots([], folder))
    for fallback in ("wait", "cpu"):
        with granted(Resources(gpu=0.25, fallback=fallback)) as given:
            assert given.slot is None
            assert "this machine has no GPU" in given.remarks[0].staff
    with pytest.raises(SandboxError, match="Grade on another machine"), granted(Resources(gpu=1, fallback="refuse")):
        pass


def test_a_device_that_cuda_cannot_open_in_a_sandbox_is_given_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = {"GPU-0": "", "GPU-1": "inside a sandbox CUDA does not open it: cuInit says 304"}
    monkeypatch.setattr(gpus, "found", lambda: (device(0), device(1)))
    monkeypatch.setattr(cuda, "refusal", lambda device: refused[device.uuid])
    found = slots.machine.__wrapped__()
    assert [d.uuid for d in found.devices] == ["GPU-0"]
    assert "cuInit says 304" in found.why


def test_minutes_on_a_gpu_take_the_place_of_the_clock() -> None:
    limits, slot = Limits(cell_seconds=60, seconds=100, cpu_seconds=200), Slot((device(0),), 1.0, 1000)
    timed = limits_on(slot, Resources(gpu=1, minutes=10), limits)
    assert (timed.cell_seconds, timed.seconds, timed.cpu_seconds) == (600, 600, 1200)
    assert limits_on(slot, Resources(gpu=1, minutes=1), limits).cpu_seconds == 200
    assert limits_on(slot, Resources(gpu=1), limits) == limits
    assert limits_on(None, Resources(gpu=1, minutes=10), limits) == limits  # on the CPU, as without a GPU

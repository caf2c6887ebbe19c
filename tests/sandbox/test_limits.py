"""Limits hold, and say in the student's words which one it was."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from autograder.engines.runner import run_job
from autograder.sandbox import cgroups, tiers
from autograder.sandbox.meter import Disks, Meter
from autograder.types import Job, Run
from tests.sandbox.jobs import QUICK, A, B, answer, notebook, run, tell, told, value

pytestmark = pytest.mark.kernel

STUBBORN = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(0.1)"
BOMB = "held = [b'x' * 2**24 for _ in iter(int, 1)]"
HELD = "import time; held = [time.sleep(0.1) or b'x' * 2**22 for _ in range(12)]; time.sleep(30)"
BOMB_IN_CHILDREN = f"""
import subprocess, sys, time
for _ in range(12):
    subprocess.Popen([sys.executable, '-c', {HELD!r}])
time.sleep(30)
"""


def words(done: Run) -> str:
    return "\n".join(remark.student for remark in done.remarks)


def test_time_that_is_over_ends_a_cell_that_listens_to_nobody_within_a_second() -> None:
    begun = time.monotonic()
    done = run(A, STUBBORN, B, limits=replace(QUICK, cell_seconds=2))
    assert time.monotonic() - begun < 30  # an hour, were nobody to stop it
    assert (answer(done, "a").value, answer(done, "b").status) == (1, "timeout")
    assert 2 <= done.seconds < 60
    assert "Your code took more than 2 s in the cell that starts `import signal, time`" in words(done)


@pytest.mark.parametrize("code", [BOMB, BOMB_IN_CHILDREN], ids=["itself", "its children"])
def test_memory_is_bounded_and_told(code: str) -> None:
    done = run(A, code, B, limits=replace(QUICK, memory_mb=400))
    assert (answer(done, "a").value, answer(done, "b").status) == (1, "memory")
    assert "Your code used more than 400 MB of memory in the cell that starts" in words(done)


@pytest.mark.parametrize("code", [BOMB, BOMB_IN_CHILDREN], ids=["itself", "its children"])
def test_memory_is_bounded_where_no_group_can_be_made(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    most: list[float] = []
    measure = Meter.memory_mb

    def noted(meter: Meter, limit: int, disks: Disks) -> float:
        most.append(measure(meter, limit, disks))
        return most[-1]

    monkeypatch.setattr(cgroups, "make", lambda memory_mb, processes: None)
    monkeypatch.setattr(Meter, "memory_mb", noted)
    done = run(A, code, B, limits=replace(QUICK, memory_mb=400))
    assert answer(done, "a").value == 1
    # A request that comes between two looks is refused; that costs less than being stopped.
    assert "Your code used more than 400 MB of memory" in words(done) or "asked for more memory" in words(done)
    # Between two looks a process may come to its own limit (RLIMIT_DATA): a fifth more, and the stacks of threads.
    assert max(most) < 2 * 400


def test_a_full_disk_is_an_error_of_the_students_code_and_is_told() -> None:
    fill = tell("open('/tmp/f', 'wb').write(bytes(80 * 2**20))")
    done = run(A, fill, B, limits=replace(QUICK, disk_mb=64))
    assert told(done) == ["OSError"]
    assert answer(done, "b").value == 2
    assert "filled its disk: it may write 64 MB each" in words(done)


def test_more_files_than_allowed_end_the_kernel() -> None:
    many = "import os\nfor i in range(50_000): os.mkdir(f'/tmp/{i}')\nimport time; time.sleep(20)"
    done = run(A, many, B, limits=replace(QUICK, files=10_000))
    assert (answer(done, "a").value, answer(done, "b").status) == (1, "disk")
    assert "Your code wrote more than 10,000 files in the cell that starts `import os`" in words(done)


def test_open_files_are_bounded() -> None:
    done = run(A, tell("[open('/dev/null') for _ in range(500)]"), B, limits=replace(QUICK, open_files=300))
    assert told(done) == ["OSError"]
    assert answer(done, "b").value == 2


def test_what_several_processes_share_is_counted_once_near_the_limit() -> None:
    fork = "import os,time; held = b'x' * (60 * 2**20); [os.fork() or time.sleep(30) for _ in range(2)]; time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", fork], start_new_session=True) as process:
        try:
            meter = Meter(process.pid, 0, None)
            deadline = time.monotonic() + 20
            while meter.threads() < 4 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert meter.memory_mb(limit=10_000, disks=Disks()) > 150  # far from the limit, nobody looks closely
            assert meter.memory_mb(limit=150, disks=Disks()) < 150
        finally:
            subprocess.run(["pkill", "-KILL", "-s", str(process.pid)], check=False)


@pytest.mark.parametrize(("code", "starved"), [("while True: pass", True), ("import time; time.sleep(60)", False)])
def test_a_cell_that_had_no_processor_is_told_from_one_that_asked_for_none(code: str, starved: bool) -> None:
    """Five others want the one processor that the cell may use."""
    burn = f"import os\nos.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})\nwhile True: pass"
    others = [subprocess.Popen([sys.executable, "-c", burn]) for _ in range(5)]
    try:
        mine = f"import os; os.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})"
        done = run(A, mine, code, B, limits=replace(QUICK, cell_seconds=2))
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert done.starved is starved


def test_folders_deeper_than_a_path_may_be_are_more_than_its_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "_found", [tiers.Tier("none", "to try it", confined=False)])
    deep = "import os\nfor _ in range(2500): os.mkdir('d'); os.chdir('d')\nimport time; time.sleep(15)"
    done = run_job(
        Job("a/ann/nb", notebook([A, deep, B]), "ann", (value("a"), value("b")), limits=QUICK), practice=True
    )
    assert done.lost is None
    assert (done.evidence["a"].value, done.evidence["b"].status) == (1, "disk")

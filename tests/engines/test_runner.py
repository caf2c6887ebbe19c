"""What becomes of failures that are ours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import handin
from autograder.engines import runner
from autograder.engines.slots import Granted
from autograder.errors import SandboxError
from autograder.sandbox import bubblewrap, tiers
from autograder.sandbox.seat import Seat
from autograder.types import Job, Run
from tests.sandbox.jobs import A, notebook, value

JOB = Job("x", notebook([A]), "ann", (value("a"),))


def test_a_failure_of_ours_is_tried_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Job] = []

    def fails_once(job: Job, practice: bool, given: Granted, seat: Seat) -> Run:
        tried.append(job)
        if len(tried) == 1:
            raise SandboxError("the disk was full")
        return Run(job.id)

    monkeypatch.setattr(runner, "_run", fails_once)
    assert runner.run_job(JOB).lost is None
    assert len(tried) == 2


@pytest.mark.parametrize("error", [SandboxError("no bwrap"), ValueError("our mistake"), OSError("disk")])
def test_what_fails_twice_is_lost_with_its_reason(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(job: Job, practice: bool, given: Granted, seat: Seat) -> Run:
        raise error

    monkeypatch.setattr(runner, "_run", fails)
    lost = runner.run_job(JOB).lost
    assert lost is not None
    assert str(error) in lost


@pytest.mark.parametrize("content", [None, b"# of last week"])
def test_a_kernel_with_another_handin_grades_nobody(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "lib" / "python3.11" / "site-packages" / "handin"
    shutil.copytree(Path(handin.__file__).parent, theirs)
    monkeypatch.setattr(bubblewrap, "kernel_env", lambda: bubblewrap.KernelEnv(tmp_path, ()))
    monkeypatch.setattr(tiers, "_found", [tiers.Tier("none", "nothing here confines", confined=False)])
    assert runner.environment(practice=True)
    (theirs / "wire.py").unlink()
    if content is not None:
        (theirs / "wire.py").write_bytes(content)
    with pytest.raises(SandboxError, match="make setup"):
        runner.environment(practice=True)


@pytest.mark.kernel
def test_practice_runs_where_nothing_confines_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "_found", [tiers.Tier("none", "nothing here confines", confined=False)])
    assert "cannot confine" in str(runner.run_job(JOB).lost)
    done = runner.run_job(JOB, practice=True)
    assert (done.lost, done.tier, done.evidence["a"].value) == (None, "none", 1)

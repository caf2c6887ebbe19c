"""Long commands behind a page."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from autograder.hub import jobs as module
from autograder.hub.jobs import BusyError, Jobs, environment


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that a job runs in place of the grader."""
    file = tmp_path / "pretended.py"
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(module, "commands", lambda assignment, action: [["pretended", assignment], ["pretended", "2"]])
    return file


async def _ended(jobs: Jobs) -> None:
    while jobs.running is not None:
        await asyncio.sleep(0.02)


def test_a_job_runs_its_commands_in_turn_and_keeps_what_they_print(tmp_path: Path, program: Path) -> None:
    program.write_text("import sys\nprint('working on', sys.argv[1])\nprint('and a remark', file=sys.stderr)\n")

    async def story() -> Jobs:
        jobs = Jobs(tmp_path)
        jobs.start("sums", "check", "ada")
        assert jobs.last("sums", "check") is not None and jobs.running is not None
        await _ended(jobs)
        return jobs

    jobs = asyncio.run(story())
    log = jobs.log("sums", "check")
    assert "working on sums" in log and "working on 2" in log and "and a remark" in log
    job = Jobs(tmp_path).last("sums", "check")  # after a new start, too
    assert job is not None and (job.code, job.who) == (0, "ada") and job.ended


def test_what_follows_a_command_that_failed_is_not_run(tmp_path: Path, program: Path) -> None:
    program.write_text("import sys\nprint('seen', sys.argv[1])\nsys.exit(3)\n")

    async def story() -> Jobs:
        jobs = Jobs(tmp_path)
        jobs.start("sums", "grade", "ada")
        await _ended(jobs)
        return jobs

    jobs = asyncio.run(story())
    job = jobs.last("sums", "grade")
    assert job is not None and job.code == 3
    assert "seen 2" not in jobs.log("sums", "grade")


def test_one_runs_at_a_time_and_the_end_of_the_service_ends_it(tmp_path: Path, program: Path) -> None:
    program.write_text("import time\nprint('started', flush=True)\ntime.sleep(600)\n")

    async def story() -> int | None:
        jobs = Jobs(tmp_path)
        jobs.start("sums", "grade", "ada")
        with pytest.raises(BusyError):
            jobs.start("other", "check", "bob")
        while "started" not in jobs.log("sums", "grade"):
            await asyncio.sleep(0.02)
        jobs.stop()
        await _ended(jobs)
        job = jobs.last("sums", "grade")
        return job.code if job else None

    assert asyncio.run(story()) == -15


def test_a_job_that_was_cut_off_does_not_look_as_if_it_ran_for_ever(tmp_path: Path) -> None:
    place = tmp_path / "records" / "jobs" / "sums"
    place.mkdir(parents=True)
    kept = {"assignment": "sums", "action": "grade", "who": "ada", "began": "2026-10-01 10:00:00 UTC"}
    (place / "grade.json").write_text(json.dumps(kept))
    job = Jobs(tmp_path).last("sums", "grade")
    assert job is not None and job.code == -1


def test_a_courses_code_is_not_given_the_services_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    monkeypatch.setenv("AUTOGRADER_KERNEL_ENV", "/opt/kernel")
    given = environment()
    assert "secret" not in given.values() and given["AUTOGRADER_KERNEL_ENV"] == "/opt/kernel"
    assert given["PATH"].startswith(str(Path(sys.executable).parent))

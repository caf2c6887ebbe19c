"""The grader is killed at random moments; the same command, given again, finishes the class."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import psutil
import pytest

from autograder.sandbox import cgroups, scratch
from tests.nbgrader_ext.school import School, make_course
from tests.nbgrader_ext.test_real_kernel import answered

pytestmark = [pytest.mark.nbgrader, pytest.mark.kernel]

STUDENTS = ("ada", "bob", "cleo", "dan", "eve", "finn")
WRONG = "eve"  # gets one of the two answers right
KILLS = 5  # a round; twenty rounds are the hundred moments
ROUNDS = [pytest.param(n, marks=[pytest.mark.slow] if n else []) for n in range(20)]


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_course(tmp_path_factory.mktemp("killed"))
    school = School(root)
    school.generate()
    for name in STUDENTS:
        school.hand_in(name, content=answered(school, name, total=8 if name == WRONG else 7))
    return root


def command(root: Path) -> list[str]:
    return [str(Path(sys.executable).with_name("autograder")), "grade", "sums", "--course", str(root)]


def killed(root: Path, after: float) -> set[psutil.Process]:
    """Grade, and kill the grader, and nothing else, so many seconds later. Return what it had started by then."""
    with subprocess.Popen(command(root), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as grader:
        time.sleep(after)
        try:
            started = set(psutil.Process(grader.pid).children(recursive=True))
        except psutil.Error:  # it was ready before
            started = set()
        grader.send_signal(signal.SIGKILL)
    return started


@pytest.mark.parametrize("number", ROUNDS)
def test_a_killed_batch_is_finished_by_the_same_command(number: int, handed_in: Path, tmp_path: Path) -> None:
    root, rng = tmp_path / "course", Random(f"killed/{number}")
    shutil.copytree(handed_in, root)
    started: set[psutil.Process] = set()
    for _ in range(KILLS):
        started |= killed(root, rng.uniform(0.5, 5))
    done = subprocess.run(command(root), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    school = School(root)
    for name in STUDENTS:
        right = {"double": (3, False), "seven": (0 if name == WRONG else 1, False), "why": (0, False)}
        assert school.scores(name) == right
        assert school.report(name).lost is None
    with school.book() as book:
        assert len(book.assignment_submissions("sums")) == len(STUDENTS)
    again = subprocess.run(command(root), capture_output=True, text=True, timeout=300)
    assert again.returncode == 0, again.stdout + again.stderr
    # Most end with their grader; one that was just starting is ended by the next.
    assert psutil.wait_procs(started, timeout=10)[1] == []
    assert _left_over() == []


def _left_over() -> list[str]:
    """Folders and control groups of graders that are no more."""
    folders = Path(tempfile.gettempdir()).glob(f"{scratch.PREFIX}[0-9]*-*")
    homes = cgroups._homes()
    groups = [group for parent in set(homes[1].values()) for group in parent.glob("[0-9]*-*")] if homes else []
    pids = {path: path.name.removeprefix(scratch.PREFIX).partition("-")[0] for path in (*folders, *groups)}
    return [str(path) for path, pid in pids.items() if not psutil.pid_exists(int(pid))]

"""The watcher is killed at any moment: the next one goes on, loses nothing, and changes nothing that was done."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import psutil
import pytest

from autograder.cli import main as command_line
from tests.nbgrader_ext.school import School
from tests.nbgrader_ext.test_real_kernel import answered
from tests.watch.dying import MOMENTS
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|[.]html):ResourceWarning"),
]

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_watcher_that_is_killed_is_followed_by_one_that_goes_on(hall: Hall, moment: str) -> None:
    hall.submit("ada", 6)
    hall.once()  # there was an earlier one
    hall.submit("ada", 7)
    hall.submit("bob", 7)
    died = subprocess.run([sys.executable, "-m", "tests.watch.dying", str(hall.root), moment], cwd=REPOSITORY)
    assert died.returncode == -signal.SIGKILL

    hall.events.clear()
    assert hall.once().lost == 0
    for student in ("ada", "bob"):
        assert hall.school.scores(student) == {"double": (3, False), "seven": (1, False), "why": (0, False)}
        assert hall.fetch_feedback(student)[-1] == hall.school.page(student)
    assert hall.listed("ada") == [True, True]
    assert len(list((hall.root / "records" / "superseded" / "sums" / "ada").iterdir())) == 1
    with hall.school.book() as book:
        assert len(book.assignment_submissions("sums")) == 2
        assert {s.timestamp for s in book.assignment_submissions("sums")} == {
            hall.watcher()._exchange.collected(student, "sums") for student in ("ada", "bob")
        }

    before = _everything(hall)
    hall.events.clear()
    hall.once()
    assert hall.told() == [] and _everything(hall) == before


def test_what_was_begun_and_its_student_has_deleted_since_is_told_and_holds_up_nothing(hall: Hall) -> None:
    place = hall.submit("ada")
    subprocess.run([sys.executable, "-m", "tests.watch.dying", str(hall.root), "after begin"], cwd=REPOSITORY)
    shutil.rmtree(place)
    hall.submit("bob")
    assert hall.once().lost == 0
    assert hall.told("refused", "feedback") == [("refused", "ada"), ("feedback", "bob")]
    hall.events.clear()
    hall.once()
    assert hall.told() == []


def _everything(hall: Hall) -> dict[str, int]:
    """When each file of the course and of the exchange was last written."""
    files = [*hall.root.rglob("*"), *hall.exchange.rglob("*")]
    return {str(path): path.stat().st_mtime_ns for path in files if path.is_file() and path.name != ".lock"}


def watch(root: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "autograder.cli", "watch", "--course", str(root), *options]


@pytest.mark.kernel
def test_the_real_command_is_killed_at_random_moments_and_then_finishes_the_class(hall: Hall) -> None:
    rng, students = Random("watch"), ("ada", "bob", "cleo")
    started: set[psutil.Process] = set()
    for student in students:
        _work(hall, student)
        with subprocess.Popen(watch(hall.root), cwd=REPOSITORY, stdout=subprocess.DEVNULL) as process:
            time.sleep(rng.uniform(1.5, 6))
            started |= set(psutil.Process(process.pid).children(recursive=True))
            process.kill()
    done = subprocess.run(watch(hall.root, "--once"), cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    for student in students:
        assert hall.school.scores(student) == {"double": (3, False), "seven": (1, False), "why": (0, False)}
        assert hall.fetch_feedback(student) == [hall.school.page(student)]
    assert psutil.wait_procs(started, timeout=10)[1] == []


@pytest.mark.kernel
def test_it_is_stopped_within_seconds_and_the_one_in_work_is_taken_up_again(hall: Hall) -> None:
    _work(hall, "ada", slow=True)
    with subprocess.Popen(watch(hall.root), cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if " arrived " in line:
                break
        time.sleep(3)  # in the middle of its cells
        process.terminate()
        rest = process.stdout.read()
        assert process.wait(timeout=20) == 0
    assert "taken up again at the next start: ada" in rest
    assert hall.school.report("ada") is None and hall.pages() == []
    _work(hall, "ada")
    done = subprocess.run(
        watch(hall.root, "--once", "--json"), cwd=REPOSITORY, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert hall.listed("ada") == [False, True]


def _work(hall: Hall, student: str, slow: bool = False) -> None:
    """Hand in with the work done, as a kernel can run it."""
    content = answered(hall.school, student, total=7)
    if slow:
        content = content.replace(b"total = 7", b"import time\\ntime.sleep(60)\\ntotal = 7")
    hall.submit(student, content=content)


@pytest.mark.kernel
def test_the_real_thing_gives_what_autograder_grade_gives(hall: Hall, school: School) -> None:
    _work(hall, "ada")
    done = subprocess.run(watch(hall.root, "--once"), cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "feedback" in done.stdout, done.stdout + done.stderr
    report, scores = school.report("ada"), school.scores("ada")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(sys, "argv", ["autograder", "grade", "sums", "--force", "--course", str(hall.root)])
        command_line()
    again = school.report("ada")
    assert (again.verdicts, again.score, school.scores("ada")) == (report.verdicts, report.score, scores)

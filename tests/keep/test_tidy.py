"""Room is made by policy, and nothing goes that a grade, a student or a person still needs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.errors import CourseError
from autograder.keep.tidy import Tidied, tidy
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.pipeline import GONE
from autograder.rejudge import Change, rejudge
from autograder.store import Store
from tests.fakes import SEVEN, tiny_course
from tests.keep.test_backup import grade_again, tree
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader


@pytest.fixture
def graded(school: School) -> School:
    """Two students who are done, each with a model of 100 kB; ada handed in before, too."""
    for student, off in (("ada", 0), ("ben", 1)):
        school.hand_in(student, off=off, when="2026-01-10 12:00:00 UTC", why="Because.")
    school.grade("ada", "ben")
    for student in ("ada", "ben"):
        school.by_hand(student, "why", points=1)
        (run_of(school, student) / "classifier.keras").write_bytes(os.urandom(100_000))
    earlier = school.root / "records" / "superseded" / "sums" / "ada" / "20260101T120000000000"
    earlier.mkdir(parents=True)
    (earlier / "sums.ipynb").write_bytes(b"x" * 50_000)
    school.grade("ada", "ben")
    school.engine.ran.clear()
    return school


def run_of(school: School, student: str) -> Path:
    return school.root / "records" / "runs" / "sums" / student / "sums"


def policy(school: School, *lines: str) -> None:
    toml = school.root / "course" / "course.toml"
    text = toml.read_text().partition("\n[course.keep]")[0]
    toml.write_text("\n".join([text, "[course.keep]", *lines, ""]))


def tidied(school: School, days: int = 0, dry_run: bool = False) -> Tidied:
    """Tidy, so many days from now."""
    return tidy(load_course(school.root), dry_run=dry_run, now=datetime.now(UTC) + timedelta(days=days))


def gone(done: Tidied) -> list[tuple[str, str]]:
    return [(piece.kind, piece.place.name) for piece in done.gone]


def judge_again(school: School) -> list[Change]:
    with NbgraderGradebook(school.root) as book:
        return rejudge(load_course(school.root), "sums", None, dry_run=False, gradebook=book)


def correct_the_key(school: School) -> None:
    (school.root / "course" / "sums" / "seven.py").write_text(SEVEN.replace("slips: 7", "slips: 8"))


def test_without_a_policy_nothing_goes(graded: School) -> None:
    before = tree(graded.root)
    assert tidied(graded, days=9999) == Tidied(used=tidied(graded).used) and tree(graded.root) == before


def test_each_kind_goes_after_its_own_time_and_a_dry_run_only_says_so(graded: School) -> None:
    policy(graded, "models_days = 14", "superseded_days = 3000", "evidence_days = 100")
    before = tree(graded.root)
    assert gone(tidied(graded, days=13)) == []
    said = tidied(graded, days=15, dry_run=True)
    assert gone(said) == [("models", "classifier.keras")] * 2 and said.freed == 200_000 and tree(graded.root) == before
    assert gone(tidied(graded, days=15)) == gone(said)
    assert before.keys() - tree(graded.root).keys() == {
        f"records/runs/sums/{student}/sums/classifier.keras" for student in ("ada", "ben")
    }
    assert gone(tidied(graded, days=101)) == [("evidence", "evidence.bin")] * 2
    assert gone(tidied(graded, days=3001)) == [("superseded", "20260101T120000000000")]
    assert gone(tidied(graded, days=9999)) == []


def test_what_another_version_keeps_beside_a_run_stays(graded: School) -> None:
    (run_of(graded, "ada") / "notes.json").write_bytes(b"{}")
    policy(graded, "models_days = 14")
    assert gone(tidied(graded, days=99)) == [("models", "classifier.keras")] * 2
    assert (run_of(graded, "ada") / "notes.json").exists()


def test_a_model_that_is_gone_is_judged_again_by_its_predictions(graded: School) -> None:
    policy(graded, "models_days = 14")
    tidied(graded, days=15)
    correct_the_key(graded)
    assert {(c.student, c.exercise, c.after) for c in judge_again(graded)} == {
        ("ada", "seven", 0.0), ("ben", "seven", 0.0),
    }  # fmt: skip
    assert graded.engine.ran == []


def test_without_evidence_all_stands_as_it_is_and_a_corrected_key_asks_for_a_run(graded: School) -> None:
    policy(graded, "evidence_days = 14")
    grade_again(graded)  # course.toml is another one
    before = (graded.total("ada"), graded.total("ben"), graded.export())
    tidied(graded, days=15)
    assert grade_again(graded) == ({"ada", "ben"}, set()) and judge_again(graded) == []
    correct_the_key(graded)
    found = judge_again(graded)
    assert [(c.student, c.exercise, c.after) for c in found] == [("ada", "", None), ("ben", "", None)]
    assert all(GONE in c.why and "needs a run" in c.why for c in found)
    assert (graded.total("ada"), graded.total("ben"), graded.export()) == before
    assert grade_again(graded) == (set(), {"ada", "ben"}) and sorted(graded.engine.ran) == ["ada", "ben"]
    assert (graded.total("ada"), graded.total("ben")) == (3 + 0 + 1, 0 + 0 + 1)


def test_what_waits_for_a_person_or_was_never_graded_stays(graded: School) -> None:
    policy(graded, "models_days = 1", "evidence_days = 1")
    graded.by_hand("ada", "why", points=None)
    report = graded.root / "records" / "reports" / "sums" / "ben.json"
    report.rename(report.with_suffix(".away"))
    assert gone(tidied(graded, days=9999)) == []
    graded.by_hand("ada", "why", points=1)
    graded.hand_in("ada", why="Because I say so.", content=json.dumps({**graded.fetch(), "new": 1}).encode())
    graded.grade("ada")
    assert gone(tidied(graded, days=9999)) == []
    report.with_suffix(".away").rename(report)
    assert {p.place.parent.parent.name for p in tidied(graded, days=9999).gone} == {"ben"}


def test_a_quota_takes_the_oldest_of_what_is_missed_least(graded: School) -> None:
    os.utime(run_of(graded, "ben") / "evidence.bin", (1_700_000_000, 1_700_000_000))
    policy(graded, f"quota_gb = {(tidied(graded).used - 60_000) / 1e9}")
    done = tidied(graded)
    assert [(p.kind, p.place.parent.parent.name) for p in done.gone] == [("models", "ben")] and done.over == 0
    policy(graded, f"quota_gb = {40_000 / 1e9}")
    assert gone(tidied(graded)) == [("models", "classifier.keras"), ("superseded", "20260101T120000000000")]


def test_a_quota_that_cannot_be_kept_is_told_and_takes_nothing_that_is_needed(graded: School) -> None:
    for student in ("ada", "ben"):
        graded.by_hand(student, "why", points=None)
    policy(graded, "quota_gb = 0.00001")
    done = tidied(graded)
    assert gone(done) == [("superseded", "20260101T120000000000")] and done.over > 190_000


def test_a_run_that_was_replaced_since_it_was_looked_at_stays(graded: School, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.keep import tidy as module

    policy(graded, "evidence_days = 1")
    chosen = module._chosen

    def meanwhile(*given: object) -> object:
        found = chosen(*given)  # type: ignore[arg-type]
        graded.grade("ada", "ben", force=True)
        return found

    monkeypatch.setattr(module, "_chosen", meanwhile)
    assert gone(tidied(graded, days=2)) == []
    assert Store(graded.root).get_run("sums", "ada", "sums") is not None


def test_what_a_kill_left_is_swept_up_and_what_it_hid_is_put_back(graded: School) -> None:
    submitted = graded.root / "submitted" / "ada"
    (submitted / ".sums-abcd1234").mkdir()
    (submitted / "sums").rename(submitted / ".sums-abcd1234" / "old")
    (graded.root / "records" / "reports" / "sums" / ".abcd1234").write_text("half")
    (submitted / ".sums-zyxw9876" / "new").mkdir(parents=True)
    assert tidied(graded).swept == []  # it may be in work
    done = tidied(graded, days=2)
    assert done.put_back == [submitted / "sums"] and len(done.swept) == 3
    assert (submitted / "sums" / "sums.ipynb").is_file()
    assert not [p for p in (*submitted.iterdir(), *(graded.root / "records").rglob("*")) if p.name.startswith(".a")]


KILLED = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from autograder.course import load_course
from autograder.keep.tidy import tidy

def unlinked_until_killed(*args, unlink=os.unlink, left=[10], **how):
    unlink(*args, **how)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

os.unlink = unlinked_until_killed
tidy(load_course(Path(sys.argv[1])), dry_run=False, now=datetime.now(UTC) + timedelta(days=9))
"""


def test_one_that_is_killed_is_completed_by_the_next(graded: School) -> None:
    policy(graded, "models_days = 1", "superseded_days = 1", "evidence_days = 1")
    many = graded.root / "records" / "superseded" / "sums" / "zoe"
    for number in range(30):
        (many / f"20260101T120000{number:06}").mkdir(parents=True)
        (many / f"20260101T120000{number:06}" / "sums.ipynb").write_text("x")
    assert subprocess.run([sys.executable, "-c", KILLED, str(graded.root)]).returncode == -signal.SIGKILL
    assert 0 < len(list(many.iterdir())) < 30
    tidied(graded, days=9)
    assert list(many.iterdir()) == [] and gone(tidied(graded, days=9)) == []
    assert graded.total("ada") == 3 + 1 + 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("models_days = 0", "models_days = 0. Give a whole number of days above 0"),
        ("evidence_days = 1.5", "Give a whole number of days above 0"),
        ("superseded_days = true", "Give a whole number of days above 0"),
        ('quota_gb = "50"', "Give a number of GB above 0"),
        ("days = 3", "unknown entry 'days'. Known: models_days, superseded_days, evidence_days, quota_gb."),
    ],
)
def test_a_policy_with_a_mistake_is_reported_like_all_others(tmp_path: Path, line: str, problem: str) -> None:
    root = tiny_course(tmp_path)
    policy(School(root), line)
    with pytest.raises(CourseError) as raised:
        load_course(root)
    assert problem in str(raised.value) and len(raised.value.faults) == 1

"""What `autograder grade` and `autograder post` print of a gradebook."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from autograder import cli, progress
from autograder.errors import LOST
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.post import NO_WAY
from autograder.nbgrader_ext.posted import posted
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def autograder(school: School, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in the school's course; return its exit code and what it printed."""
    monkeypatch.setattr(progress, "LocalEngine", lambda workers: school.engine)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", *arguments, "--course", str(school.root)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as done:
            cli.main()
        return int(done.value.code or 0), capsys.readouterr().out

    return run


def row(printed: str, student: str) -> list[str]:
    (line,) = (line for line in printed.splitlines() if f" {student} " in line)
    return [cell.strip() for cell in line.strip("│ ").split("│")]


def test_the_table_shows_what_waits_for_a_person(school: School, autograder: Command) -> None:
    school.hand_in("ada", why="Because it is.")
    assert row(autograder("grade", "sums")[1], "ada") == ["sums", "ada", "4", "8", "why", "ran"]


def test_the_table_counts_points_that_a_person_gave(school: School, autograder: Command) -> None:
    school.hand_in("ada", why="Because it is.")
    autograder("grade", "sums")
    school.by_hand("ada", "why", points=3, extra=0.5)
    assert row(autograder("grade", "sums")[1], "ada") == ["sums", "ada", "7.5", "8", "", "judged again"]


def test_what_was_handed_in_anew_after_a_person_graded_it_waits_again(school: School, autograder: Command) -> None:
    school.hand_in("ada", why="Because it is.")
    autograder("grade", "sums")
    school.by_hand("ada", "why", points=3)
    school.by_hand("ada", "double", points=1)
    school.hand_in("ada", why="Because I say so.", content=json.dumps({**school.fetch(), "new": 1}).encode())
    assert row(autograder("grade", "sums")[1], "ada")[4] == "double, why"
    (report,) = json.loads(autograder("report", "--json")[1])
    assert {e: v["note"] for e, v in report["verdicts"].items() if v["score"] is None} == {
        "double": "Handed in anew since a person gave 1 of 3.",
        "why": "Handed in anew since a person gave 3 of 4.\nGrade by hand.",
    }


def test_the_table_says_what_lateness_takes_off(school: School, autograder: Command) -> None:
    due = datetime.now(UTC) - timedelta(hours=30)
    school.in_toml(f"due = {due.isoformat()}\nlate = {{ per_day = 10 }}")
    school.hand_in("ada", when=(due + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S UTC"))
    _, printed = autograder("grade", "sums")
    assert row(printed, "ada")[2:] == [f"{school.total('ada'):g}", "8", "", "ran, late: -0.4"]
    assert "Lateness is taken off these scores." in printed


def test_a_class_that_has_not_changed_is_not_looked_up_and_nothing_is_imported_for_it(
    school: School, autograder: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.hand_in("ada")
    autograder("grade", "sums")
    monkeypatch.delattr(NbgraderGradebook, "standings")
    monkeypatch.setitem(sys.modules, "autograder.pipeline", None)  # importing it is an error
    assert "1 of 1 have not changed." in autograder("grade", "sums")[1]


def test_who_came_without_a_secret_is_named_before_anything_is_posted(school: School, autograder: Command) -> None:
    school.in_toml('feedback = "by-hand"')
    school.hand_in("ada")
    school.hand_in("ben")
    autograder("grade", "sums")
    (school.root / "autograded" / "ben" / "sums" / "submission_secret.txt").write_text("secret")
    code, printed = autograder("post", "sums", "--dry-run", "--json")
    assert {one["student"]: one["state"] for one in json.loads(printed)} == {"ada": NO_WAY, "ben": "would be posted"}
    assert code == LOST and posted(school.root, "sums", "ada") is None

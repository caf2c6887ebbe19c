"""The command line as a person or a script meets it: exit codes, what goes to stdout, and no traceback."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import cli, console, progress
from autograder.course import load_course
from autograder.errors import LOST
from autograder.plan import CORRECT
from autograder.types import Report
from tests.fakes import SEVEN, SUMS, submit, tiny_course

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def autograder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in a course, and return its exit code, what it printed, and what it said on stderr."""

    def run(root: Path, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", *arguments, "--course", str(root)])
        with pytest.raises(SystemExit) as done:
            cli.main()
        said = capsys.readouterr()
        return int(done.value.code or 0), said.out, said.err

    return run


def test_faults_are_listed_and_the_exit_code_says_so(tmp_path: Path, autograder: Command) -> None:
    root = tiny_course(tmp_path, sums__seven=SEVEN.replace("points=1", 'points="1"'))
    code, printed, _ = autograder(root, "check")
    assert code == 1 and "1 fault" in printed
    code, printed, said = autograder(root, "check", "--json")
    assert code == 1 and json.loads(printed)[0]["exercise"] == "seven" and not said


@pytest.mark.parametrize("command", ["build", "grade", "rejudge", "report", "slips", "watch"])
def test_a_mistake_in_the_course_stops_every_command_with_a_remedy(
    tmp_path: Path, autograder: Command, command: str
) -> None:
    root = tiny_course(tmp_path, sums__seven=SEVEN.replace("points=1", 'points="1"'))
    code, printed, said = autograder(root, command)
    assert (code, printed) == (1, "") and said.startswith("autograder: ") and "Give it a number." in said


@pytest.mark.parametrize("command", ["grade", "rejudge"])
def test_a_student_who_submitted_nothing_is_named(tmp_path: Path, autograder: Command, command: str) -> None:
    root = tiny_course(tmp_path)
    submit(root, "ada", SUMS)
    code, printed, said = autograder(root, command, "sums", "--student", "bob")
    assert (code, printed) == (1, "") and "'bob' submitted nothing for sums" in said
    assert not (root / "gradebook.db").exists()


@pytest.mark.parametrize("command", ["build", "grade", "rejudge", "report", "check"])
def test_an_unknown_assignment_is_answered_with_the_known_ones(
    tmp_path: Path, autograder: Command, command: str
) -> None:
    code, printed, said = autograder(tiny_course(tmp_path), command, "summs")
    assert code == 1 and "Known assignments: sums." in printed + said


def test_a_command_that_is_stopped_says_that_nothing_is_lost(
    tmp_path: Path, autograder: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(progress, "grade_all", stopped)
    code, printed, said = autograder(tiny_course(tmp_path), "grade")
    assert (code, printed) == (130, "") and "Nothing is lost" in said and "Traceback" not in said


def test_grading_before_anything_came_says_what_to_do(tmp_path: Path, autograder: Command) -> None:
    code, printed, said = autograder(tiny_course(tmp_path), "grade", "--json")
    assert (code, json.loads(printed)) == (0, []) and "nbgrader collect sums" in said


def test_releases_are_listed_and_students_moved(tmp_path: Path, autograder: Command) -> None:
    from tests.test_pipeline import fetch, release_again, released

    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    tiny_course(tmp_path, sums__seven=SEVEN.replace("3 + 4", "3 plus 4"))
    version = release_again(load_course(tmp_path))
    code, printed, _ = autograder(tmp_path, "releases", "sums", "--json")
    assert code == 0 and [v["students"] for v in json.loads(printed)] == [["ada"], []]
    code, printed, _ = autograder(tmp_path, "releases", "sums", "--move", "ada", "--say", "Sorry.", "--json")
    assert code == 0 and json.loads(printed)[0]["moved"] == {"ada": version}
    code, printed, _ = autograder(tmp_path, "releases", "sums")
    assert code == 0 and version in printed
    code, _, said = autograder(tmp_path, "releases", "sums", "--move", "bob")
    assert code == 1 and "'bob' submitted nothing" in said


def test_a_new_term_says_what_to_do_next(tmp_path: Path, autograder: Command) -> None:
    root = tiny_course(tmp_path / "old")
    (root / "nbgrader_config.py").write_text("")
    code, printed, _ = autograder(root, "new", "term", str(tmp_path / "new"), "--salt", "2027")
    assert code == 0 and "nbgrader generate_assignment sums --create" in printed
    assert load_course(tmp_path / "new").salt == "2027"


def test_watching_without_an_exchange_says_where_it_belongs(tmp_path: Path, autograder: Command) -> None:
    root = tiny_course(tmp_path)
    config = "from autograder.nbgrader_ext import configure\nc = get_config()\nconfigure(c, __file__)\n"
    (root / "nbgrader_config.py").write_text(config + f"c.Exchange.root = {str(tmp_path / 'nowhere')!r}\n")
    code, printed, said = autograder(root, "watch")
    assert (code, printed) == (1, "") and "c.Exchange.root" in said and "Traceback" not in said


def test_what_is_not_ours_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    console.plain("\x1b]0;eve\x07 [bold]name[/]\nnext")
    console.table(["student"], [["\x1b[2J"]])
    said = capsys.readouterr().out
    assert "\x1b" not in said and "\x07" not in said and "[bold]name[/]\nnext" in said


def test_a_report_before_anything_was_graded_says_so_and_needs_no_gradebook(
    tmp_path: Path, autograder: Command
) -> None:
    root = tiny_course(tmp_path)
    code, printed, said = autograder(root, "report", "--out", str(tmp_path / "out"))
    assert (code, said) == (0, "") and "wrote" in printed
    (page,) = (tmp_path / "out").glob("*.html")
    assert "no submission has been graded" in page.read_text()
    assert autograder(root, "report", "--json")[:2] == (0, "[]\n")
    assert not (root / "gradebook.db").exists()


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (
            f"course/sums/seven.py [seven]: its question cannot be made. {CORRECT}",
            "correct what is named above, then run",
        ),
        ("the worker died", "Nobody lost a point; run the same command again"),
    ],
)
def test_who_grades_is_told_to_correct_the_course_first_only_where_it_is_at_fault(
    tmp_path: Path, autograder: Command, monkeypatch: pytest.MonkeyPatch, why: str, told: str
) -> None:
    lost = Report("sums", "ada", {}, {}, {}, lost=why)
    graded = progress.Class(done=[progress.Done(lost, ran=False)])
    monkeypatch.setattr(progress, "grade_all", lambda *given, **named: graded)
    code, printed, _ = autograder(tiny_course(tmp_path), "grade")
    assert code == LOST and told in " ".join(printed.split())

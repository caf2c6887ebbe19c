"""The whole story on the real tools: the demo's class, graded once for all tests of this file."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.course import Course, find_root, load_course
from autograder.data import pack
from autograder.demo.run import demo
from autograder.demo.sample import CLASS, STORY
from autograder.demo.scratch import nbgrader
from autograder.errors import DataError
from autograder.rejudge import rejudge
from autograder.release import newest
from autograder.store import Store
from autograder.types import Report

pytestmark = [pytest.mark.tensorflow, pytest.mark.nbgrader]


@dataclass(frozen=True)
class Told:
    course: Course
    code: int
    words: str

    def report(self, assignment: str, student: str) -> Report:
        found = Store(self.course.root).report(assignment, student)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def repository() -> Course:
    return load_course(find_root(Path(__file__)))


@pytest.fixture(scope="module")
def told(repository: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("demo")
    try:
        pack(folder, "mnist", "small")
    except DataError as error:
        pytest.skip(f"NOT TESTED, the data pack cannot be had: {error}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        words, code = _demo(repository, folder)
    yield Told(load_course(folder), code, words)


def _demo(repository: Course, folder: Path) -> tuple[str, int]:
    import contextlib
    import io

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = demo(repository, folder, workers=2)
    return printed.getvalue(), code


def test_every_student_gets_what_a_fair_teacher_gives(told: Told) -> None:
    assert told.code == 0, told.words
    assert all(student.id in told.words for student in CLASS)


@pytest.mark.parametrize("assignment", ["arithmetic", "mnist"])
def test_the_worked_solution_scores_everything_and_the_release_nothing(told: Told, assignment: str) -> None:
    solved, blank = told.report(assignment, "ada"), told.report(assignment, "hana")
    assert {v.score for v in solved.verdicts.values()} == {1.0, None}  # None: prose, which a person reads
    assert {v.score for v in blank.verdicts.values()} == {0.0}


def test_running_it_again_does_no_work_twice(told: Told, repository: Course) -> None:
    words, code = _demo(repository, told.course.root)
    assert code == 0
    assert len(re.findall(r"0 notebooks were run", words)) == len(STORY)
    assert len(re.findall(r"already released, unchanged", words)) == len(STORY)
    assert len(re.findall(r": 0 new pages", words)) == len(STORY)


def test_nbgraders_gradebook_holds_the_reports_exact_scores(told: Told) -> None:
    nbgrader(told.course.root, "export", "--to", "grades.csv")
    with (told.course.root / "grades.csv").open(newline="") as file:
        rows = {(row["assignment"], row["student_id"]): float(row["score"]) for row in csv.DictReader(file)}
    for assignment in STORY:
        for student in CLASS:
            assert rows[assignment, student.id] == pytest.approx(told.report(assignment, student.id).score)


def test_nbgrader_autograde_on_one_submission_gives_the_same_score(told: Told) -> None:
    before = told.report("arithmetic", "emil").score
    nbgrader(told.course.root, "autograde", "arithmetic", "--student=emil", "--force")
    assert told.report("arithmetic", "emil").score == before
    nbgrader(told.course.root, "export", "--to", "again.csv")
    with (told.course.root / "again.csv").open(newline="") as file:
        (row,) = [r for r in csv.DictReader(file) if (r["assignment"], r["student_id"]) == ("arithmetic", "emil")]
    assert float(row["score"]) == pytest.approx(before)


def test_a_students_page_explains_the_mistake_and_never_shows_the_key(told: Told) -> None:
    page = (told.course.root / "feedback/chen/arithmetic/arithmetic.html").read_text("utf-8")
    assert "its bias" in page
    entry = newest(told.course.records, "arithmetic").entry("parameters", "chen")
    assert entry is not None
    key = told.course.assignment("arithmetic").exercises["parameters"].key(entry["params"], frozenset())
    assert f"{key:,}" not in page
    assert not re.search(rf"(?<!\d){key}(?!\d)", page)


def test_judging_again_with_the_same_course_changes_nothing(told: Told) -> None:
    for assignment in STORY:
        assert rejudge(told.course, assignment, None, dry_run=False) == []


def test_a_receipt_names_the_answers_that_were_seen(told: Told) -> None:
    receipt = told.report("arithmetic", "pia").receipt
    assert receipt is not None
    assert len(receipt.sha256) == 64
    assert "parameters" in receipt.answers
    assert "memory-train" not in receipt.answers  # the kernel died before


def test_nothing_that_students_get_holds_a_key_a_label_or_a_solution(told: Told) -> None:
    for assignment in STORY:
        for path in sorted((told.course.root / "release" / assignment).iterdir()):
            text = path.read_bytes().decode("utf-8", "replace")
            assert "BEGIN SOLUTION" not in text
            if path.name == "questions.json":
                fields = {field for e in json.loads(text)["exercises"].values() for field in e}
                assert fields == {"title", "points", "kind", "form", "prompt", "pool"}

"""What every gradebook keeps of a report, whichever database holds it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import inspect

from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.pipeline import Graded
from autograder.types import Report, Verdict
from tests.nbgrader_ext.postgres import programs, server
from tests.nbgrader_ext.school import School, make_course

pytestmark = pytest.mark.nbgrader

REPORT = Report(
    assignment="sums",
    student="ada",
    verdicts={
        "double": Verdict(2 / 3, "Nearly."),
        "seven": Verdict(1.0, "Right."),
        "why": Verdict(None, "A person reads it."),
    },
    points={"double": 3.0, "seven": 1.0, "why": 4.0},
    titles={"double": "Double", "seven": "Seven", "why": "Why"},
)
LOST = replace(REPORT, verdicts={e: Verdict(None, "") for e in REPORT.verdicts}, lost="the worker died")


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> School:
    school = School(make_course(tmp_path_factory.mktemp("sqlite")))
    school.generate()
    return school


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    bin = programs()
    if bin is None:
        pytest.skip("no PostgreSQL server program (initdb) on this machine: this database was NOT tested")
    with server(bin) as url:
        root = make_course(tmp_path_factory.mktemp("postgres"))
        with (root / "nbgrader_config.py").open("a") as file:
            file.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
        school = School(root)
        school.generate()
        yield school


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def school(request: pytest.FixtureRequest) -> Iterator[School]:
    made: School = request.getfixturevalue(request.param)
    yield made
    with made.book() as gradebook:
        for student in gradebook.students:
            gradebook.remove_student(student.id)
    for name in ("autograded", "submitted", "feedback", "records/recorded", "records/reports", "records/runs"):
        shutil.rmtree(made.root / name, ignore_errors=True)


def record(school: School, report: Report) -> None:
    with NbgraderGradebook(school.root) as book:
        book.record([Graded(report, {}, None)])


def test_each_verdict_is_a_row(school: School) -> None:
    record(school, REPORT)
    assert school.scores("ada") == {"double": (2.0, False), "seven": (1.0, False), "why": (None, True)}


def test_recording_twice_is_as_once(school: School) -> None:
    record(school, REPORT)
    record(school, REPORT)
    assert school.total("ada") == 3.0


def test_points_and_words_of_a_person_stay(school: School) -> None:
    record(school, REPORT)
    school.by_hand("ada", "why", points=3.5, extra=0.5, comment="Good.")
    record(school, replace(REPORT, verdicts={**REPORT.verdicts, "double": Verdict(1.0, "Right.")}))
    assert school.total("ada") == 3 + 1 + 4
    with school.book() as gradebook:
        assert gradebook.find_comment("why", "sums", "sums", "ada").comment == "Good."


def test_a_lost_report_changes_no_score(school: School) -> None:
    record(school, REPORT)
    record(school, LOST)
    assert school.total("ada") == 3.0


def test_a_lost_report_alone_waits_for_a_person(school: School) -> None:
    record(school, LOST)
    assert set(school.scores("ada").values()) == {(None, True)}
    record(school, REPORT)
    assert school.scores("ada")["seven"] == (1.0, False)


def test_an_answer_to_an_older_question_changes_no_score(school: School) -> None:
    record(school, REPORT)
    record(school, replace(REPORT, verdicts={**REPORT.verdicts, "double": Verdict(None, "", needs_run=True)}))
    assert school.scores("ada")["double"] == (2.0, False)


def test_a_whole_course_runs_on_it(school: School) -> None:
    school.hand_in("ada", off=1, why="Because it is.", when="2026-01-10 12:00:00 UTC")
    school.grade("ada")
    assert school.total("ada") == 1.0
    assert school.feedback("ada")["success"] and "Double" in school.page("ada")
    assert school.export()["ada"]["score"] == "1.0"
    with school.api() as api:
        (submission,) = api.get_submissions("sums")
        assert submission["autograded"] and submission["score"] == 1.0


def test_a_message_that_quotes_anything_is_kept_as_text(school: School) -> None:
    said = "'; DROP TABLE grade; -- \u2028 é 数 \x00 \ud800"
    record(school, replace(REPORT, verdicts={**REPORT.verdicts, "seven": Verdict(0.0, said)}))
    with school.book() as gradebook:
        kept = gradebook.find_comment("seven", "sums", "sums", "ada").auto_comment
    assert kept == "'; DROP TABLE grade; -- \u2028 é 数  ?"
    assert school.scores("ada")["seven"] == (0.0, False)


def test_a_batch_is_written_as_a_whole_or_not_at_all(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("the disk is full")

    students = ["ada", "ben", "cem"]
    batch = [Graded(replace(REPORT, student=student), {}, None) for student in students]
    with NbgraderGradebook(school.root) as book:
        book.record(batch[:1])
        with monkeypatch.context() as patched, pytest.raises(RuntimeError):
            patched.setattr(NbgraderGradebook, "_rows", full)  # everything is written by then, and nothing committed
            book.record([Graded(replace(REPORT, student=s, verdicts={}), {}, None) for s in students])
        with school.book() as gradebook:
            assert [s.id for s in gradebook.students] == ["ada"]
        assert school.total("ada") == 3.0
        book.record(batch)
    assert {school.total(student) for student in students} == {3.0}


def test_of_a_batch_each_keeps_what_a_person_gave(school: School) -> None:
    batch = [Graded(replace(REPORT, student=student), {}, None) for student in ("ada", "ben")]
    with NbgraderGradebook(school.root) as book:
        book.record(batch)
        school.by_hand("ada", "double", points=1, extra=0.5, comment="See me.")
        book.record(batch)
    assert school.total("ada") == 1.5 + 1 and school.total("ben") == 3.0
    with school.book() as gradebook:
        assert gradebook.find_comment("double", "sums", "sums", "ada").comment == "See me."
        assert gradebook.find_comment("double", "sums", "sums", "ben").comment == "Nearly."


def test_a_gradebook_without_the_indexes_that_its_pages_need_gets_them(school: School) -> None:
    def found() -> set[str]:
        with school.book() as gradebook:
            return {index["name"] for index in inspect(gradebook.engine).get_indexes("grade")}

    record(school, REPORT)
    assert "autograder_grade_notebook_id" in found()
    with school.book() as gradebook, gradebook.engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX autograder_grade_notebook_id")
    assert "autograder_grade_notebook_id" not in found()
    record(school, REPORT)
    assert "autograder_grade_notebook_id" in found()

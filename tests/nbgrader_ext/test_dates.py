"""Two places hold dates; one of them counts."""

from __future__ import annotations

from datetime import datetime

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import load_course
from autograder.errors import AutograderError
from autograder.nbgrader_ext.dates import dates, write
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader


def differences(school: School) -> list[str]:
    return [words for found in dates(load_course(school.root)) for words in found.differences()]


def test_a_date_that_the_gradebook_alone_has_is_no_difference(school: School) -> None:
    with school.book() as gradebook:
        gradebook.update_or_create_assignment("sums", duedate="2026-01-10 12:00:00 UTC")
    assert differences(school) == []


def test_other_dates_and_extensions_are_told_with_what_counts(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    with school.book() as gradebook:
        gradebook.update_or_create_assignment("sums", duedate="2026-01-10 12:00:00 UTC")
        gradebook.grant_extension("sums", "ada", days=2)
    school.in_toml("due = 2026-12-01T18:00:00Z")
    due, extension = differences(school)
    assert "10 January 2026, 12:00 UTC" in due and "counts: 1 December 2026, 18:00 UTC" in due
    assert "gives ada an extension of 2 days" in extension


def test_an_extension_of_nobody_whom_the_course_knows_is_told_as_soon_as_it_knows_somebody(school: School) -> None:
    school.in_toml("due = 2026-12-01T18:00:00Z\nextensions = { adda = '3 days', ada = '3 days' }")
    assert [each.nobodys for each in dates(load_course(school.root))] == [()]
    school.hand_in("ada")
    said = CliRunner().invoke(app, ["dates", "--write", "--course", str(school.root)])
    assert said.exit_code == 0
    assert "course.toml gives adda an extension, and no student of that name" in " ".join(said.output.split())
    assert "gives ada" not in said.output


def test_written_into_the_gradebook_they_agree(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    school.in_toml("due = 2026-12-01T18:00:00Z\nextensions = { ada = '3 days' }")
    assert len(differences(school)) == 1
    write(load_course(school.root))
    assert differences(school) == []
    with school.book() as gradebook:
        assert gradebook.find_submission("sums", "ada").duedate.isoformat() == "2026-12-04T18:00:00"


def test_an_extension_over_the_day_when_clocks_are_put_back_ends_when_course_toml_says(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    toml = school.root / "course" / "course.toml"
    toml.write_text(toml.read_text().replace('salt = "test"', 'salt = "test"\ntimezone = "Europe/Berlin"'))
    school.in_toml('due = 2026-10-20T18:00:00\nextensions = { ada = "7 days" }')
    write(load_course(school.root))
    with school.book() as gradebook:
        submission = gradebook.find_submission("sums", "ada")
        assert submission.duedate == datetime(2026, 10, 27, 17)  # 18:00 CET, in UTC
    assert differences(school) == []


@pytest.mark.parametrize("command", [["report"], ["post", "sums"]])
def test_where_there_is_no_gradebook_it_is_said_and_none_is_made(school: School, command: list[str]) -> None:
    school.hand_in("ada")
    school.grade("ada")
    (school.root / "gradebook.db").unlink()
    said = CliRunner().invoke(app, [*command, "--course", str(school.root)])
    assert isinstance(said.exception, AutograderError) and "There is no gradebook" in str(said.exception)
    assert not (school.root / "gradebook.db").exists()


def test_dates_are_told_where_there_is_no_gradebook_and_none_is_made(school: School) -> None:
    (school.root / "gradebook.db").unlink()
    assert [each.known for each in dates(load_course(school.root))] == [False]
    assert not (school.root / "gradebook.db").exists()

from __future__ import annotations

import pytest

from autograder.types import Evidence
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader


def test_scores_are_exported_with_nbgraders_columns(school: School) -> None:
    school.hand_in("ada", when="2026-01-10 12:00:00 UTC")
    school.grade("ada")
    row = school.export()["ada"]
    assert (row["assignment"], row["raw_score"], row["score"], row["max_score"], row["note"]) == (
        "sums",
        "4.0",
        "4.0",
        "8.0",
        "",
    )
    assert row["timestamp"] == "2026-01-10 12:00:00"


def test_names_are_quoted_and_are_no_formulas(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    with school.book() as gradebook:
        gradebook.update_or_create_student("ada", last_name='Love, "Countess"', first_name="=HYPERLINK(1)", email="@x")
    row = school.export()["ada"]
    assert (row["last_name"], row["first_name"], row["email"]) == ('Love, "Countess"', "'=HYPERLINK(1)", "'@x")


def test_a_student_who_handed_in_nothing_has_a_zero(school: School) -> None:
    with school.book() as gradebook:
        gradebook.add_student("bob")
    assert school.export()["bob"]["score"] == "0.0"


def test_what_we_lost_is_never_a_zero(school: School) -> None:
    school.hand_in("ada")
    school.engine.lose = {"ada"}
    school.grade("ada")
    row = school.export()["ada"]
    assert row["score"] == row["raw_score"] == "" and "failed on our side: sums: the worker died" in row["note"]


def test_what_is_not_graded_yet_is_no_zero(school: School) -> None:
    school.hand_in("ada")
    with school.book() as gradebook:
        gradebook.add_student("ada")
    row = school.export()["ada"]
    assert row["score"] == "" and row["note"] == "handed in, not graded yet"


def test_an_earlier_score_stands_when_a_later_grading_is_lost(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    school.engine.lose = {"ada"}
    school.grade("ada", force=True)
    assert school.export()["ada"]["score"] == "4.0"


def test_what_waits_for_a_person_is_noted(school: School) -> None:
    school.hand_in("ada", why="Because it is.")
    school.grade("ada")
    row = school.export()["ada"]
    assert row["score"] == "4.0" and row["note"] == "waits for a person"


def test_what_a_person_graded_after_a_loss_is_exported(school: School) -> None:
    school.hand_in("ada")
    school.engine.lose = {"ada"}
    school.grade("ada")
    for name in ("double", "seven", "why"):
        school.by_hand("ada", name, points=1)
    assert school.export()["ada"]["score"] == "3.0"


def test_an_answer_that_only_a_person_grades_is_no_loss(school: School) -> None:
    school.hand_in("ada", why="Because it is.")
    school.answers["ada"] |= {"double": Evidence("ambiguous"), "seven": Evidence("ambiguous")}
    school.grade("ada")
    row = school.export()["ada"]
    assert row["score"] == "0.0" and row["note"] == "waits for a person"

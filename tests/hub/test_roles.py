"""The table of rights, and what it makes of groups. Trying is in test_who_may.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.hub.roles import RIGHTS, RULES, Right, Role, as_table, rights_of, roles_of


def test_groups_of_another_course_give_nothing() -> None:
    assert rights_of(["instructor-rnn", "staff-rnn", "formgrade-cnn2", "instructor-cnn-evening"], "cnn") == frozenset()


def test_a_course_whose_id_ends_another_ones_is_not_mixed_up_with_it() -> None:
    assert roles_of(["instructor-deep-cnn"], "cnn") == frozenset()
    assert roles_of(["instructor-deep-cnn"], "deep-cnn") == {Role.INSTRUCTOR}


def test_who_is_in_two_groups_has_the_rights_of_both() -> None:
    both = rights_of(["formgrade-cnn", "staff-cnn"], "cnn")
    assert both == RIGHTS[Role.GRADER] | RIGHTS[Role.STAFF]


def test_a_student_may_do_nothing_and_a_student_who_also_grades_may_grade() -> None:
    assert rights_of(["nbgrader-cnn"], "cnn") == frozenset()
    assert rights_of(["nbgrader-cnn", "formgrade-cnn"], "cnn") == RIGHTS[Role.GRADER]


@pytest.mark.parametrize("role", [Role.GRADER, Role.STAFF])
def test_only_instructors_run_a_class(role: Role) -> None:
    assert Right.RUN not in RIGHTS[role]


def test_course_staff_give_no_points_and_see_nobodys_name() -> None:
    assert not {Right.GRADE, Right.NAMES} & RIGHTS[Role.STAFF]


def test_what_changes_something_takes_more_than_to_be_let_in() -> None:
    for pattern, needs in RULES.items():
        for method, right in needs.items():
            assert method == "GET" or right not in (Right.ENTER, Right.COURSE, Right.REPORT), (method, pattern)


def test_the_docs_have_the_table_that_the_gate_goes_by() -> None:
    assert as_table() in (Path(__file__).parents[2] / "docs" / "hub.md").read_text("utf-8")

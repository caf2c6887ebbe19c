from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.survey import Effort, distinct_misconceptions, effort, survey
from tests.fakes import DOUBLE, tiny_course

COURSE = load_course(Path(__file__).parents[1])


def test_the_variants_of_each_personal_exercise_are_equally_hard_and_at_least_200() -> None:
    personal = [row for row in survey(COURSE) if row.variants > 1]
    assert personal
    for row in personal:
        assert row.variants >= 200, row
        assert row.effort is not None and row.effort.even, row


def test_the_course_teaches_at_least_60_different_misconceptions() -> None:
    distinct = distinct_misconceptions(COURSE)
    assert len(distinct) >= 60
    assert len({slip.id for slip in distinct.values()}) >= 60


def test_misconceptions_of_one_exercise_say_different_things() -> None:
    for assignment in COURSE.assignments.values():
        for exercise in assignment.exercises.values():
            assert len({slip.message for slip in exercise.slips}) == len(exercise.slips), exercise.id


def test_a_slip_that_two_exercises_share_counts_once(tmp_path: Path) -> None:
    again = DOUBLE.replace('id="double"', 'id="again"')
    course = load_course(tiny_course(tmp_path, sums__again=again))
    assert [row.misconceptions for row in survey(course)] == [1, 1, 0]
    assert len(distinct_misconceptions(course)) == 1


def test_effort_is_measured_over_the_pool(tmp_path: Path) -> None:
    exercise = load_course(tiny_course(tmp_path)).assignment("sums").exercises["double"]
    assert effort(replace(exercise, effort=None), [{"n": 1}]) is None
    counted = replace(exercise, effort=lambda params: params["n"])
    assert effort(counted, [{"n": 9}, {"n": 4}, {"n": 5}]) == Effort(4, 5, 9)


@pytest.mark.parametrize(("most", "even"), [(10, True), (12.5, True), (13, False)])
def test_a_quarter_more_steps_is_even_enough_and_more_is_not(most: float, even: bool) -> None:
    assert Effort(10, 11, most).even is even

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.slips import Figures, Share, measurable, measure

COURSE = load_course(Path(__file__).parents[1])
MEASURED = [e for a in COURSE.assignments.values() for e in a.exercises.values() if measurable(e)]

every_measured = pytest.mark.parametrize("exercise", MEASURED, ids=lambda exercise: exercise.id)


def meets_its_aims(figures: Figures) -> bool:
    pairs = figures.pairs.fraction if figures.pairs.of else 1.0
    return figures.singles.fraction >= 0.98 and pairs >= 0.90 and figures.false.fraction <= 0.02


def test_the_personal_exercises_with_numbers_are_measured() -> None:
    assert {e.id for e in MEASURED} == {"output-shape", "parameters", "memory-predict", "memory-train"}


@every_measured
def test_slips_are_diagnosed_as_themselves_and_random_numbers_are_not(exercise: object) -> None:
    figures = measure(next(e for e in MEASURED if e is exercise), variants=100, wrong=1000)
    assert figures.variants == 100 and figures.false.of == 1000
    assert meets_its_aims(figures), figures


@pytest.mark.slow
@every_measured
@pytest.mark.parametrize("digits", [2, 3, 4, 5])
def test_the_aims_are_met_over_a_thousand_stacks(exercise: object, digits: int) -> None:
    figures = measure(next(e for e in MEASURED if e is exercise), digits=digits)
    assert figures.false.fraction <= 0.02
    if digits >= 4:  # fewer digits do not tell all slips apart, and a tie claims nothing
        assert meets_its_aims(figures), figures


def test_a_share_of_nothing_is_nothing() -> None:
    assert (Share() + Share(1, 4)).fraction == 0.25
    assert Share().fraction == 0

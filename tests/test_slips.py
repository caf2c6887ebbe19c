from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.slips import Figures, Share, measurable, measure
from tests.fakes import DOUBLE, tiny_course

COURSE = load_course(Path(__file__).parents[1])
MEASURED = [e for a in COURSE.assignments.values() for e in a.exercises.values() if measurable(e)]

ON_STACKS = {"output-shape", "parameters", "memory-predict", "memory-train"}

every_measured = pytest.mark.parametrize("exercise", MEASURED, ids=lambda exercise: exercise.id)


def meets_its_aims(figures: Figures) -> bool:
    pairs = figures.pairs.fraction if figures.pairs.of else 1.0
    return figures.singles.fraction >= 0.98 and pairs >= 0.90 and figures.false.fraction <= 0.02


def test_the_personal_exercises_with_numbers_are_measured() -> None:
    personal = [e for a in COURSE.assignments.values() for e in a.exercises.values() if e.params and not e.pack]
    numbers = {e.id for e in personal if e.checker.kind in ("number", "value") and e.slips}
    assert numbers >= ON_STACKS
    assert numbers == {e.id for e in MEASURED}


def test_only_variants_that_students_meet_are_measured(tmp_path: Path) -> None:
    course = load_course(
        tiny_course(tmp_path, sums__double=DOUBLE.replace("rng.randint(1000, 1999)", "rng.choice([2, 9])"))
    )
    figures = measure(course.assignment("sums").exercises["double"], variants=10, wrong=10)
    assert (figures.variants, figures.singles) == (10, Share(10, 10)), "with 2, twice is plus two"


@every_measured
def test_slips_are_diagnosed_as_themselves_and_random_numbers_are_not(exercise: object) -> None:
    figures = measure(next(e for e in MEASURED if e is exercise), variants=50, wrong=500)
    assert figures.variants == 50 and figures.false.of == 500
    assert meets_its_aims(figures), figures


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [e for e in MEASURED if e.id in ON_STACKS], ids=lambda exercise: exercise.id)
@pytest.mark.parametrize("digits", [2, 3, 4, 5])
def test_the_aims_are_met_over_a_thousand_stacks(exercise: object, digits: int) -> None:
    figures = measure(next(e for e in MEASURED if e is exercise), digits=digits)
    assert figures.false.fraction <= 0.02
    if digits >= 4:  # fewer digits do not tell all slips apart, and a tie claims nothing
        assert meets_its_aims(figures), figures


def test_a_share_of_nothing_is_nothing() -> None:
    assert (Share() + Share(1, 4)).fraction == 0.25
    assert Share().fraction == 0

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from autograder.checkers.numeric import Numeric
from autograder.digest import digest
from autograder.errors import CourseError
from autograder.exercise import Exercise
from autograder.pool import make_pool, variant
from autograder.types import HiddenSet, Misconception, Params, Slips


def area(params: Params, slips: Slips) -> int:
    height, width = params["height"], params["width"]
    return int(height * height if "square" in slips else height + width if "sum" in slips else height * width)


def draw(rng: Random) -> dict[str, Any]:
    return {"height": rng.randint(1, 9), "width": rng.randint(1, 9)}


SLIPS = (Misconception("square", "You squared the height."), Misconception("sum", "You added."))


def exercise(pool: int, **changes: Any) -> Exercise:
    given = {"params": draw, "misconceptions": SLIPS, **changes}
    return Exercise(
        id="area", title="Area", points=1, prompt="{height}", key=area, checker=Numeric(exact=True), pool=pool, **given
    )


def test_a_pool_holds_as_many_variants_as_asked_for_and_no_two_alike() -> None:
    pool = make_pool(exercise(40), seed=1)
    assert len({digest(params) for params in pool}) == 40


def test_a_seed_decides_the_pool() -> None:
    assert make_pool(exercise(10), 1) == make_pool(exercise(10), 1) != make_pool(exercise(10), 2)


def test_a_draw_in_which_a_slip_leads_to_the_key_or_to_another_slip_is_dropped() -> None:
    for params in make_pool(exercise(40), seed=1):
        keys = [area(params, frozenset(slips)) for slips in ([], ["square"], ["sum"])]
        assert len(set(keys)) == 3


def test_a_pool_that_cannot_be_filled_says_why_and_what_to_do() -> None:
    with pytest.raises(CourseError, match=r"only \d+ of 90 variants .* drawn before") as caught:
        make_pool(exercise(90, misconceptions=()), seed=1)
    assert caught.value.faults[0].exercise == "area"
    assert caught.value.faults[0].remedy


def test_a_slip_that_always_leads_to_the_key_is_named() -> None:
    useless = Misconception("useless", "You did nothing wrong.")
    with pytest.raises(CourseError, match="'useless' equals the key"):
        make_pool(exercise(5, misconceptions=(useless,)), seed=1)


def test_a_pool_whose_parameters_cannot_be_drawn_is_a_fault_of_the_exercise() -> None:
    def broken(rng: Random) -> dict[str, Any]:
        return {"height": {"tall": 9}["long"]}

    with pytest.raises(CourseError, match="cannot be drawn: KeyError: 'long'"):
        make_pool(exercise(5, params=broken), seed=1)


def words(**changes: Any) -> str:
    with pytest.raises(CourseError) as caught:
        make_pool(replace(exercise(5), **changes), seed=1)
    return str(caught.value)


def by_twentieth(params: Params, slips: Slips) -> float:
    return float(params["height"] * (1.049 if "square" in slips else 2 if "sum" in slips else 1))


def test_a_slip_that_the_tolerance_takes_for_right_is_told_by_the_tolerance() -> None:
    told = words(key=by_twentieth, checker=Numeric(relative=0.1))
    assert "none of 100 draws can be used; in each of them misconception 'square' counts as right" in told
    assert "Make the tolerance smaller" in told and "equals" not in told and "Draw from more" not in told


def test_a_slip_that_the_key_never_reads_is_told_as_such_and_not_as_too_few_draws() -> None:
    told = words(misconceptions=(Misconception("sqare", "You squared the height."),))
    assert "See that `key` looks for 'sqare' among its slips" in told and "Draw from more" not in told


def test_two_slips_of_one_answer_are_both_named() -> None:
    told = words(
        misconceptions=(*SLIPS, Misconception("again", "", key=lambda params: area(params, frozenset(["sum"]))))
    )
    assert "misconceptions 'again' and 'sum' lead to the same answer" in told


@pytest.mark.parametrize("key", ["many", None, float("nan")])
def test_a_key_that_is_no_number_is_told_as_such(key: Any) -> None:
    assert f"[area]: `key` returns {key!r}, and no number" in words(key=lambda params, slips: key)


def test_a_slip_that_leads_to_no_number_is_told_as_such() -> None:
    told = words(key=lambda params, slips: "many" if "sum" in slips else area(params, slips))
    assert "misconception 'sum' leads to 'many', and no number" in told


def test_an_exercise_with_one_variant_has_a_pool_of_one() -> None:
    assert make_pool(exercise(200, params=None, fixed={"height": 2, "width": 3}), seed=1) == [{"height": 2, "width": 3}]


def test_a_variant_is_named_by_exercise_and_parameters_and_keeps_its_secret_seed() -> None:
    params = {"height": 2, "width": 3}
    made = variant(exercise(5), params, seed=7)
    assert (made.key, made.seed, made.digest) == (6, 7, digest(["area", params]))


def test_labels_are_the_key_of_an_exercise_judged_on_a_hidden_set() -> None:
    hidden = HiddenSet("digits", "full", Path("x.npy"), np.arange(3), "d")
    by_labels = replace(exercise(5, pack="digits"), key=lambda params, slips: None)
    assert variant(by_labels, {"height": 1, "width": 1}, hidden=hidden).key is hidden.labels
    assert variant(exercise(5, pack="digits"), {"height": 1, "width": 1}, hidden=hidden).key == 1

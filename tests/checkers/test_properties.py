from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from autograder.checkers.properties import Properties, Property
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.types import Call, Evidence, Misconception, Params, Slips, Variant


def calls(params: Params, rng: Random) -> Iterator[Call]:
    for size in (3, 5):
        yield Call((np.array([rng.random() for _ in range(size)]),))


def key(params: Params, slips: Slips) -> Callable[[Any], Any]:
    def noisy(x: Any) -> Any:
        if "in-place" in slips:
            x += 0.1
            return x
        return x + (np.inf if "infinite" in slips else 2.0 if "far" in slips else 0.0 if "same" in slips else 0.1)

    return noisy


def each(holds: Callable[[Any, Any], Any]) -> Callable[[Any], bool]:
    return lambda r: all(holds(c.args[0], v) for c, v in zip(r.calls, r.values, strict=True))


CHECKER = Properties(
    calls=calls,
    signature="noisy(x)",
    needs=1,
    properties=(
        Property("changes", "changes the numbers", each(lambda x, v: not np.array_equal(x, v))),
        Property("near", "stays near them", each(lambda x, v: np.abs(x - v).max() < 1), "By how much?", weight=2),
        Property("finite", "gives finite numbers", each(lambda x, v: np.isfinite(v).all())),
        Property("kept", "leaves its input alone", lambda r: not any(r.changed)),
    ),
)
EXERCISE = Exercise(
    "noise", "Noise", 4, "Write it.", key, CHECKER,
    misconceptions=tuple(Misconception(name, f"This is {name}.") for name in ("same", "far", "infinite", "in-place")),
)  # fmt: skip
VARIANT = Variant("noise", {}, key({}, frozenset()), "0" * 16, seed=5)


def believed(*slips: str) -> Evidence:
    return CHECKER.answer(replace(VARIANT, key=key({}, frozenset(slips))))


def test_the_key_earns_everything() -> None:
    assert CHECKER.check(believed(), VARIANT).score == 1


def test_another_function_that_has_all_properties_earns_everything_too() -> None:
    other = CHECKER.answer(replace(VARIANT, key=lambda x: x[::-1] * 0.5))
    assert CHECKER.check(other, VARIANT).score == 1


@pytest.mark.parametrize(("slip", "score"), [("far", 3 / 5), ("infinite", 2 / 5), ("in-place", 4 / 5)])
def test_each_property_earns_its_weight_and_a_slip_is_told_by_those_it_lacks(slip: str, score: float) -> None:
    verdict = judge(EXERCISE, VARIANT, believed(slip))
    assert verdict.score == pytest.approx(score)
    assert verdict.misconception == slip


def test_whoever_lacks_what_is_indispensable_earns_nothing() -> None:
    verdict = judge(EXERCISE, VARIANT, believed("same"))
    assert verdict.score == 0
    assert verdict.misconception == "same"
    assert "Right so far" not in verdict.message


def test_writing_into_the_input_is_seen() -> None:
    assert all(call.facts == {"changed": True} for call in believed("in-place").calls)
    assert all(call.facts == {} for call in believed().calls)


@pytest.mark.parametrize("value", [None, "a", [], {}, np.zeros(0), np.array(["a"]), float("nan")])
def test_a_property_that_cannot_be_looked_at_does_not_hold(value: Any) -> None:
    evidence = replace(believed(), calls=(Evidence("ok", value), Evidence("ok", value)))
    score = CHECKER.check(evidence, VARIANT).score
    assert score is not None
    assert score < 1


def test_a_function_that_raises_earns_nothing_and_is_told_so() -> None:
    raised = Evidence("raised", detail="ZeroDivisionError")
    verdict = judge(EXERCISE, VARIANT, replace(believed(), calls=(believed().calls[0], raised)))
    assert verdict.score == 0
    assert "a ZeroDivisionError" in verdict.message
    assert verdict.misconception is None


def test_a_call_too_few_earns_nothing() -> None:
    assert CHECKER.check(replace(believed(), calls=believed().calls[:1]), VARIANT).score == 0


def test_what_is_no_function_is_told_so() -> None:
    assert "not a function" in CHECKER.check(Evidence("unreadable"), VARIANT).message


def test_calls_are_drawn_under_the_variants_secret_seed() -> None:
    assert CHECKER.probe(VARIANT).digest == CHECKER.probe(VARIANT).digest
    assert CHECKER.probe(VARIANT).digest != CHECKER.probe(replace(VARIANT, seed=6)).digest


def test_properties_of_one_name_are_refused() -> None:
    one = CHECKER.properties[0]
    with pytest.raises(ValueError, match="different ids"):
        replace(CHECKER, properties=(one, one))
    with pytest.raises(ValueError, match="indispensable"):
        replace(CHECKER, needs=5)

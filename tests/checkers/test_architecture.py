from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from autograder.blueprint import Blueprint
from autograder.checkers.architecture import Architecture, Fact
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.types import Evidence, Misconception, Params, Slips, Variant


def inputs(variant: Variant, rng: Random) -> Iterator[Any]:
    for rows in (4, 6):
        yield np.random.default_rng(rng.getrandbits(32)).standard_normal((2, rows, 4, 2)).astype(np.float32)


def key(params: Params, slips: Slips) -> Blueprint:
    net = Blueprint((4, 4, 2) if "closed" in slips else (None, None, 2))
    x = net.conv(net.input, 3, 5 if "wide" in slips else 3)
    if "no-relu" not in slips:
        net.activation(x, "tanh" if "tanh" in slips else "relu")
    return net


def kinds(network: Any) -> list[str]:
    return [layer.kind for layer in network.layers[1:]]


CHECKER = Architecture(
    max_parameters=1000,
    inputs=inputs,
    facts=(
        Fact("conv", "has a convolution", lambda n, v: "Conv2D" in kinds(n), "Add one.", weight=3),
        Fact("relu", "ends with an activation", lambda n, v: kinds(n)[-1:] == ["Activation"]),
    ),
)
EXERCISE = Exercise(
    "block", "A block", 4, "Build it.", key, CHECKER,
    misconceptions=tuple(Misconception(name, f"This is {name}.") for name in ("wide", "no-relu", "tanh", "closed")),
)  # fmt: skip
VARIANT = Variant("block", {}, key({}, frozenset()), "0" * 16, seed=5)


def believed(*slips: str) -> Evidence:
    return CHECKER.answer(replace(VARIANT, key=key({}, frozenset(slips))))


def test_the_key_earns_everything() -> None:
    assert CHECKER.check(believed(), VARIANT).score == 1


@pytest.mark.parametrize(("slip", "score"), [("wide", 4 / 5), ("no-relu", 3 / 5), ("tanh", 4 / 5), ("closed", 4 / 5)])
def test_each_fact_earns_its_weight_and_so_does_what_the_model_computes(slip: str, score: float) -> None:
    verdict = judge(EXERCISE, VARIANT, believed(slip))
    assert verdict.score == pytest.approx(score)
    assert verdict.misconception == slip


def test_what_is_right_is_said_before_what_is_not_yet() -> None:
    message = CHECKER.check(believed("no-relu"), VARIANT).message
    assert message.index("- has a convolution") < message.index("Not yet") < message.index("- ends with an activation")


def test_a_model_that_does_not_take_an_input_is_told_so() -> None:
    evidence = believed("closed")
    assert [call.status for call in evidence.calls] == ["ok", "raised"]
    assert "could not be used on inputs of the shape asked for" in CHECKER.check(evidence, VARIANT).message


def test_small_differences_of_rounding_are_allowed_and_larger_ones_are_not() -> None:
    def moved(by: float) -> float | None:
        right = believed()
        values: list[Any] = [call.value for call in right.calls]
        return CHECKER.check(replace(right, calls=tuple(Evidence("ok", v + by) for v in values)), VARIANT).score

    assert moved(1e-4) == 1
    assert moved(1e-1) == pytest.approx(4 / 5)


def test_the_models_own_weights_count_where_none_are_drawn() -> None:
    assert CHECKER.probe(VARIANT).fill is not None
    assert replace(CHECKER, drawn=False).probe(VARIANT).fill is None


def test_inputs_and_weights_are_drawn_under_the_variants_secret_seed() -> None:
    one, other = CHECKER.probe(VARIANT), CHECKER.probe(replace(VARIANT, seed=6))
    assert one.fill != other.fill
    assert not np.array_equal(np.asarray(one.inputs[0]), np.asarray(other.inputs[0]))
    assert CHECKER.probe(VARIANT).digest == one.digest


def test_facts_alone_are_judged_where_no_inputs_are_drawn() -> None:
    plain = replace(CHECKER, inputs=None)
    assert plain.probe(VARIANT).inputs == ()
    assert plain.check(plain.answer(VARIANT), VARIANT).score == 1
    assert plain.check(plain.answer(replace(VARIANT, key=key({}, frozenset({"no-relu"})))), VARIANT).score == 0.75


def test_facts_without_results_earn_nothing_and_hold_no_misconception() -> None:
    for calls in ((), believed().calls[:1], believed().calls * 2):
        verdict = judge(EXERCISE, VARIANT, replace(believed("wide"), calls=calls))
        assert verdict.score == 0
        assert verdict.misconception is None


def test_who_misses_a_fact_that_is_needed_earns_nothing_and_is_told_of_it() -> None:
    strict = replace(CHECKER, facts=CHECKER.facts[::-1], needs=1)
    assert strict.check(believed("wide"), VARIANT).score == pytest.approx(4 / 5)
    verdict = strict.check(believed("no-relu"), VARIANT)
    assert verdict.score == 0
    assert "ends with an activation" in verdict.message and "Right so far" not in verdict.message


def test_no_more_facts_can_be_needed_than_there_are() -> None:
    with pytest.raises(ValueError, match="indispensable"):
        replace(CHECKER, needs=3)


def test_a_model_over_the_cap_earns_nothing() -> None:
    verdict = CHECKER.check(replace(believed(), facts={**believed().facts, "parameters": 1001}), VARIANT)
    assert verdict.score == 0
    assert "1,001" in verdict.message


@pytest.mark.parametrize(
    "value", [None, "a", [1.0], np.zeros((2, 4, 4, 3)), np.full((2, 4, 4, 3), np.nan), np.zeros(3, "U1")]
)
def test_forged_results_earn_no_more_than_the_facts(value: Any) -> None:
    verdict = CHECKER.check(replace(believed(), calls=(Evidence("ok", value),) * 2), VARIANT)
    assert verdict.score == pytest.approx(4 / 5)


def test_facts_of_one_name_are_refused() -> None:
    twice = (Fact("a", "is", lambda n, v: True), Fact("a", "is", lambda n, v: True))
    with pytest.raises(ValueError, match="different ids"):
        Architecture(facts=twice)
    with pytest.raises(ValueError, match="or both"):
        Architecture()


@pytest.mark.parametrize("slip", [(), ("wide",), ("tanh",)])
def test_where_the_key_takes_no_input_nobody_is_given_a_score(slip: tuple[str, ...]) -> None:
    def no_batch(variant: Variant, rng: Random) -> Iterator[Any]:
        yield np.zeros((4, 4, 2), np.float32)

    broken = replace(EXERCISE, checker=replace(CHECKER, inputs=no_batch))
    handed_in = broken.checker.answer(replace(VARIANT, key=key({}, frozenset(slip))))
    verdict = judge(broken, VARIANT, handed_in)
    assert verdict.score is None and verdict.failed
    assert "the key itself does not take" in verdict.note


def test_inputs_that_draw_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing would be compared"):
        replace(CHECKER, inputs=lambda variant, rng: ()).probe(VARIANT)

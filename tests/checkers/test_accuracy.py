from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checkers.accuracy import Accuracy, Renumbered, interval
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.types import Evidence, HiddenSet, Variant, Verdict

N = 1000
LABELS = np.random.default_rng(0).integers(0, 10, N)
HIDDEN = HiddenSet("mnist", "full", Path("images.npy"), LABELS, "0" * 16)
VARIANT = Variant("classifier", {}, LABELS, "1" * 16, hidden=HIDDEN)
CHECKER = Accuracy(steps={"full": ((0.8, 0.4), (0.9, 0.7), (0.95, 1.0)), "small": ((0.5, 1.0),)})
EXERCISE = Exercise("classifier", "Digits", 10, "Build it.", CHECKER.key, CHECKER, pack="mnist")


def with_right(right: int, labels: Any = LABELS) -> Any:
    """Predictions of which the first `right` are right."""
    named = np.where(np.arange(len(labels)) < right, labels, (labels + 5) % 10)
    return np.eye(10, dtype=np.float32)[named]


def judged(value: Any, checker: Accuracy = CHECKER, variant: Variant = VARIANT, **facts: Any) -> Verdict:
    return checker.check(Evidence("ok", value, facts=facts), variant)


def test_all_right_earns_everything() -> None:
    assert judged(with_right(N)).score == 1


@pytest.mark.parametrize(("right", "credit"), [(700, 0), (850, 0.4), (910, 0.7), (960, 1)])
def test_credit_rises_in_steps(right: int, credit: float) -> None:
    assert judged(with_right(right)).score == credit


def test_the_upper_end_counts_so_that_noise_costs_no_mark() -> None:
    verdict = judged(with_right(942))
    assert verdict.facts["accuracy"] < 0.95 < verdict.facts["high"]
    assert verdict.score == 1


def test_where_a_half_is_kept_for_the_end_each_half_is_judged_alone() -> None:
    value = np.eye(10, dtype=np.float32)[np.where(np.arange(N) % 2 == 0, LABELS, (LABELS + 5) % 10)]
    first, last = (judged(value, variant=replace(VARIANT, hidden=replace(HIDDEN, half=half))) for half in (0, 1))
    assert (first.score, first.facts["n"], first.facts["accuracy"]) == (1, N // 2, 1)
    assert (last.score, last.facts["accuracy"]) == (0, 0)


def test_a_ramp_gives_what_lies_between_two_steps() -> None:
    score = judged(with_right(910), replace(CHECKER, ramp=True)).score
    assert score is not None
    assert 0.7 < score < 1


def test_the_setting_of_the_data_decides_the_steps() -> None:
    assert judged(with_right(600), variant=replace(VARIANT, hidden=replace(HIDDEN, setting="small"))).score == 1


@given(st.integers(0, N), st.integers(0, N), st.booleans())
def test_more_right_never_earns_less(one: int, other: int, ramp: bool) -> None:
    fewer, more = (judged(with_right(k), replace(CHECKER, ramp=ramp)).score for k in sorted((one, other)))
    assert fewer is not None
    assert more is not None
    assert fewer <= more


@given(st.integers(1, 20_000), st.data())
def test_the_interval_holds_the_accuracy(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    low, high = interval(right, n)
    assert 0 <= low <= right / n <= high <= 1


@pytest.mark.parametrize(("right", "n"), [(4700, 5000), (4900, 5000), (9, 10), (0, 10)])
def test_the_upper_end_is_where_so_few_right_become_unlikely(right: int, n: int) -> None:
    from scipy.stats import binom

    assert binom.cdf(right, n, interval(right, n)[1]) == pytest.approx(0.05, abs=1e-6)


def test_a_model_at_a_threshold_gets_its_credit_in_95_of_100_draws() -> None:
    rights = np.random.default_rng(1).binomial(5000, 0.98, 2000)
    assert np.mean([interval(int(right), 5000)[1] >= 0.98 for right in rights]) > 0.94


@given(st.integers(1, N - 1))
def test_the_order_of_the_rows_matters(shift: int) -> None:
    score = judged(np.roll(with_right(N), shift, axis=0)).score
    assert score == 0


@pytest.mark.parametrize("scale", [1.0, -3.0, 1e6])
def test_logits_and_probabilities_are_both_taken(scale: float) -> None:
    logits = with_right(N) * 9 + scale
    verdict = judged(logits)
    assert verdict.score == 1
    assert "logits" in verdict.read
    assert "probabilities" in judged(with_right(N)).read


@pytest.mark.parametrize("shape", [(N,), (N, 1)])
@pytest.mark.parametrize("dtype", ["int64", "float32", "uint8"])
def test_the_class_itself_is_taken_too(shape: tuple[int, ...], dtype: str) -> None:
    assert judged(LABELS.astype(dtype).reshape(shape)).score == 1


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (np.eye(11)[LABELS], "11 numbers"),
        (with_right(N)[:-1], "999 answers"),
        (np.where(with_right(N) > 0, np.nan, 0), "nan"),
        (np.where(with_right(N) > 0, np.inf, 0), "nan"),
        (np.tile(np.eye(10)[3], (N, 1)), "same class, 3,"),
        (np.zeros((N, 10)), "same class, 0,"),
        ((LABELS % 2).reshape(N, 1), "yes or no"),
        (np.linspace(0, 1, N, dtype=np.float32).reshape(N, 1), "yes or no"),
        ((LABELS + 0.25).reshape(N, 1), "amount"),
        (np.zeros((N, 7, 7, 10)), "Flatten"),
        (np.zeros(()), "no array"),
        (np.zeros((0, 10)), "0 answers"),
        (np.array(["a"] * N), "no array"),
        ([[0.1] * 10] * N, "no array"),
        (None, "no array"),
    ],
)
def test_what_cannot_be_read_scores_nothing_and_says_why(value: Any, word: str) -> None:
    verdict = judged(value)
    assert verdict.score == 0
    assert word in verdict.message


@pytest.mark.parametrize("digit", range(10))
def test_naming_always_one_class_scores_nothing_even_where_guessing_would(digit: int) -> None:
    easy = Accuracy(steps={"full": ((0.01, 1.0),)})
    assert judged(np.full(N, digit), easy).score == 0


def test_guessing_is_told_apart_from_a_weak_model() -> None:
    guessed = np.eye(10)[np.random.default_rng(9).integers(0, 10, N)]
    assert "guessing" in judged(guessed).message
    assert "guessing" not in judged(with_right(600)).message


def test_the_next_step_is_named_and_the_last_has_none() -> None:
    assert "next step is at 95.00 %" in judged(with_right(910)).message
    assert "next step" not in judged(with_right(N)).message


def test_a_layer_off_the_list_waits_for_a_person() -> None:
    verdict = CHECKER.check(Evidence("refused", detail="layers: Lambda (my_layer)"), VARIANT)
    assert verdict.score is None
    assert "Lambda (my_layer)" in verdict.message


def test_names_in_a_refusal_bring_no_markup() -> None:
    verdict = CHECKER.check(Evidence("refused", detail="layers: <img src=x onerror='a()'>[a](b)`"), VARIANT)
    assert not set("[]'`\"&/") & set(verdict.message.replace("Keras's", ""))


@pytest.mark.parametrize("detail", ["file: not a zip archive", "", "something new"])
def test_a_file_that_cannot_be_opened_waits_for_a_person(detail: str) -> None:
    assert CHECKER.check(Evidence("refused", detail=detail), VARIANT).score is None


def test_too_many_parameters_score_nothing_and_the_cap_is_named() -> None:
    verdict = CHECKER.check(Evidence("refused", detail="parameters: 5000000 > 500000"), VARIANT)
    assert verdict.score == 0
    assert "5,000,000" in verdict.message
    assert "500,000" in verdict.message
    assert judged(with_right(N), parameters=500_001).score == 0


@pytest.mark.parametrize(
    "detail",
    ["parameters: units is 999999999, more than 500000", "parameters: weights of 9000000 bytes > 500000 parameters"],
)
def test_parameters_that_were_never_counted_are_not_given_a_number(detail: str) -> None:
    verdict = CHECKER.check(Evidence("refused", detail=detail), VARIANT)
    assert verdict.score == 0
    assert verdict.message.startswith("Your model has too many parameters; at most 500,000 are allowed here.")


def test_another_input_shape_scores_nothing_and_the_right_one_is_named() -> None:
    verdict = CHECKER.check(Evidence("refused", detail="input: (32, 32, 3)"), VARIANT)
    assert verdict.score == 0
    assert "keras.Input((28, 28, 1))" in verdict.message


@pytest.mark.parametrize("status", ["missing", "raised", "timeout", "memory", "crashed", "unreadable"])
def test_a_model_that_never_came_scores_nothing(status: Any) -> None:
    assert CHECKER.check(Evidence(status), VARIANT).score == 0


def test_facts_are_what_a_picture_needs() -> None:
    facts = judged(with_right(910), history={"loss": [2.0, 1.0]}, parameters=1234).facts
    assert facts["n"] == N
    assert facts["low"] < facts["accuracy"] == 0.91 < facts["high"]
    assert facts["steps"] == [[0.8, 0.4], [0.9, 0.7], [0.95, 1.0]]
    assert facts["credited_at"] == 0.9
    assert facts["history"] == {"loss": [2.0, 1.0]}
    assert facts["parameters"] == 1234


@pytest.mark.parametrize(
    "history",
    [
        None,
        [],
        {"loss": "x"},
        {"loss": [float("nan")]},
        {"loss": [10**400]},
        {1: [1.0]},
        {"loss": [[1.0]]},
        {"a": [True]},
    ],
)
def test_a_history_that_makes_no_sense_is_left_out(history: Any) -> None:
    assert judged(with_right(N), history=history).facts["history"] == {}


def test_the_reported_history_never_counts() -> None:
    boast = {"accuracy": [1.0], "val_accuracy": [1.0]}
    assert judged(with_right(700), history=boast).score == judged(with_right(700)).score == 0


@pytest.mark.parametrize("right", [850, N])
def test_labels_less_one_are_recognized_also_from_an_imperfect_model(right: int) -> None:
    value = with_right(right, (LABELS - 1) % 10)
    probe = CHECKER.probe(VARIANT).digest
    verdict = judge(EXERCISE, VARIANT, Evidence("ok", value, probe=probe, variant=VARIANT.digest))
    assert verdict.score == 0
    assert verdict.misconception == "counts-from-one"


def test_a_weak_model_has_no_misconception() -> None:
    evidence = Evidence("ok", with_right(600), probe=CHECKER.probe(VARIANT).digest, variant=VARIANT.digest)
    assert judge(EXERCISE, VARIANT, evidence).misconception is None


def test_a_wrong_numbering_is_a_key_like_any_other() -> None:
    order = (1, 0, 2, 3, 4, 5, 6, 7, 8, 9)
    believed = replace(VARIANT, key=Renumbered(order))
    evidence = CHECKER.answer(believed)
    assert CHECKER.check(evidence, believed).score == 1
    assert CHECKER.check(evidence, VARIANT).score != 1


def test_the_probe_holds_images_and_cap_and_no_label() -> None:
    probe = CHECKER.probe(VARIANT)
    assert probe.kind == "model"
    assert (probe.images, probe.images_digest, probe.max_parameters) == (HIDDEN.images, HIDDEN.digest, 500_000)
    assert probe == CHECKER.probe(replace(VARIANT, key=LABELS[::-1]))


@pytest.mark.parametrize("steps", [(), ((0.9, 0.5),), ((0.9, 1.0), (0.8, 1.0)), ((0.9, 0.7), (0.95, 0.7), (0.99, 1.0))])
def test_steps_that_do_not_rise_to_full_marks_are_refused(steps: Any) -> None:
    with pytest.raises(ValueError, match="rise"):
        Accuracy(steps={"full": steps})

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from autograder.checkers.function import Function, Group, compare
from autograder.types import Call, Evidence, Verdict
from tests.checkers.asking import variant

TOTAL = Function(
    groups=(
        Group("an empty list", (Call(([],)),)),
        Group(
            "several numbers", lambda rng: [Call(([rng.randint(1, 9) for _ in range(4)],)) for _ in range(3)], weight=3
        ),
    )
)
ROOT = Function(groups=(Group("a positive number", (Call((4.0,)),)), Group("a negative number", (Call((-4.0,)),))))


def hand_in(checker: Function, function: Callable[..., Any], key: Callable[..., Any], seed: int = 1) -> Verdict:
    """Judge a student's function as if it had been called in a sandbox."""
    asked = variant(key, seed)
    return checker.check(checker.answer(replace(asked, key=function)), asked)


def root(number: float) -> float:
    if number < 0:
        raise ValueError("negative")
    return float(number**0.5)


def test_a_function_that_does_the_same_by_another_route_is_right() -> None:
    verdict = hand_in(TOTAL, lambda numbers: float(np.sum(numbers)), sum)
    assert verdict.score == 1


def test_each_kind_of_input_earns_its_weight() -> None:
    assert hand_in(TOTAL, lambda numbers: 0, sum).score == pytest.approx(1 / 4)
    assert hand_in(TOTAL, lambda numbers: sum(numbers) or None, sum).score == pytest.approx(3 / 4)


def test_the_feedback_names_the_kind_of_input_and_neither_input_nor_result() -> None:
    def last(numbers: list[int]) -> int:
        return numbers[-1]

    message = hand_in(TOTAL, last, sum).message
    assert "an empty list: it raised an IndexError" in message
    assert "several numbers: the result is different" in message
    assert not any(character.isdigit() for character in message)


def test_an_expected_exception_is_right_by_its_type() -> None:
    assert hand_in(ROOT, root, root).score == 1
    verdict = hand_in(ROOT, lambda number: abs(number) ** 0.5, root)
    assert verdict.score == 1 / 2
    assert "it should raise a ValueError" in verdict.message


def test_the_name_of_an_exception_of_the_students_own_is_not_shown() -> None:
    class HiddenInputWasFourError(Exception):
        pass

    def tell(number: float) -> float:
        raise HiddenInputWasFourError

    verdict = hand_in(ROOT, tell, root)
    assert verdict.score == 0
    assert "Four" not in verdict.message


def test_hidden_inputs_follow_from_the_secret_seed() -> None:
    def drawn(seed: int) -> str:
        return TOTAL.probe(variant(sum, seed)).digest

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_a_reference_that_changes_its_input_changes_no_other_call() -> None:
    def emptying(numbers: list[int]) -> int:
        total = sum(numbers)
        numbers.clear()
        return total

    assert hand_in(TOTAL, sum, emptying).score == 1


def test_what_is_no_function_is_told_to_hand_in_the_function_itself() -> None:
    verdict = TOTAL.check(Evidence("unreadable"), variant(sum))
    assert verdict.score == 0
    assert "function itself" in verdict.message


def test_a_call_that_took_too_long_fails_its_kind_of_input_only() -> None:
    asked = variant(sum)
    right = TOTAL.answer(asked)
    verdict = TOTAL.check(replace(right, calls=(*right.calls[:-1], Evidence("timeout"))), asked)
    assert verdict.score == pytest.approx(1 / 4)
    assert "it took too long" in verdict.message


NAN, PIXELS = float("nan"), np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3), (3.0, 3), (3, 3.0), (0.1 + 0.2, 0.3), (NAN, NAN), ("a", "a"), (None, None), (True, True),
        ([1, 2], (1, 2)),
        ({"a": 1.0}, {"a": 1}), ([[1], []], [[1], []]), (PIXELS, PIXELS), (PIXELS + np.float32(1e-7), PIXELS),
        (np.array([NAN]), np.array([NAN])), (np.array([1, 2]), np.array([1, 2])), (2**70, 2**70),
    ],
)  # fmt: skip
def test_results_that_are_the_same(value: Any, expected: Any) -> None:
    assert compare(value, expected, tolerance=1e-6) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (4, 3), (True, 1), (1, True), ("3", 3), (3.001, 3.0), (NAN, 3.0), (10**400, 1.0),
        ("b", "a"),
        (None, 3), ([1, 2], [1, 3]), ([1], [1, 2]), ({"b": 1}, {"a": 1}), (PIXELS.tolist(), PIXELS), (PIXELS.T, PIXELS),
        (PIXELS.astype(np.float64), PIXELS), (PIXELS + np.float32(0.01), PIXELS), (np.array([NAN]), np.array([1.0])),
        (np.array([object()]), np.array([1.0])), (2**70 + 1, 2**70), (np.array([1, 3]), np.array([1, 2])),
    ],
)  # fmt: skip
def test_results_that_are_different(value: Any, expected: Any) -> None:
    assert compare(value, expected, tolerance=1e-6) != ""


def test_the_type_of_an_arrays_numbers_may_be_left_open() -> None:
    assert compare(PIXELS.astype(np.float64), PIXELS, 1e-6, dtype=False) == ""


def test_a_draw_is_the_same_whatever_was_drawn_for_the_groups_before() -> None:
    def cases(rng: Random) -> list[Call]:
        return [Call((rng.random(),))]

    asked = variant(abs)
    alone = Function(groups=(Group("b", cases),)).probe(asked).calls
    both = Function(groups=(Group("a", cases), Group("b", cases))).probe(asked).calls
    assert both[1:] == alone


@pytest.mark.parametrize(("shift", "words"), [(0.05, ""), (0.2, "the values are different")])
def test_arrays_may_differ_by_a_little_on_average(shift: float, words: str) -> None:
    sharp = np.where(np.arange(100) < 50, 0, 1).astype(np.float32)
    moved = sharp.copy()
    moved[50 : 50 + round(100 * shift)] = 0  # an edge at another place: large differences, at few places
    assert compare(moved, sharp, tolerance=1e-6, average=0.1) == words


def test_an_average_difference_is_relative_to_the_largest_expected_value() -> None:
    assert compare(PIXELS + np.float32(0.4), PIXELS, tolerance=0, average=0.1) == ""
    assert compare(PIXELS + np.float32(0.6), PIXELS, tolerance=0, average=0.1) != ""


@pytest.mark.parametrize("number", [np.nan, np.inf, np.finfo(np.float32).max])
def test_numbers_beyond_all_measure_are_different_on_average(number: float) -> None:
    assert compare(np.full((2, 3), number, np.float32), PIXELS, tolerance=1e-6, average=0.1) != ""


def test_a_bare_exception_of_the_reference_stands_for_any() -> None:
    def fails(number: float) -> float:
        raise Exception("at some step")

    class OwnError(Exception):
        pass

    def own(number: float) -> float:
        raise OwnError

    assert hand_in(ROOT, own, fails).score == 1
    assert hand_in(ROOT, abs, fails).score == 0


def test_a_reference_that_is_known_is_called_once_for_each_call() -> None:
    counted = []

    def reference(numbers: list[int]) -> int:
        counted.append(numbers)
        return sum(numbers)

    right = TOTAL.answer(variant(sum))
    fixed = Function(groups=(Group("an empty list", (Call(([],)),)),))
    for _ in range(3):
        assert fixed.explains(replace(right, calls=right.calls[:1]), variant(reference))
    assert len(counted) == 1

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from autograder.checkers.options import Item
from autograder.checkers.order import Order
from tests.checkers.asking import ask

ITEMS = tuple(Item(name, name.upper()) for name in ("fit", "build", "compile", "Evaluate"))
STEPS = Order((ITEMS[1], ITEMS[2], ITEMS[0], ITEMS[3]), praise="No step works before the one above it.")
KEY = STEPS.key({}, frozenset())


def test_the_items_as_written_are_the_order_that_all_share() -> None:
    assert KEY == ("build", "compile", "fit", "Evaluate")
    assert ask(STEPS, KEY, list(KEY)).message == "Right. No step works before the one above it."


@pytest.mark.parametrize("answer", [("build", "compile", "fit", "Evaluate"), ["BUILD", " compile ", "fit", "evaluate"]])
def test_a_tuple_and_other_capital_letters_are_fine(answer: Any) -> None:
    assert ask(STEPS, KEY, answer).score == 1


def test_an_order_of_the_students_own_is_judged_by_its_own_key() -> None:
    own = ("Evaluate", "fit", "compile", "build")
    assert ask(STEPS, own, list(own)).score == 1
    assert ask(STEPS, own, list(KEY)).score == 0


def test_one_swap_of_neighbours_costs_two_pairs_of_six() -> None:
    verdict = ask(STEPS, KEY, ["compile", "build", "fit", "Evaluate"])
    assert verdict.score == pytest.approx(4 / 6)
    assert "Of the 6 pairs in your list, 5" in verdict.message


def test_the_reversed_order_earns_nothing() -> None:
    assert ask(STEPS, KEY, list(reversed(KEY))).score == 0


def test_a_random_order_earns_less_than_a_fifth() -> None:
    orders = list(permutations(KEY))
    assert sum(ask(STEPS, KEY, list(order)).score or 0 for order in orders) / len(orders) < 1 / 5


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (["build", "compile", "fit"], "Missing in your list: Evaluate. Write each of the 4 ids once."),
        (["build", "compile", "fit", "fit"], "Twice in your list: fit. Missing in your list: Evaluate."),
        (["build", "compile", "fit", "Evaluate", "fit"], "Twice in your list: fit. Write"),
        (["build", "compile", "fit", "predict"], "The ids are Evaluate, build, compile, fit."),
        ("build, compile, fit, Evaluate", "no item with this id"),
        ([], "No order"),
        ([1, 2, 3, 4], "not the id of an item"),
        (None, "not the id of an item"),
        ({"build": 1}, "not the id of an item"),
    ],
)
def test_an_order_that_is_not_complete_scores_nothing_and_is_explained(answer: Any, words: str) -> None:
    verdict = ask(STEPS, KEY, answer)
    assert verdict.score == 0
    assert words in verdict.message


def test_the_right_order_is_not_released() -> None:
    assert [option["id"] for option in STEPS.form()["options"]] == ["Evaluate", "build", "compile", "fit"]  # type: ignore[union-attr, index, call-overload]


@pytest.mark.parametrize("items", [ITEMS[:3], (*ITEMS, Item("FIT", "again"))])
def test_an_order_that_makes_no_sense_cannot_be_written(items: tuple[Item, ...]) -> None:
    with pytest.raises(ValueError):
        Order(items)

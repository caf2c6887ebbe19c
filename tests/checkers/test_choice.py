from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from autograder.checkers.choice import Choice, Choices, Option
from tests.checkers.asking import ask

ONE = Choice(
    (Option("a", "A", "not a"), Option("b", "B", "hint", right=True), Option("C", "c", "not c")), praise="Yes."
)
MANY = Choices(
    (
        Option("a", "A", "about a", right=True),
        Option("b", "B", "about b", right=True),
        Option("c", "C", "about c", right=True),
        Option("x", "X", "about x"),
        Option("y", "Y", "about y"),
    )
)
RIGHT = MANY.key({}, frozenset())


@pytest.mark.parametrize("answer", ["b", " B ", ["b"], ("b",)])
def test_an_option_is_picked_by_its_id(answer: Any) -> None:
    assert ask(ONE, "b", answer).score == 1


def test_the_right_option_is_praised_with_the_reason() -> None:
    assert ask(ONE, "b", "b").message == "Right. Yes."


@pytest.mark.parametrize("answer", ["a", "d", ["a", "b"], 2, None, "", [1], {"b": 1}, ["b"] * 5000])
def test_anything_else_scores_nothing(answer: Any) -> None:
    assert ask(ONE, "b", answer).score == 0


def test_an_unknown_id_is_answered_with_the_ids_there_are() -> None:
    assert "C, a, b" in ask(ONE, "b", "d").message


def test_each_wrong_option_is_a_misconception_with_its_own_feedback() -> None:
    assert [(m.id, m.message) for m in ONE.misconceptions] == [("a", "not a"), ("C", "not c")]


def test_feedback_and_the_right_option_are_not_released() -> None:
    assert ONE.form() == {"options": [{"id": "C", "text": "c"}, {"id": "a", "text": "A"}, {"id": "b", "text": "B"}]}


def test_right_picks_earn_their_share_and_wrong_ones_cost_theirs() -> None:
    assert ask(MANY, RIGHT, ["a", "b", "c"]).score == 1
    assert ask(MANY, RIGHT, ["c", "a"]).score == pytest.approx(2 / 3)
    assert ask(MANY, RIGHT, ["a", "b", "c", "x"]).score == pytest.approx(1 / 2)
    assert ask(MANY, RIGHT, ["x"]).score == 0


def test_picking_everything_earns_nothing() -> None:
    assert ask(MANY, RIGHT, list("abcxy")).score == 0


def test_a_pick_that_is_repeated_counts_once() -> None:
    assert ask(MANY, RIGHT, ["a", "a", "a"]).score == pytest.approx(1 / 3)


def test_tossing_coins_pays_less_than_a_fifth() -> None:
    tosses = [[o for o, toss in zip("abcxy", coins, strict=True) if toss] for coins in product([0, 1], repeat=5)]
    assert sum(ask(MANY, RIGHT, toss).score or 0 for toss in tosses) / len(tosses) < 1 / 5


def test_a_wrong_pick_is_answered_with_its_feedback_and_a_missing_one_without_its_name() -> None:
    message = ask(MANY, RIGHT, ["a", "x"]).message
    assert "about x" in message
    assert "missing" in message
    assert "about b" not in message and "b:" not in message


@pytest.mark.parametrize(
    "make",
    [
        lambda: Choice((Option("a", "A", "?"), Option("b", "B", "?"))),
        lambda: Choice((Option("a", "A", "?", right=True), Option("A", "B", "?"))),
        lambda: Choice((Option("a", "A", "?", right=True), Option("b", "B", "?", right=True), Option("c", "C", "?"))),
        lambda: Choices((Option("a", "A", "?", right=True), Option("b", "B", "?"))),
        lambda: Choices((Option("a", "A", "?", right=True), Option("b", "B", "?", right=True))),
    ],
)
def test_a_quiz_that_makes_no_sense_cannot_be_written(make: Any) -> None:
    with pytest.raises(ValueError):
        make()

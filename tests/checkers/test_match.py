from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from autograder.checkers.match import Match, Pair
from autograder.checkers.options import Item
from tests.checkers.asking import ask

TARGETS = (Item("Stripes", "stripes"), Item("spots", "spots"), Item("plain", "one colour"))
COATS = Match(
    (
        Pair("zebra", "Zebra", to="Stripes", confused="spots", feedback="Spots are round."),
        Pair("tiger", "Tiger", to="Stripes", confused="plain", feedback="Look at its back.", next="Cats"),
        Pair("cheetah", "Cheetah", to="spots", confused="Stripes", feedback="Its marks do not join."),
        Pair("lion", "Lion", to="plain", confused="spots", feedback="Only its cubs have those."),
    ),
    TARGETS,
)
KEY = COATS.key({}, frozenset())


@pytest.mark.parametrize(
    "answer", [KEY, {"Zebra ": "stripes", "tiger": " Stripes", "cheetah": "spots", "LION": "PLAIN"}]
)
def test_all_targets_right_earn_everything_however_the_ids_are_spelled(answer: Any) -> None:
    assert ask(COATS, KEY, answer).score == 1


def test_a_slip_confuses_one_item_and_slips_combine() -> None:
    assert COATS.key({}, frozenset({"zebra", "lion"})) == KEY | {"zebra": "spots", "lion": "spots"}
    assert [(m.id, m.message, m.next) for m in COATS.misconceptions][1] == ("tiger", "Look at its back.", "Cats")


def test_what_is_not_right_is_named_without_the_right_target() -> None:
    verdict = ask(COATS, KEY, KEY | {"cheetah": "plain", "lion": "spots"})
    assert verdict.message == "Not right yet: cheetah, lion.\n\n- lion: Only its cubs have those."


def test_the_same_target_everywhere_earns_nothing() -> None:
    assert all(ask(COATS, KEY, dict.fromkeys(KEY, target.id)).score == 0 for target in TARGETS)


def test_the_share_that_is_right_counts_from_there() -> None:
    assert ask(COATS, KEY, KEY | {"zebra": "plain"}).score == pytest.approx(1 / 2)


def test_guessing_earns_less_than_a_fifth() -> None:
    guesses = [dict(zip(KEY, picks, strict=True)) for picks in product([t.id for t in TARGETS], repeat=len(KEY))]
    assert sum(ask(COATS, KEY, guess).score or 0 for guess in guesses) / len(guesses) < 1 / 5


def test_an_item_without_a_target_is_not_right_and_the_others_count() -> None:
    some = {name: target for name, target in KEY.items() if name != "zebra"} | {"tiger": "..."}
    assert ask(COATS, KEY, some).message == "Not right yet: tiger, zebra."
    assert ask(COATS, KEY, {"zebra": "Stripes", "tiger": "Stripes", "lion": "plain"}).score == pytest.approx(1 / 2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, "No item has a target"),
        ({"zebra": "..."}, "No item has a target"),
        ({"horse": "plain"}, "The ids are cheetah, lion, tiger, zebra."),
        ({"zebra": "plaid"}, "The ids are Stripes, plain, spots."),
        ({"zebra": 1}, "not a dict from ids to ids"),
        (["Stripes", "Stripes", "spots", "plain"], "not a dict"),
        ("zebra", "not a dict"),
        (None, "not a dict"),
    ],
)
def test_anything_else_scores_nothing_and_is_explained(answer: Any, words: str) -> None:
    verdict = ask(COATS, KEY, answer)
    assert verdict.score == 0
    assert words in verdict.message


def test_what_belongs_together_is_not_released() -> None:
    form = COATS.form()
    assert form["options"] == [
        {"id": "cheetah", "text": "Cheetah"}, {"id": "lion", "text": "Lion"},
        {"id": "tiger", "text": "Tiger"}, {"id": "zebra", "text": "Zebra"},
    ]  # fmt: skip
    assert [target["id"] for target in form["targets"]] == ["Stripes", "plain", "spots"]  # type: ignore[union-attr, index, call-overload]


def pair(name: str, to: str = "spots", confused: str = "plain") -> Pair:
    return Pair(name, name, to=to, confused=confused, feedback="?")


@pytest.mark.parametrize(
    "pairs",
    [
        (pair("a"), pair("A", to="Stripes")),
        (pair("a", confused="spots"), pair("b", to="Stripes")),
        (pair("a", to="dots"), pair("b", to="Stripes")),
        (pair("a"), pair("b")),
    ],
)
def test_a_match_that_makes_no_sense_cannot_be_written(pairs: tuple[Pair, ...]) -> None:
    with pytest.raises(ValueError):
        Match(pairs, TARGETS)

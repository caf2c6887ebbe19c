from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from autograder.feedback.cards import _parts, card, standing
from autograder.types import Verdict
from tests.feedback.inert import inspect
from tests.feedback.samples import HISTORY, HOSTILE, facts

HALF = Verdict(0.5, "Look again.", note="the key is 42", read="41", next="Section 2.")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict(1.0, ""), "<strong>3 of 3</strong>"),
        (Verdict(2 / 3, ""), "<strong>2 of 3</strong>"),
        (Verdict(0.111, ""), "<strong>0.33 of 3</strong>"),
        (Verdict(0.0, ""), "no points yet"),
        (Verdict(None, ""), "A person will look at this"),
        (Verdict(None, "", needs_run=True), "Needs a run"),
        (Verdict(float("nan"), ""), "A person will look at this"),
    ],
)
def test_the_chip_says_how_it_stands(verdict: Verdict, words: str) -> None:
    assert words in card(verdict, 3, "Title")


def test_a_card_says_how_the_answer_was_read_and_what_to_look_at() -> None:
    text = card(HALF, 2, "Title")
    assert "41" in text
    assert "Look again." in text
    assert "What to look at next" in text
    assert "What seems to have happened" not in text


def test_a_misconception_is_explained_without_its_id() -> None:
    text = card(replace(HALF, message="Wrong.\n\nOne.\n\nTwo.", misconception="no-bias+reversed"), 2, "Title")
    said, happened = text.split("What seems to have happened")
    assert "Wrong." in said
    assert '<p class="said">One.</p>\n<p class="said">Two.</p>' in happened
    assert "no-bias" not in text


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("One.", ("", "One.")),
        ("Wrong.\n\nOne.", ("Wrong.", "One.")),
        ("Wrong.\n\nHint.\n\nOne.", ("Wrong.\n\nHint.", "One.")),
        ("", ("", "")),
    ],
)
def test_the_last_paragraph_is_what_the_misconception_explains(message: str, parts: tuple[str, str]) -> None:
    assert _parts(Verdict(0.0, message, misconception="no-bias")) == parts


def test_a_note_for_staff_is_never_on_a_card() -> None:
    assert "42" not in card(HALF, 2, "Title")


def test_points_of_a_person_count_over_ours() -> None:
    assert standing(HALF, 2, manual=1.75).scored == "1.75 of 2"
    assert "given by a person" in card(HALF, 2, "Title", manual=0.0)


def test_an_exercise_without_points_can_be_right() -> None:
    assert standing(Verdict(1.0, ""), 0).name == "full"


def test_a_model_is_shown_as_pictures_and_as_tables() -> None:
    seen = inspect(card(Verdict(0.75, "", facts=facts()), 10, "Model"), whole=False)
    assert not seen.faults
    assert seen.charts == 3
    said = " ".join("".join(seen.text).split())
    assert "98.34 %" in said
    assert "Hidden images5,000" in said
    assert "The figures as tables" in said
    assert "accuracy, validation" in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"history": {"loss": [float("nan")] * 3}},
        {"history": "x" * 1000},
        {"history": [HISTORY]},
        {"steps": HOSTILE},
        {"steps": [[1], None, ["a", "b"], [2.0, 0.5]]},
        {"steps": []},
        {"low": 0.99, "high": 0.1},
        {"low": None},
        {"accuracy": HOSTILE},
        {"accuracy": float("inf")},
        {"n": HOSTILE, "parameters": -1},
        {"n": float("nan"), "credited_at": HOSTILE},
        {"history": {"loss": [1e308, -1e308, 1e-320]}},
        {"history": {"accuracy": [0.5]}},
    ],
)
def test_facts_of_any_shape_are_drawn_or_left_out(wrong: dict[str, Any]) -> None:
    text = card(Verdict(0.5, "Fine.", facts=facts(**wrong)), 10, "Model")
    assert not inspect(text, whole=False).faults
    assert HOSTILE not in text
    assert "Fine." in text


def test_a_history_that_cannot_be_drawn_is_said_to_cost_nothing() -> None:
    text = card(Verdict(0.5, "", facts=facts(history={"loss": ["a", None]})), 10, "Model")
    assert "could not be drawn" in text


def test_a_history_of_a_million_epochs_gives_a_small_card() -> None:
    long = {name: [0.5] * 1_000_000 for name in ("loss", "val_loss", "accuracy", "val_accuracy")}
    assert len(card(Verdict(0.5, "", facts=facts(history=long)), 10, "Model")) < 150_000


def test_every_field_of_a_verdict_is_escaped() -> None:
    verdict = Verdict(0.5, HOSTILE, read=HOSTILE, misconception=HOSTILE, next=HOSTILE)
    seen = inspect(card(verdict, 2, HOSTILE, exercise=HOSTILE, comment=HOSTILE, cell="cell-x"), whole=False)
    assert not seen.faults
    assert "".join(seen.text).count("<script>alert('canary')</script>") == 5


def test_a_very_long_answer_is_cut() -> None:
    assert len(card(Verdict(0.0, "m" * 10**6, read="r" * 10**6, next="n" * 10**6), 2, "t" * 10**6)) < 30_000

from __future__ import annotations

from typing import Any

import pytest

from autograder.checkers.prose import Point, Prose
from tests.checkers.asking import ask

PROSE = Prose(starter="*Write your answer here*, in your own words.")


@pytest.mark.parametrize(
    "text",
    [
        "", " \n\t", "YOUR ANSWER HERE", "*Write your answer here*, in your own words.",
        "write  your answer HERE in your own words",
        "YOUR ANSWER HERE\n\nWrite your answer here, in your own words.",
        "...", "<!-- a comment -->", "**_ _**", None, 3,
    ],
)  # fmt: skip
def test_a_blank_or_unchanged_cell_scores_nothing(text: Any) -> None:
    assert ask(PROSE, "sample", text).score == 0


@pytest.mark.parametrize(
    "text", ["No.", "Weil.", "Write your answer here, in your own words. The outputs are kept.", "因为"]
)
def test_whatever_was_written_is_read_by_a_person(text: str) -> None:
    verdict = ask(PROSE, "sample", text)
    assert verdict.score is None
    assert verdict.note


def test_staff_see_what_a_good_answer_says_and_the_share_of_each_point() -> None:
    rubric = (Point("says that the outputs are kept."), Point("says why.", weight=3))
    verdict = ask(Prose(rubric=rubric), "sample", "They are kept.")
    assert verdict.note.splitlines()[2:] == ["- 25%: says that the outputs are kept.", "- 75%: says why."]
    assert "kept." not in verdict.message.replace("Your answer is kept.", "")


def test_a_rubric_is_not_released() -> None:
    assert Prose(rubric=(Point("says why."),)).form() == {}


@pytest.mark.parametrize(("says", "weight"), [(" ", 1), ("says why.", 0), ("says why.", -1)])
def test_a_point_needs_words_and_a_weight(says: str, weight: float) -> None:
    with pytest.raises(ValueError, match="needs words, and a weight"):
        Point(says, weight)

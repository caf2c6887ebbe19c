from __future__ import annotations

from typing import Any

import pytest

from autograder.checkers.prose import Prose
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

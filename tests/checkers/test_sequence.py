from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.checkers.sequence import Sequence
from tests.checkers.asking import ask

SHAPE = Sequence(("height", "width", "channels"))
KEY = (25, 38, 400)


@pytest.mark.parametrize(
    "answer",
    [
        (25, 38, 400), [25, 38, 400], (25.0, 38, 400), (None, 25, 38, 400), np.array([25, 38, 400]),
        np.array([25.0, 38.0, 400.0]), "(25, 38, 400)", "25 x 38 x 400", "(None, 25, 38, 400)", " [25,38,400] ",
    ],
)  # fmt: skip
def test_a_shape_may_be_written_in_many_ways(answer: Any) -> None:
    assert ask(SHAPE, KEY, answer).score == 1


def test_each_entry_earns_its_share_and_is_named() -> None:
    verdict = ask(SHAPE, KEY, (25, 37, 400))
    assert verdict.score == pytest.approx(2 / 3)
    assert verdict.message == "Right: height, channels. Not right yet: width."
    assert verdict.read == "(25, 37, 400)"


@pytest.mark.parametrize("answer", [(25, 38), (50, 25, 38, 400), 400, np.array([[25, 38, 400]])])
def test_another_number_of_entries_scores_nothing(answer: Any) -> None:
    assert ask(SHAPE, KEY, answer).score == 0


@pytest.mark.parametrize("answer", [(25, "38", 400), (True, 38, 400), (25.5, 38, 400), "a few", {"height": 25}, True])
def test_what_is_no_row_of_whole_numbers_is_told_what_to_write(answer: Any) -> None:
    verdict = ask(SHAPE, KEY, answer)
    assert verdict.score == 0
    assert "(height, width, channels)" in verdict.message


def test_a_truth_value_is_not_one() -> None:
    assert ask(Sequence(("n",)), (1,), (True,)).score == 0

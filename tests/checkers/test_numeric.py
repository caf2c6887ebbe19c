from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checkers.numeric import Numeric
from autograder.types import Evidence
from tests.checkers.asking import ask, variant

EXACT = Numeric(exact=True)
MEMORY = Numeric(relative=0.01, unit="MB")
BARE = Numeric(relative=0.01, unit="MB", bare=True)


@pytest.mark.parametrize("answer", [903400, 903400.0, "903,400", "903 400", "903_400", "0.9034 million", "9.034e5"])
def test_a_whole_number_may_be_written_in_many_ways(answer: Any) -> None:
    assert ask(EXACT, 903400, answer).score == 1


@given(st.integers(min_value=2**53, max_value=2**80))
def test_whole_numbers_beyond_floats_are_judged_exactly(key: int) -> None:
    assert ask(EXACT, key, key).score == 1
    assert ask(EXACT, key, key + 1).score == 0


def test_a_key_may_be_a_number_of_numpys() -> None:
    assert ask(EXACT, np.int64(2**60 + 1), 2**60 + 1).score == 1
    assert ask(EXACT, np.int64(2**60 + 1), 2**60).score == 0


@pytest.mark.parametrize("answer", [True, float("nan"), float("inf"), object(), {"a": 1}, "about twelve", "MB"])
def test_what_is_no_number_scores_nothing_and_says_so_kindly(answer: Any) -> None:
    verdict = ask(EXACT, 1, answer)
    assert verdict.score == 0
    assert len(verdict.message) > 20


@pytest.mark.parametrize("answer", ["1.234,5", (903, 400), "12,6"])
def test_what_can_be_read_in_two_ways_goes_to_a_person(answer: Any) -> None:
    assert ask(EXACT, 903400, answer).score is None


@pytest.mark.parametrize("answer", ["12.6 MB", "12.03 MiB", "12600 kB", "100.9 Mbit", "12,613,600 bytes", "0.0126 GB"])
def test_a_size_may_be_given_in_any_unit_of_its_kind(answer: str) -> None:
    assert ask(MEMORY, 12.6136, answer).score == 1


def test_the_feedback_says_how_the_answer_was_read() -> None:
    assert ask(MEMORY, 12.6136, "12.6 MB").read == "12.6 MB (12,600,000 bytes)"


@pytest.mark.parametrize("answer", ["12.6 MiB", "12.6 GB", "12.6 Mbit", "12.6 s"])
def test_the_right_number_in_a_wrong_unit_earns_its_share(answer: str) -> None:
    verdict = ask(MEMORY, 12.6136, answer)
    assert verdict.score == 0.5
    assert "unit" in verdict.message


def test_the_author_sets_what_a_number_without_unit_earns() -> None:
    assert ask(Numeric(relative=0.01, unit="MB", unit_share=0.25), 12.6136, 12.6).score == 0.25


def test_a_number_without_unit_is_right_where_the_question_names_the_unit() -> None:
    verdict = ask(BARE, 12.6136, 12.6)
    assert (verdict.score, verdict.read) == (1, "12.6 MB")


def test_a_wrong_number_in_a_wrong_unit_earns_nothing() -> None:
    assert ask(MEMORY, 12.6136, "13.5 GB").score == 0


def test_megabytes_and_mebibytes_are_told_apart() -> None:
    assert ask(BARE, 12.6136, 12.0295).score == 0
    assert ask(BARE, 12.6136, "12.0295 MiB").score == 1


@pytest.mark.parametrize("answer", [0.1, "0.1", "1/10", "1e-1"])
def test_a_tenth_is_a_tenth_however_it_is_written(answer: Any) -> None:
    assert ask(EXACT, 0.1, answer).score == 1


@pytest.mark.parametrize(("answer", "score"), [(101.0, 1), (99, 1), (101.01, 0), (98.9, 0), (-100, 0)])
def test_a_relative_tolerance_is_a_share_of_the_key(answer: float, score: float) -> None:
    assert ask(Numeric(relative=0.01), 100.0, answer).score == score


@pytest.mark.parametrize(("answer", "score"), [(0.1, 1), (-0.1, 1), ("0.11", 0)])
def test_an_absolute_tolerance_works_at_zero(answer: Any, score: float) -> None:
    assert ask(Numeric(absolute=0.1), 0, answer).score == score


@pytest.mark.parametrize(("answer", "score"), [(3.14, 1), (3.141593, 1), (3.1, 0), (3.15, 0)])
def test_significant_figures_must_agree(answer: float, score: float) -> None:
    assert ask(Numeric(digits=3), 3.14159265, answer).score == score


def test_a_wrong_number_learns_its_direction_only_if_the_author_says_so() -> None:
    assert "large" not in ask(EXACT, 10, 12).message
    assert "large" in ask(Numeric(exact=True, direction=True), 10, 12).message


@given(st.floats(min_value=0.5, max_value=1e9), st.floats(min_value=1.02, max_value=50))
def test_no_message_on_a_wrong_number_depends_on_the_key(key: float, factor: float) -> None:
    answer = key * factor
    messages = {ask(BARE, right, answer).message for right in (key, key / 3, key / 7)}
    assert len(messages) == 1


@pytest.mark.parametrize("digits", [3, 4, 5, 6])
def test_an_answer_is_explained_by_a_wrong_key_when_they_agree_in_all_digits_given(digits: int) -> None:
    wrong = 12.0295257568359
    answer = Evidence("ok", f"{wrong:.{digits}g} MB")
    assert BARE.explains(answer, variant(wrong))
    assert not BARE.explains(answer, variant(wrong * 1.006))


def test_an_answer_of_two_digits_is_not_taken_to_mean_any_number_near_it() -> None:
    assert not BARE.explains(Evidence("ok", "12 MB"), variant(12.4))


def test_a_precise_answer_must_agree_precisely() -> None:
    assert not BARE.explains(Evidence("ok", "12.0295 MB"), variant(12.0301))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"exact": True, "relative": 0.1},
        {"exact": True, "unit": "smoots per fortnight"},
        {"relative": 0.1, "unit_share": 1},
    ],
)
def test_a_checker_that_makes_no_sense_cannot_be_written(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Numeric(**settings)

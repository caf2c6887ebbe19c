"""nbgrader's rule for a cell of asserts, and where we leave it to a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from autograder.checkers.asserts import JUDGED, WEAKER, Asserts, ByHand
from autograder.types import Evidence, Variant, Verdict

GIVEN = 'assert double(1) == 2, "twice 1 is 2"'
VARIANT = Variant("cell", {"given": GIVEN, "hidden": True}, 4.0, "v")


def judged(value: Any = None, status: Any = "ok", detail: str = "", hidden: bool = True) -> Verdict:
    variant = replace(VARIANT, params={"given": GIVEN, "hidden": hidden})
    return Asserts().check(Evidence(status, value, detail=detail), variant)


@pytest.mark.parametrize(
    ("result", "score"), [(None, 1.0), (4.0, 1.0), (1.0, 0.25), (0.0, 0.0), (-0.0, 0.0), (3.999, 3.999 / 4)]
)
def test_the_last_result_is_points_and_none_is_full_marks(result: float | None, score: float) -> None:
    assert judged({"result": result}).score == score


@pytest.mark.parametrize("result", [float("nan"), float("inf"), -1.0, 4.5])
def test_a_result_that_is_no_number_of_points_waits_for_a_person(result: float) -> None:
    verdict = judged({"result": result})
    assert verdict.score is None and f"{result:g}" in verdict.note and "worth 4" in verdict.note


@pytest.mark.parametrize("value", [None, 4.0, True, {"result": True}, {"result": "4"}, {"score": 1.0}, [], "x"])
def test_evidence_of_another_shape_is_no_passed_test(value: Any) -> None:
    assert judged(value).score == 0.0


@pytest.mark.parametrize("status", ["raised", "missing", "timeout", "memory", "output", "crashed"])
def test_what_stopped_the_tests_is_no_points(status: str) -> None:
    assert judged(status=status, detail="AssertionError: no").score == 0.0


def test_every_verdict_says_that_the_students_own_kernel_judged() -> None:
    for verdict in (judged({"result": None}), judged({"result": 9.0}), judged(status="raised", detail="E: x")):
        assert JUDGED in verdict.message and WEAKER in verdict.note and verdict.facts["own_kernel"]


def test_a_message_is_told_if_the_student_can_read_it_already() -> None:
    assert "twice 1 is 2" in judged(status="raised", detail="AssertionError: twice 1 is 2").message
    for hidden in ("twice 7 is 14", "2", "14 != 15"):
        verdict = judged(status="raised", detail=f"AssertionError: {hidden}")
        assert hidden not in verdict.message and hidden in verdict.note
    assert "7 is odd" in judged(status="raised", detail="ValueError: 7 is odd", hidden=False).message


def test_the_name_of_an_error_of_pythons_own_is_told_alone() -> None:
    assert "a NameError." in judged(status="raised", detail="NameError: name 'hidden' is not defined").message
    assert "an error." in judged(status="raised", detail="Input12345: hidden").message
    assert "12345" not in judged(status="raised", detail="Input12345: hidden").message


def test_an_answer_left_as_released_is_blank_and_any_other_waits_for_a_person() -> None:
    variant = Variant("why", {"given": "# YOUR CODE HERE\nraise NotImplementedError()"}, "print(3)", "v")

    def score(text: str) -> float | None:
        return ByHand().check(Evidence("ok", text), variant).score

    assert [score(t) for t in ("", " \n", str(variant.params["given"]))] == [0, 0, 0]
    assert score("print(squares([3]))") is None
    assert ByHand().check(Evidence("ok", "### A task\n\nPlot it."), replace(variant, params={})).score is None
    assert ByHand().check(Evidence("missing"), variant).score == 0

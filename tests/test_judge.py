from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from autograder.checkers.base import Base
from autograder.checkers.numeric import Numeric
from autograder.checkers.sequence import Sequence
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.pool import variant
from autograder.types import Evidence, Misconception, Params, Slips, Variant, Verdict


def key(params: Params, slips: Slips) -> int:
    number = 1000
    number += 1 if "one" in slips else 0
    number += 10 if "ten" in slips else 0
    number += 100 if "hundred" in slips else 0
    return number + (110 if "both" in slips else 0)


ONE, TEN, HUNDRED = (Misconception(name, f"You added {name}.", f"See {name}.") for name in ("one", "ten", "hundred"))
BOTH = Misconception("both", "You added both.")
TWICE = Misconception("twice", "You took it twice.", key=lambda params: 2000)


def exercise(*misconceptions: Misconception, **changes: Any) -> Exercise:
    made = Exercise(
        id="sum", title="Sum", points=1, prompt="?", key=key, checker=Numeric(exact=True), next="Look again.",
        misconceptions=misconceptions,
    )  # fmt: skip
    return replace(made, **changes)


def judged(asked: Exercise, answer: Any, **evidence: Any) -> Verdict:
    one = variant(asked, {})
    probe = asked.checker.probe(one).digest
    return judge(asked, one, replace(Evidence("ok", answer, probe=probe, variant=one.digest), **evidence))


def test_a_right_answer_holds_no_misconception() -> None:
    verdict = judged(exercise(ONE, TWICE), 1000)
    assert (verdict.score, verdict.misconception, verdict.next) == (1, None, "")


def test_a_slip_is_found_by_its_wrong_key_and_taught() -> None:
    verdict = judged(exercise(ONE, TEN), 1010)
    assert (verdict.score, verdict.misconception, verdict.next) == (0, "ten", "See ten.")
    assert "You added ten." in verdict.message


def test_a_misconception_with_a_key_of_its_own_is_found() -> None:
    assert judged(exercise(ONE, TWICE), 2000).misconception == "twice"


def test_two_slips_at_once_are_found_together() -> None:
    verdict = judged(exercise(ONE, TEN, HUNDRED), 1101)
    assert verdict.misconception == "one+hundred"
    assert "You added one." in verdict.message and "You added hundred." in verdict.message
    assert verdict.next == "See one.\n\nSee hundred."


def test_the_fewest_slips_win() -> None:
    assert judged(exercise(TEN, HUNDRED, BOTH), 1110).misconception == "both"


def test_a_tie_claims_nothing_and_tells_staff() -> None:
    same = Misconception("same", "You did the same.", key=lambda params: 1010)
    verdict = judged(exercise(TEN, same), 1010)
    assert verdict.misconception is None
    assert verdict.next == "Look again."
    assert "ten, same" in verdict.note


def test_a_tie_of_single_slips_is_not_decided_by_a_pair() -> None:
    same = Misconception("same", "You did the same.", key=lambda params: 1110)
    assert judged(exercise(TEN, HUNDRED, BOTH, same), 1110).misconception is None


def test_where_no_slip_explains_the_answer_none_is_claimed() -> None:
    verdict = judged(exercise(ONE, TEN, HUNDRED), 1234)
    assert (verdict.misconception, verdict.next, verdict.note) == (None, "Look again.", "")


def test_pairs_are_not_looked_for_within_a_tolerance() -> None:
    assert judged(exercise(ONE, TEN, HUNDRED, checker=Numeric(relative=0.001)), 1101).misconception is None


def test_misconceptions_with_a_key_of_their_own_are_not_paired() -> None:
    assert judged(exercise(ONE, TWICE), 2001).misconception is None


def test_partial_credit_is_kept_when_a_misconception_is_found() -> None:
    asked = exercise(
        Misconception("swapped", "You swapped them."),
        key=lambda params, slips: (2, 1, 5) if slips else (1, 2, 5),
        checker=Sequence(("a", "b", "c")),
    )
    verdict = judged(asked, (2, 1, 5))
    assert verdict.score == pytest.approx(1 / 3)
    assert verdict.misconception == "swapped"
    assert verdict.message == "Right: c. Not right yet: a, b.\n\nYou swapped them."


def test_evidence_of_an_older_question_needs_a_run_and_costs_nothing() -> None:
    verdict = judged(exercise(), 1000, probe="0" * 16)
    assert verdict.needs_run and verdict.score is None


def test_an_answer_to_somebody_elses_question_goes_to_a_person() -> None:
    verdict = judged(exercise(), 1000, variant="0" * 16)
    assert verdict.score is None and not verdict.needs_run
    assert "0000" in verdict.note


def test_an_answer_that_names_no_variant_is_judged() -> None:
    assert judged(exercise(), 1000, variant=None).score == 1


@pytest.mark.parametrize("status", ["missing", "raised", "timeout", "memory", "output", "crashed", "unreadable"])
def test_a_students_failure_scores_nothing_and_claims_no_misconception(status: Any) -> None:
    verdict = judged(exercise(TEN), 1010, status=status)
    assert (verdict.score, verdict.misconception) == (0, None)
    assert verdict.message.endswith((".", "?"))


def stopped(detail: str, **facts: Any) -> str:
    verdict = judged(exercise(), None, status="raised", detail=detail, facts=facts)
    assert verdict.score == 0
    return verdict.message


def test_a_student_whose_cell_stopped_is_told_its_error_and_what_to_do() -> None:
    message = stopped("KeyError: 'heigth'", quotable=True)
    assert "The error was: `KeyError: 'heigth'`" in message and "mend the first one that stops" in message


def test_an_error_cannot_end_the_code_in_which_it_is_quoted() -> None:
    assert "`ValueError: a'b`" in stopped("ValueError: a`b", quotable=True)


def test_an_error_that_may_not_be_quoted_is_named_if_it_is_pythons_own() -> None:
    assert "a KeyError." in stopped("KeyError: 'hidden'") and "hidden" not in stopped("KeyError: 'hidden'")
    assert "Hidden7" not in stopped("Hidden7: hidden")


@pytest.mark.parametrize("status", ["refused", "ambiguous", "a word from the future"])
def test_what_a_person_must_decide_waits_for_one(status: Any) -> None:
    assert judged(exercise(), 1000, status=status).score is None


@dataclass(frozen=True)
class Broken(Base):
    score: float | None = None

    kind: ClassVar[str] = "value"

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        if self.score is None:
            raise RuntimeError("a bug of ours")
        return Verdict(self.score, "?")

    def answer(self, variant: Variant) -> Evidence:
        return self.answered(variant, variant.key)


def test_a_checker_that_raises_is_our_failure_and_never_a_zero() -> None:
    verdict = judged(exercise(checker=Broken()), 1000)
    assert verdict.score is None
    assert "RuntimeError: a bug of ours" in verdict.note
    assert "bug" not in verdict.message


@pytest.mark.parametrize("score", [float("nan"), -0.1, 1.5])
def test_a_score_that_is_no_share_is_our_failure(score: float) -> None:
    assert judged(exercise(checker=Broken(score)), 1000).score is None


def test_a_misconception_that_raises_costs_the_diagnosis_and_not_the_score() -> None:
    broken = Misconception("broken", "?", key=lambda params: 1 // 0)
    verdict = judged(exercise(broken), 1010)
    assert (verdict.score, verdict.misconception) == (0, None)
    assert "ZeroDivisionError" in verdict.note

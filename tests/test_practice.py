"""What check() says at once where an author lets it, for each exercise of the course that could be for practice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import load_course
from autograder.errors import CourseError
from autograder.exercise import Exercise
from autograder.faults import structure
from autograder.judge import judge
from autograder.pool import make_pool, variant
from autograder.practice import sealed
from handin import practice
from handin.questions import Question
from tests.fakes import SEVEN, tiny_course

COURSE = load_course(Path(__file__).parents[1])
ALL = [e for assignment in COURSE.assignments.values() for e in assignment.exercises.values()]


def may_be(exercise: Exercise) -> bool:
    return not any("practice" in fault.problem for fault in structure("x", replace(exercise, practice=True)))


SUITABLE = [exercise for exercise in ALL if may_be(exercise)]


def asked(exercise: Exercise, params: Any) -> Question:
    entries, digest = sealed(exercise, params), variant(exercise, params).digest
    return Question(
        exercise.id, "", 1, exercise.checker.kind, exercise.checker.form(), "", params, digest,
        "ada", True, "salt/ada", tuple(entries),
    )  # fmt: skip


def test_exact_answers_and_quizzes_can_be_given_for_practice_and_others_cannot() -> None:
    kinds = {exercise.checker.kind for exercise in SUITABLE}
    assert kinds == {"number", "choice", "choices", "order", "match", "value"}
    assert all(exercise.checker.exact for exercise in SUITABLE) and len(SUITABLE) < len(ALL)


@pytest.mark.parametrize("exercise", SUITABLE, ids=lambda e: e.id)
def test_it_says_what_the_judge_says_to_the_key_and_to_each_known_mistake(exercise: Exercise) -> None:
    for params in make_pool(replace(exercise, pool=2 if exercise.params else 1), seed=7):
        mine, question = variant(exercise, params), asked(exercise, params)
        for key in (mine.key, *(exercise.wrong_key(slip, params) for slip in exercise.slips)):
            evidence = exercise.checker.answer(replace(mine, key=key))
            verdict = judge(exercise, mine, evidence)
            assert practice.say(question, evidence.value).startswith(verdict.message)


@pytest.mark.parametrize("exercise", SUITABLE, ids=lambda e: e.id)
def test_what_is_released_tells_nothing_by_its_words_length_or_order(exercise: Exercise) -> None:
    (params,) = make_pool(replace(exercise, pool=2 if exercise.params else 1), seed=7)[:1]
    entries = sealed(exercise, params)
    assert len({len(entry) for entry in entries}) == 1 and entries == sorted(entries)
    assert "Right" not in json.dumps(entries) and len(entries) > 1


def test_an_answer_that_nobody_thought_of_is_not_right_yet_and_nothing_at_all_neither() -> None:
    (exercise,) = (e for e in SUITABLE if e.id == "fixed-parameters")
    question = asked(exercise, dict(exercise.fixed))
    assert [practice.say(question, answer) for answer in (1, "12 apples", None, object())] == [practice.NOT_YET] * 4
    assert practice.say(question, "903,400").startswith("Right")
    assert practice.say(question, 903400.0) == practice.say(question, "0.9034 million") == "Right."


# To the hash that seals it a text that ends in zero bytes is the one without them. No answer that is read has any.
ANSWERS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50)


@given(st.dictionaries(ANSWERS, st.text().map(str.rstrip), max_size=4), ANSWERS)
def test_whatever_is_sealed_opens_under_its_own_answer_alone(said: dict[str, str], other: str) -> None:
    question = Question("x", "", 1, "text", {}, "", {}, "0" * 16, "ada", False, "", ())
    entries = practice.sealed(question, said)
    assert len(entries) == len(said)
    opened = replace(question, sealed=tuple(entries))
    for answer, text in {**said, other: said.get(other, practice.NOT_YET)}.items():
        assert _under(opened, answer) == text


def _under(question: Question, written: str) -> str:
    """As say() does, for an answer that is its own meaning."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(practice, "meant", lambda *_: written)
        return practice.say(question, written)


def test_practice_where_there_is_more_than_one_way_to_be_right_is_a_fault(tmp_path: Path) -> None:
    loose = SEVEN.replace("points=1", "points=1, practice=True").replace("exact=True", "relative=0.1")
    assert loose.count("practice") == 1 and "relative" in loose
    with pytest.raises(CourseError, match="`practice` is for answers that are exact"):
        load_course(tiny_course(tmp_path, sums__seven=loose))

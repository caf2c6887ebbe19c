"""What a release says at once to answers of an exercise that its author gives for practice (handin/practice.py)."""

from __future__ import annotations

from dataclasses import replace

from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.pool import variant
from autograder.types import Params
from handin import practice
from handin.questions import Question


def sealed(exercise: Exercise, params: Params) -> list[str]:
    """Return the judge's words to the right answer and to each known mistake, each sealed under that answer."""
    asked, checker = variant(exercise, params), exercise.checker
    question = Question(
        id=exercise.id, title=exercise.title, points=exercise.points, kind=checker.kind, form=checker.form(), prompt="",
        params=params, variant=asked.digest, user="", personal=False, order="",
    )  # fmt: skip
    said: dict[str, str] = {}
    for key in (asked.key, *(exercise.wrong_key(slip, params) for slip in exercise.slips)):
        evidence = checker.answer(replace(asked, key=key))
        verdict = judge(exercise, asked, evidence)
        written = practice.meant(question, evidence.value)
        if written is not None:
            said.setdefault(written, "\n\n".join(part for part in (verdict.message, verdict.next) if part))
    return practice.sealed(question, said)

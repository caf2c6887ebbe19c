"""One suite over every exercise of the course. A new exercise is found by the loader, and needs no test of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from autograder.course import load_course
from autograder.data import stand_in
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.pool import make_pool
from autograder.pool import variant as make_variant
from autograder.types import Evidence, Variant
from handin import wire
from tests.contract import hostile
from tests.plain_course import plain_exercises

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
EXERCISES = {e.id: e for assignment in COURSE.assignments.values() for e in assignment.exercises.values()}
EXERCISES |= plain_exercises()
VARIANTS = 50
SEEDS = 10  # of an exercise that is the same for all: only hidden inputs differ

every_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES.keys())


def variants(exercise: Exercise, count: int = VARIANTS) -> Iterator[Variant]:
    """Yield variants of the exercise: from its pool, each with a secret seed of its own."""
    count = count if exercise.params else min(count, SEEDS)
    hidden = stand_in(exercise.pack, COURSE.setting) if exercise.pack else None
    pool = make_pool(replace(exercise, pool=min(exercise.pool, count)), seed=5)
    for seed, params in enumerate(islice(cycle(pool), count), start=1):
        yield make_variant(exercise, params, seed=seed, hidden=hidden)


def blank(right: Evidence, value: Any = None) -> Evidence:
    return replace(right, value=value, calls=(), facts={})


@every_exercise
def test_the_key_earns_full_marks(exercise: Exercise) -> None:
    for variant in variants(exercise):
        verdict = judge(exercise, variant, exercise.checker.answer(variant))
        expected = None if exercise.checker.kind == "text" else 1.0  # a person reads prose
        assert verdict.score == expected, verdict
        assert verdict.misconception is None


@every_exercise
def test_each_misconception_earns_less_and_is_diagnosed_as_itself(exercise: Exercise) -> None:
    for variant in variants(exercise):
        for misconception in exercise.slips:
            wrong = replace(variant, key=exercise.wrong_key(misconception, variant.params))
            verdict = judge(exercise, variant, exercise.checker.answer(wrong))
            assert verdict.score is not None and verdict.score < 1, (variant.params, misconception.id)
            assert verdict.misconception == misconception.id, (variant.params, misconception.id, verdict)
            assert misconception.message in verdict.message


@every_exercise
def test_nothing_handed_in_scores_nothing(exercise: Exercise) -> None:
    for variant in variants(exercise, 5):
        right = exercise.checker.answer(variant)
        nothing: list[Any] = [None, "", "  \n", [], ()]
        for evidence in (replace(blank(right), status="missing"), *(blank(right, value) for value in nothing)):
            verdict = judge(exercise, variant, evidence)
            assert verdict.score == 0, (evidence, verdict)
            assert verdict.message and verdict.misconception is None


@every_exercise
def test_hostile_evidence_never_raises_and_never_earns_full_marks(exercise: Exercise) -> None:
    for variant in variants(exercise, 2):
        for name, evidence in hostile.evidence(exercise.checker.answer(variant)):
            verdict = exercise.checker.check(evidence, variant)
            assert verdict.score is None or 0 <= verdict.score < 1, (name, verdict)
            assert len(verdict.message) < 2000 and "\0" not in verdict.message, name
            judged = judge(exercise, variant, evidence)
            assert judged.score == verdict.score, (name, judged)


@every_exercise
def test_evidence_for_another_question_is_not_judged(exercise: Exercise) -> None:
    variant = next(variants(exercise))
    right = exercise.checker.answer(variant)
    assert judge(exercise, variant, replace(right, probe="0" * 16)).needs_run
    other = judge(exercise, variant, replace(right, variant="0" * 16))
    assert other.score is None and not other.needs_run


@every_exercise
def test_nothing_of_the_key_is_asked_or_released(exercise: Exercise) -> None:
    for variant in variants(exercise):
        probe = exercise.checker.probe(variant)
        asked = repr(replace(probe, calls=())) + "".join(repr((call.args, call.kwargs)) for call in probe.calls)
        shown = {**variant.params, **(exercise.show(variant.params) if exercise.show else {})}
        form = exercise.checker.form()
        released = json.dumps([dict(form), variant.params, shown], ensure_ascii=False)
        text = asked + released + exercise.prompt.format(**shown)
        for secret in secrets(variant.key):
            assert secret not in text, secret
        for name in {"options", "targets"} & form.keys():  # the right ones are in there, too: nothing may tell of them
            entries: Any = form[name]
            assert all(entry.keys() == {"id", "text"} for entry in entries)
            listed = [entry["id"] for entry in entries]
            assert listed == sorted(listed)
            # An order that all share must not be that of the ids: then the file would show it.
            assert exercise.checker.kind != "order" or exercise.params or listed != list(variant.key)


@every_exercise
def test_no_feedback_on_a_wrong_answer_holds_the_key(exercise: Exercise) -> None:
    for variant in variants(exercise, 10):
        for misconception in exercise.slips:
            wrong = replace(variant, key=exercise.wrong_key(misconception, variant.params))
            verdict = judge(exercise, variant, exercise.checker.answer(wrong))
            for secret in secrets(variant.key):
                assert secret not in f"{verdict.message} {verdict.next} {verdict.read}", misconception.id


@every_exercise
def test_a_probe_can_be_carried_and_does_not_depend_on_the_key(exercise: Exercise) -> None:
    for variant in variants(exercise, 3):
        probe = exercise.checker.probe(variant)
        for call in probe.calls:
            assert wire.decode(wire.encode([list(call.args), dict(call.kwargs)]), limit=1 << 24) is not None
        assert exercise.checker.probe(replace(variant, key=None)).digest == probe.digest


@every_exercise
def test_the_same_draw_gives_the_same_pool(exercise: Exercise) -> None:
    few = replace(exercise, pool=min(exercise.pool, 5))
    assert make_pool(few, seed=5) == make_pool(few, seed=5)
    assert exercise.params is None or exercise.params(Random(1)) == exercise.params(Random(1))


def secrets(key: Any) -> Iterator[str]:
    """Yield how a key would look if it were written somewhere; keys too short to be told from chance are left out."""
    if isinstance(key, int | float) and not isinstance(key, bool):
        written = {repr(key), f"{key:,}", f"{key:.4g}", f"{key:.3f}"}
    elif isinstance(key, tuple) and all(isinstance(entry, int) for entry in key):
        inner = ", ".join(map(str, key))
        written = {inner, inner.replace(", ", " × "), inner.replace(", ", ",")}
    elif isinstance(key, np.ndarray):
        written = {repr(key), ", ".join(map(str, key[:20])), " ".join(map(str, key[:20]))}
    elif isinstance(key, str) and " " in key:
        written = {key, key[:60]}
    else:  # functions; and ids of options, which are released with all the others
        written = set()
    return (text for text in written if len(text) >= 5)

"""Variants: one student's own copy of an exercise, and the pool of them that a release carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from autograder.digest import digest
from autograder.errors import CourseError, Fault
from autograder.exercise import Exercise
from autograder.raised import raised
from autograder.types import HiddenSet, Params, Variant

_DRAWS = 20  # for each entry wanted, before we give up


def variant(exercise: Exercise, params: Params, *, seed: int = 0, hidden: HiddenSet | None = None) -> Variant:
    """Return the variant of these parameters. An exercise without a key of its own is judged by the hidden labels."""
    key = exercise.key(params, frozenset())
    if key is None and exercise.pack and hidden is not None:
        key = hidden.labels
    return Variant(exercise.id, params, key, digest([exercise.id, dict(params)]), seed, hidden)


def make_pool(exercise: Exercise, seed: int) -> list[dict[str, Any]]:
    """Draw exercise.pool different sets of parameters in which every single misconception shows as itself.

    One that leads to the key, or to the same answer as another, would teach nothing there; such a draw is dropped.
    Raises CourseError when too few draws are left, or the author's code raises.
    """
    if exercise.params is None:
        return [dict(exercise.fixed)]
    try:
        return _drawn(exercise, exercise.params, seed)
    except CourseError:
        raise
    except Exception as error:
        problem = f"its pool cannot be drawn: {raised(error)}."
        raise CourseError([Fault("", exercise.id, problem, "Correct `params`, `key` or the slips.")]) from error


def _drawn(exercise: Exercise, draw: Callable[[Random], dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    rng, pool, dropped = Random(seed), dict[str, dict[str, Any]](), Counter[str]()
    for _ in range(_DRAWS * exercise.pool):
        params = draw(rng)
        name = digest(params)
        if name in pool:
            dropped["the same parameters had been drawn before"] += 1
        elif why := hidden_slip(exercise, params):
            dropped[why] += 1
        else:
            pool[name] = params
        if len(pool) == exercise.pool:
            return list(pool.values())
    why, often = dropped.most_common(1)[0]
    draws = _DRAWS * exercise.pool
    problem = f"only {len(pool)} of {exercise.pool} variants were left of {draws} draws; {often} times {why}."
    raise CourseError([Fault("", exercise.id, problem, "Draw from more, or drop what cannot be told apart.")])


def hidden_slip(exercise: Exercise, params: Params) -> str:
    """Return why a draw is of no use; "" if every misconception leads to an answer of its own."""
    if exercise.pack:
        return ""
    asked, checker = variant(exercise, params), exercise.checker
    # Each wrong key is derived once, and no verdict is put into words: a release tries some 200 draws of each exercise.
    believed = {m.id: replace(asked, key=exercise.wrong_key(m, params)) for m in exercise.slips}
    for name, wrong in believed.items():
        evidence = checker.answer(wrong)
        if checker.check(evidence, asked).score == 1:
            return f"misconception {name!r} equals the key"
        if [other for other in believed if checker.explains(evidence, believed[other])] != [name]:
            return f"misconception {name!r} gives the same answer as another"
    return ""

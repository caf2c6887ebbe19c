"""Variants: one student's own copy of an exercise, and the pool of them that a release carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from autograder.digest import digest
from autograder.errors import CourseError, Fault
from autograder.exercise import Checker, Exercise
from autograder.raised import raised
from autograder.types import Evidence, HiddenSet, Misconception, Params, Variant

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
    rng, pool, dropped = Random(seed), dict[str, dict[str, Any]](), Counter[Hidden]()
    for _ in range(_DRAWS * exercise.pool):
        params = draw(rng)
        name = digest(params)
        if name in pool:
            dropped[_AGAIN] += 1
        elif why := hidden_slip(exercise, params):
            dropped[why] += 1
        else:
            pool[name] = params
        if len(pool) == exercise.pool:
            return list(pool.values())
    (why, often), draws = dropped.most_common(1)[0], _DRAWS * exercise.pool
    if pool:
        problem = f"only {len(pool)} of {exercise.pool} variants were left of {draws} draws; {often} times {why.words}."
        raise CourseError([Fault("", exercise.id, problem, why.at_times)])
    share = "each" if often == draws else f"{often}"
    raise CourseError(
        [Fault("", exercise.id, f"none of {draws} draws can be used; in {share} of them {why.words}.", why.always)]
    )


@dataclass(frozen=True)
class Hidden:
    """Why a draw is of no use, and the remedy where all draws are so, or only some."""

    words: str
    always: str
    at_times: str = "Draw from more, or drop what cannot be told apart."


_FEW = "Draw from more, or ask for fewer variants with `pool`."
_AGAIN = Hidden("the same parameters had been drawn before", _FEW, _FEW)


def hidden_slip(exercise: Exercise, params: Params) -> Hidden | None:
    """Return why a draw is of no use; None if every misconception leads to an answer of its own.

    Raises CourseError where a key is no answer to the question at all.
    """
    if exercise.pack:
        return None
    asked, checker = variant(exercise, params), exercise.checker
    # Each wrong key is derived once, and no verdict is put into words: a release tries some 200 draws of each exercise.
    believed = {m.id: replace(asked, key=exercise.wrong_key(m, params)) for m in exercise.slips}
    faults = list(_unfit(exercise, "`key` returns", asked))
    for name, wrong in believed.items():
        faults.extend(_unfit(exercise, f"misconception {name!r} leads to", wrong))
    if faults:
        raise CourseError(faults)
    for slip, (name, wrong) in zip(exercise.slips, believed.items(), strict=True):
        evidence = checker.answer(wrong)
        if why := as_right(checker, slip, evidence, asked):
            return why
        others = [other for other in believed if checker.explains(evidence, believed[other])]
        if others != [name]:
            return _as_another(name, next((other for other in others if other != name), None))
    return None


def _unfit(exercise: Exercise, who: str, of: Variant) -> Iterator[Fault]:
    if unfit := exercise.checker.unfit(of.key):
        yield Fault("", exercise.id, f"{who} {unfit.problem} with parameters {dict(of.params)!r:.200}.", unfit.remedy)


def as_right(checker: Checker, slip: Misconception, evidence: Evidence, asked: Variant) -> Hidden | None:
    """Return why somebody who makes this mistake earns everything; None if it costs something."""
    if checker.check(evidence, asked).score != 1:
        return None
    own = "See that its own `key` is another" if slip.key else f"See that `key` looks for {slip.id!r} among its slips"
    if checker.kind == "number" and not checker.explains(evidence, asked):
        return Hidden(
            f"misconception {slip.id!r} counts as right: the tolerance is wider than its mistake",
            "Make the tolerance smaller, or drop the misconception.",
            "Make the tolerance smaller, draw from more, or drop the misconception.",
        )
    if checker.kind in ("function", "model"):  # the same in all that is tried, which need not be all that there is
        return Hidden(
            f"misconception {slip.id!r} earns everything, as the key does",
            f"{own}, and that the checker tries something in which it differs; or drop the misconception.",
        )
    return Hidden(f"misconception {slip.id!r} equals the key", f"{own}, or drop the misconception.")


def _as_another(name: str, other: str | None) -> Hidden:
    if other is None:
        return Hidden(
            f"the answer that misconception {name!r} leads to does not tell of it",
            "Correct its wrong key, or drop the misconception.",
        )
    first, second = sorted((name, other))
    return Hidden(
        f"misconceptions {first!r} and {second!r} lead to the same answer", "Make one of them, or correct a wrong key."
    )

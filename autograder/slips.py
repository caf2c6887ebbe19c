"""How well the judge tells slips apart, measured with the judge itself on random variants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, islice
from math import exp, log
from random import Random
from typing import Any

from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.pool import hidden_slip, variant
from autograder.types import Evidence, Variant

_DRAWS = 20  # for each variant wanted: a pool gives up after as many


@dataclass(frozen=True)
class Share:
    hits: int = 0
    of: int = 0

    @property
    def fraction(self) -> float:
        return self.hits / self.of if self.of else 0.0

    def __add__(self, other: Share) -> Share:
        return Share(self.hits + other.hits, self.of + other.of)


@dataclass(frozen=True)
class Figures:
    """Of one exercise, over variants as students meet them: drawn, and not dropped by the pool.

    singles, pairs: answers of students who make just these slips, diagnosed as just these. A pair counts where it leads
    elsewhere than the right key and any slip alone; otherwise there are no two mistakes to be seen.
    false: random wrong numbers for which a misconception was claimed. They are drawn evenly on a logarithmic scale from
    a tenth of the key to ten times the key. Answers within a tolerance are written with a few significant digits.
    """

    exercise: str
    variants: int
    singles: Share
    pairs: Share  # of 0 where the answer is not exact: pairs are not looked for
    false: Share


def measurable(exercise: Exercise) -> bool:
    """Whether the exercise has slips, and random variants with keys made of numbers."""
    if exercise.params is None or exercise.pack or not any(m.key is None for m in exercise.slips):
        return False
    return _numeric(exercise.key(exercise.params(Random(0)), frozenset()))


def measure(exercise: Exercise, variants: int = 1000, wrong: int = 10_000, seed: int = 0, digits: int = 4) -> Figures:
    """Measure one exercise; `wrong` numbers are spread over the variants, `digits` are those of inexact answers."""
    if exercise.params is None:
        raise ValueError(f"{exercise.id} has no random variants")
    rng = Random(f"{seed}/{exercise.id}")
    singles = pairs = false = Share()
    drawn = (exercise.params(rng) for _ in range(_DRAWS * variants))
    kept = list(islice((params for params in drawn if not hidden_slip(exercise, params)), variants))
    for index, params in enumerate(kept):
        asked = variant(exercise, params)
        singles += _share(exercise, asked, [(m.id,) for m in exercise.slips], digits)
        pairs += _share(exercise, asked, list(_pairs(exercise, asked)), digits)
        for _ in range(wrong * (index + 1) // variants - wrong * index // variants):
            false += _false(exercise, asked, rng, digits)
    return Figures(exercise.id, len(kept), singles, pairs, false)


def _share(exercise: Exercise, asked: Variant, mistakes: list[tuple[str, ...]], digits: int) -> Share:
    known = {m.id: m for m in exercise.slips}
    hits = 0
    for ids in mistakes:
        if len(ids) == 1:
            key = exercise.wrong_key(known[ids[0]], asked.params)
        else:
            key = exercise.key(asked.params, frozenset(ids))
        hits += judge(exercise, asked, hand_in(exercise, asked, key, digits)).misconception == "+".join(ids)
    return Share(hits, len(mistakes))


def _pairs(exercise: Exercise, asked: Variant) -> Iterator[tuple[str, str]]:
    slips = [m.id for m in exercise.slips if m.key is None] if exercise.checker.exact else []
    fewer = [exercise.key(asked.params, frozenset(some)) for some in ([], *([slip] for slip in slips))]
    for one, other in combinations(slips, 2):
        if exercise.key(asked.params, frozenset({one, other})) not in fewer:
            yield one, other


def _false(exercise: Exercise, asked: Variant, rng: Random, digits: int) -> Share:
    while True:
        verdict = judge(exercise, asked, hand_in(exercise, asked, _near(asked.key, rng), digits))
        if verdict.score != 1:
            return Share(int(verdict.misconception is not None), 1)


def hand_in(exercise: Exercise, asked: Variant, key: Any, digits: int = 4) -> Evidence:
    """Return what a student hands in who came to this key, rounded as students do where the answer is not exact."""
    checker = exercise.checker
    if isinstance(checker, Numeric) and not checker.exact:
        return checker.answered(asked, f"{key:.{digits}g} {checker.unit}".strip())
    return checker.answer(replace(asked, key=key))


def _near(key: Any, rng: Random) -> Any:
    if isinstance(key, tuple):
        return tuple(_near(entry, rng) for entry in key)
    number = key * exp(rng.uniform(-log(10), log(10)))
    return round(number) if isinstance(key, int) else number


def _numeric(key: Any) -> bool:
    if isinstance(key, tuple):
        return all(map(_numeric, key))
    return isinstance(key, int | float) and not isinstance(key, bool)

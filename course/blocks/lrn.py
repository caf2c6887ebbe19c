"""Local response normalization, written in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np

from autograder.checkers.function import Function, Group
from autograder.exercise import Exercise
from autograder.types import Call, Misconception, Params, Slips


def reference(params: Params, slips: Slips) -> Callable[..., Any]:
    """Krizhevsky, Sutskever and Hinton, Advances in Neural Information Processing Systems 25 (2012), section 3.3."""

    def lrn(a: Any, radius: int, k: float, alpha: float, beta: float) -> Any:
        x = np.swapaxes(a, 2, 3) if "over-positions" in slips else a
        powers = x if "not-squared" in slips else x**2
        side = radius // 2 if "radius-is-width" in slips else radius
        sums = np.zeros_like(x)
        for i in range(x.shape[-1]):
            near = _near(i, side, x.shape[-1], slips)
            total = powers[..., near].sum(axis=-1)
            sums[..., i] = total / max(len(near), 1) if "mean-for-sum" in slips else total
        base = k + alpha * sums
        normalized = x / (base if "no-power" in slips else base**beta)
        return np.swapaxes(normalized, 2, 3) if "over-positions" in slips else normalized

    return lrn


def _near(i: int, radius: int, maps: int, slips: Slips) -> list[int]:
    """The maps that take part in the sum of map i."""
    first = i if "one-sided" in slips else i - radius
    last = i + radius - 1 if "end-left-out" in slips else i + radius
    if "round-the-edge" in slips:
        return sorted({j % maps for j in range(first, last + 1)})
    near = range(max(0, first), min(maps - 1, last) + 1)
    return [j for j in near if j != i or "itself-left-out" not in slips]


def cases(maps: int, radius: int, k: float, alpha: float, beta: float) -> Callable[[Random], Iterator[Call]]:
    def draw(rng: Random) -> Iterator[Call]:
        drawn = np.random.default_rng(rng.getrandbits(64)).gamma(1.0, 2.0, (2, 4, 5, maps))  # as after a ReLU
        yield Call((drawn, radius, k, alpha, beta))

    return draw


exercise = Exercise(
    id="block-lrn",
    title="Local response normalization, by hand",
    points=3,
    prompt="""**Write `lrn(a, radius, k, alpha, beta)`.** `a` is an array of shape `(images, rows, columns, maps)`; none
of its numbers is negative. Return an array of the same shape. Use NumPy only. The number `a` of
map `i` becomes

```text
            a[i]
---------------------------       S: the sum of a[j]² over the maps j from i - radius to i + radius
  (k + alpha × S) ** beta
```

All of this is at **the same place of the same image**. The sum goes from `i - radius` to `i + radius`, both included,
and map `i` is one of them. Maps that do not exist are left out: the first map has no neighbour before it. `alpha`
multiplies the sum as it is; the sum is not divided by anything.""",
    key=reference,
    checker=Function(
        signature="lrn(a, radius, k, alpha, beta)",
        groups=(
            Group("maps with neighbours on both sides", cases(9, 2, 1.0, 0.5, 0.75), weight=2),
            Group("the numbers that AlexNet used", cases(12, 2, 2.0, 1e-4, 0.75)),
            Group("a wide neighbourhood", cases(7, 4, 2.0, 0.1, 0.5)),
            Group("no neighbours: radius 0", cases(5, 0, 1.0, 1.0, 0.75)),
            Group("another power", cases(8, 1, 1.5, 0.3, 1.5)),
        ),
        tolerance=1e-5,
        dtype=False,
    ),
    misconceptions=(
        Misconception(
            "over-positions",
            "You sum over neighbouring columns of one map. Here the neighbours are other maps, at the same place: maps "
            "compete with each other, places do not.",
            "Which axis of the array counts the maps?",
        ),
        Misconception(
            "one-sided",
            "You only sum over the maps that follow. A map also competes with those before it.",
            "For map 4 and radius 2, write down all the maps that take part.",
        ),
        Misconception(
            "itself-left-out",
            "You left out the map itself. Its own square is part of the sum, too.",
            "For map 4 and radius 2, write down all the maps that take part.",
        ),
        Misconception(
            "end-left-out",
            "The last neighbour is missing. The end of a `range` or of a slice does not belong to it.",
            "`list(range(2, 5))`: which numbers are in it?",
        ),
        Misconception(
            "radius-is-width",
            "You took the radius for the width of the whole neighbourhood. A radius of 2 means two maps on each side.",
            "For map 4 and radius 2, write down all the maps that take part.",
        ),
        Misconception(
            "round-the-edge",
            "At the first and the last maps your neighbourhood goes round to the other end. Negative indices and "
            "`np.roll` do that without a word.",
            "What does `a[..., -1]` give?",
        ),
        Misconception(
            "not-squared",
            "You summed the numbers themselves. The formula sums their squares, so that the strongest map counts most.",
            "Read the formula once more, from the inside outwards.",
        ),
        Misconception(
            "mean-for-sum",
            "You took the mean of the squares. Some libraries do that, but the formula here does not divide.",
            "Read the formula once more, from the inside outwards.",
        ),
        Misconception(
            "no-power",
            "You divide by the sum itself. The last step of the formula is missing: the whole bracket is raised to a "
            "power.",
            "What does the letter beta do in the formula?",
        ),
    ),
    next="Try it on `np.ones((1, 1, 1, 5))` with radius 1, k = 0, alpha = 1 and beta = 1, and on paper.",
)

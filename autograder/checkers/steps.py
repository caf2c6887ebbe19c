"""Credit that rises in steps, or along straight lines between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

Steps = tuple[tuple[float, float], ...]
"""(what is reached, credit) in rising order."""


@dataclass(frozen=True)
class Credit:
    score: float
    reached: float | None  # the step that was reached; None below the first
    next: float | None  # the next one; None at the top


def sound(steps: Mapping[str, Steps]) -> None:
    """Raise ValueError for steps that do not rise, or do not end with full credit."""
    for setting, listed in steps.items():
        sides = list(zip(*listed, strict=True))
        if not listed or any(list(side) != sorted(set(side)) for side in sides) or listed[-1][1] != 1:
            raise ValueError(f"The steps of {setting!r} must rise, in what is reached and in credit, and end with 1.")


def credit(steps: Steps, value: float, ramp: bool = False) -> Credit:
    """Return what a value earns; ramp: between two steps credit rises in a straight line."""
    places, credits = zip(*steps, strict=True)
    reached = [place for place in places if value >= place]
    score = credits[len(reached) - 1] if reached else 0.0
    if ramp and reached:
        score = float(np.interp(value, places, credits))
    above = [place for place in places if value < place]
    return Credit(score, reached[-1] if reached else None, above[0] if above else None)

"""Honest work is not broken: each notebook of the corpus comes to the same inside a sandbox and outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder.sandbox import tiers
from tests.compat.trial import Work, done, errors, works

pytestmark = pytest.mark.kernel

WORKS = works()
CHOSEN = ("keras_fit", "keras_callbacks", "tf_data")
"""Of those that train: what `make test` tries; `make test-attacks` tries all."""
DIFFERENT: dict[str, str] = {}
"""What is not the same inside today, and why. A test that passes all the same says so."""
FAILS = {
    "an_error_ends_the_cell_alone": ["ZeroDivisionError", "SyntaxError", "NameError"],
    "input_ends_the_cell_alone": ["StdinNotImplementedError"],
}


def _cases() -> Iterator[Any]:
    for work in WORKS:
        marks = [pytest.mark.tensorflow] if work.tensorflow else []
        if work.tensorflow and work.name not in CHOSEN:
            marks.append(pytest.mark.slow)
        if work.name in DIFFERENT:
            marks.append(pytest.mark.xfail(strict=True, reason=DIFFERENT[work.name]))
        yield pytest.param(work, id=work.name, marks=marks)


@pytest.mark.parametrize("work", [*_cases()])
def test_honest_work_comes_to_the_same_inside_and_outside(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    if work.missing:
        pytest.skip(f"NOT TESTED, not in the kernel's environment: {', '.join(work.missing)}")
    inside = done(work, practice=False)
    monkeypatch.setattr(tiers, "_found", [tiers.Tier("none", "to compare with", confined=False)])
    outside = done(work, practice=True)
    assert (inside.run.tier != "none", outside.run.tier) == (True, "none")
    assert [error.partition(":")[0] for error in errors(inside.run)] == FAILS.get(work.name, [])
    assert same(inside.value, outside.value), (inside.value, outside.value)
    assert inside.shown == outside.shown
    assert inside.told == []


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return type(one) is type(other) and bool(np.array_equal(one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def test_there_are_enough_of_them_and_each_does_something_else() -> None:
    assert len(WORKS) >= 25
    assert len({work.does for work in WORKS}) == len(WORKS)

"""A training history as the student's kernel reported it: untrusted, so read with care and never judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.feedback.text import finite
from handin.words import N_, _

DRAWN = 400  # points of one curve; more would not be seen
TABLED = 40  # rows of the table below it
LARGEST = 1e6  # a loss beyond this says "diverged", and would flatten everything else

_NAMES = {
    "accuracy": N_("accuracy"),
    "acc": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "categorical_accuracy": "accuracy",
    "loss": N_("loss"),
}


@dataclass(frozen=True)
class Curve:
    """One reported quantity; values[i] belongs to epochs[i] (counted from 1), None where it is no finite number."""

    metric: str  # "accuracy" or "loss"
    validation: bool
    epochs: tuple[int, ...]
    values: tuple[float | None, ...]

    @property
    def label(self) -> str:
        return _("validation") if self.validation else _("training")

    @property
    def measure(self) -> str:
        """The metric as students read it."""
        return _(self.metric)


@dataclass(frozen=True)
class History:
    curves: tuple[Curve, ...] = ()
    epochs: int = 0  # as reported
    broken: int = 0  # values that are no number, infinite or out of all bounds, among those that were looked at
    table: tuple[tuple[int, tuple[float | None, ...]], ...] = field(default=())  # (epoch, one value for each curve)

    def of(self, metric: str) -> tuple[Curve, ...]:
        """The curves of one metric that have something to draw."""
        return tuple(c for c in self.curves if c.metric == metric and any(v is not None for v in c.values))


def read(reported: object) -> History:
    """Read what can be read; an empty History where nothing can. Bounded work, whatever its length."""
    if not isinstance(reported, Mapping):
        return History()
    found: dict[tuple[str, bool], Any] = {}
    for name in ("loss", "val_loss", *_NAMES, *(f"val_{name}" for name in _NAMES)):
        values: Any = reported.get(name)
        if hasattr(values, "dtype") and getattr(values, "ndim", 0) == 1:
            values = list(values[:1_000_000])
        if isinstance(values, list | tuple) and values:
            found.setdefault((_NAMES[name.removeprefix("val_")], name.startswith("val_")), values)
    if not found:
        return History()
    curves = tuple(_curve(metric, validation, found[metric, validation]) for metric, validation in sorted(found))
    longest = max(len(values) for values in found.values())
    table = tuple(
        (i + 1, tuple(_value(found[c.metric, c.validation], i) for c in curves)) for i in _spread(longest, TABLED)
    )
    broken = sum(value is None for curve in curves for value in curve.values)
    return History(curves, longest, broken, table)


def _curve(metric: str, validation: bool, values: Any) -> Curve:
    places = _spread(len(values), DRAWN)
    return Curve(metric, validation, tuple(i + 1 for i in places), tuple(_value(values, i) for i in places))


def _value(values: Any, i: int) -> float | None:
    value = finite(values[i]) if i < len(values) else None
    return value if value is not None and abs(value) <= LARGEST else None


def _spread(length: int, most: int) -> list[int]:
    """At most `most` places from 0 to length - 1, first and last among them."""
    if length <= most:
        return list(range(length))
    return sorted({round(i * (length - 1) / (most - 1)) for i in range(most)})

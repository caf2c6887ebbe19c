"""A short row of whole numbers, such as the shape of an output."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from autograder.checkers.base import Base, unanswered
from autograder.types import Evidence, Json, Variant, Verdict

_TEXT = re.compile(r"[(\[]? *(?:None *[,x×] *)?([0-9]{1,18}(?: *[,x×] *[0-9]{1,18})*) *,? *[)\]]?")


@dataclass(frozen=True)
class Sequence(Base):
    """One whole number for each of `names`; each earns its share. A None in front, the batch, is left out kindly."""

    names: tuple[str, ...]

    kind: ClassVar[str] = "value"
    exact = True

    def form(self) -> Mapping[str, Json]:
        return {"entries": list(self.names)}

    def check(self, evidence: Evidence, variant: Variant) -> Verdict:
        if early := unanswered(evidence):
            return early
        found = _numbers(evidence.value)
        order = f"({', '.join(self.names)})"
        if found is None:
            return Verdict(0.0, f"This is not a row of whole numbers. Write {len(self.names)} of them: {order}.")
        if not found:
            return Verdict(0.0, "There is no answer here yet.")
        read = f"({', '.join(map(str, found[:10]))})"
        if len(found) != len(self.names):
            count = "1 number" if len(found) == 1 else f"{len(found)} numbers"
            return Verdict(0.0, f"These are {count}; {len(self.names)} are asked for: {order}.", read=read)
        right = [name for name, one, other in zip(self.names, found, variant.key, strict=True) if one == other]
        wrong = [name for name in self.names if name not in right]
        if not wrong:
            return Verdict(1.0, "Right.", read=read)
        message = f"Right: {', '.join(right)}. " if right else ""
        return Verdict(len(right) / len(self.names), f"{message}Not right yet: {', '.join(wrong)}.", read=read)

    def answer(self, variant: Variant) -> Evidence:
        return self.answered(variant, tuple(variant.key))


def _numbers(value: Any) -> list[int] | None:
    """Return whole numbers, None for what holds anything else."""
    if type(value) is str and len(value) <= 200 and (found := _TEXT.fullmatch(value.strip())):
        return [int(part) for part in re.findall("[0-9]+", found[1])]
    if type(value) is np.ndarray and value.ndim == 1 and value.dtype.kind in "iuf" and value.size <= 100:
        value = value.tolist()
    if value is None or (type(value) is str and not value.strip()):
        return []
    if type(value) not in (list, tuple) or len(value) > 100:
        return None
    entries = value[1:] if len(value) > 1 and value[0] is None else value
    whole = all(type(entry) is int or (type(entry) is float and entry.is_integer()) for entry in entries)
    return [int(entry) for entry in entries] if whole and all(abs(entry) < 10**18 for entry in entries) else None

"""A short row of whole numbers, such as the shape of an output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from autograder.checkers.base import Base
from autograder.same import Same
from autograder.types import Evidence, Json, Variant, Verdict
from handin import numbers
from handin.words import _, ngettext


@dataclass(frozen=True)
class Sequence(Base):
    """One whole number for each of `names`; each earns its share. A None in front, the batch, is left out kindly."""

    names: tuple[str, ...]

    kind: ClassVar[str] = "value"
    exact = True

    def form(self) -> Mapping[str, Json]:
        return {"entries": list(self.names)}

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        found = numbers.read_row(evidence.value)
        order = f"({', '.join(self.names)})"
        if found is None:
            told = _("This is not a row of whole numbers. Write {n} of them: {order}.")
            return Verdict(0.0, told.format(n=len(self.names), order=order))
        if not found:
            return Verdict(0.0, _("There is no answer here yet."))
        read = f"({', '.join(map(str, found[:10]))})"
        if len(found) != len(self.names):
            told = ngettext(
                "These are {n} number; {wanted} are asked for: {order}.",
                "These are {n} numbers; {wanted} are asked for: {order}.",
                len(found),
            )
            return Verdict(0.0, told.format(n=len(found), wanted=len(self.names), order=order), read=read)
        right = [name for name, one, other in zip(self.names, found, variant.key, strict=True) if one == other]
        wrong = [name for name in self.names if name not in right]
        if not wrong:
            return Verdict(1.0, _("Right."), read=read)
        message = _("Not right yet: {names}.").format(names=", ".join(wrong))
        if right:
            message = _("Right: {names}.").format(names=", ".join(right)) + " " + message
        return Verdict(len(right) / len(self.names), message, read=read)

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        return evidence.status == "ok" and _row(Same(evidence.value)) == list(variant.key)

    def answer(self, variant: Variant) -> Evidence:
        return self.answered(variant, tuple(variant.key))


@lru_cache(maxsize=4)
def _row(answer: Same) -> list[int] | None:
    """An answer is compared with many wrong keys."""
    return numbers.read_row(*answer.objects)

"""Words, which a person grades. Only a blank is scored here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from autograder.checkers.base import Base
from autograder.types import Evidence, Probe, Variant, Verdict
from handin.words import _

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Point:
    """One thing that a good answer says, so that it fits after "a good answer": "says that the kernel is shared"."""

    says: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.says.strip() or self.weight <= 0:
            raise ValueError("A point of a rubric needs words, and a weight above 0.")


@dataclass(frozen=True)
class Prose(Base):
    """starter: what the released cell says, besides nbgrader's own words; who leaves only that has written nothing.
    rubric: shown to staff beside the answer, with the share of the points that each is worth; never to students.

    The key is a sample answer for staff.
    """

    starter: str = ""
    rubric: tuple[Point, ...] = ()

    kind: ClassVar[str] = "text"

    def probe(self, variant: Variant) -> Probe:
        return Probe(variant.exercise, "text", variant.digest)

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        if type(evidence.value) is not str:
            return Verdict(0.0, _("There is no text here."))
        if not _without(_words(evidence.value), [_words(self.starter), _words("YOUR ANSWER HERE")]):
            return Verdict(0.0, _("There is no answer here yet. A few sentences of your own are enough."))
        return Verdict(None, _("Your answer is kept. A member of staff reads and grades it."), note=self._guide)

    @property
    def _guide(self) -> str:
        whole = sum(point.weight for point in self.rubric)
        points = [f"- {point.weight / whole:.0%}: {point.says}" for point in self.rubric]
        return "\n".join(["Grade by hand.", *(["A good answer", *points] if points else [])])

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        return False

    def answer(self, variant: Variant) -> Evidence:
        return self.answered(variant, variant.key)


def _words(text: str) -> list[str]:
    return _WORD.findall(_COMMENT.sub(" ", text).casefold().replace("_", " "))


def _without(words: list[str], starters: list[list[str]]) -> list[str]:
    """Return what is left of the words when each starter is cut out where it stands."""
    text = f" {' '.join(words)} "
    for starter in sorted(filter(None, starters), key=len, reverse=True):
        text = text.replace(f" {' '.join(starter)} ", " ")
    return text.split()

"""Things that belong together. An answer is a dict: for the id of each item, the id of its target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from autograder.checkers.base import Base
from autograder.checkers.options import MANY, Item, distinct, fold, ids, listed, unknown
from autograder.types import Evidence, Json, Misconception, Params, Slips, Variant, Verdict
from handin.words import _


@dataclass(frozen=True)
class Pair(Item):
    """An item and its target.

    confused: the target that a known misconception leads to. feedback: for whoever chose that one; never the answer.
    """

    to: str
    confused: str
    feedback: str
    next: str = ""


@dataclass(frozen=True)
class Match(Base):
    """A target for each item. Use its `key` as the exercise's. A target may serve several items, or none.

    The score is the share of items that are right, counted from what somebody earns who writes the same target
    everywhere: guessing earns about nothing.
    """

    pairs: tuple[Pair, ...]
    targets: tuple[Item, ...]

    kind: ClassVar[str] = "match"
    exact = True

    def __post_init__(self) -> None:
        distinct(self.pairs, "item")
        distinct(self.targets, "target")
        known = {target.id for target in self.targets}
        for pair in self.pairs:
            if pair.to == pair.confused or not {pair.to, pair.confused} <= known:
                raise ValueError(f"{pair.id}: `to` and `confused` must be the ids of two different targets.")
        if len({pair.to for pair in self.pairs}) < 2:
            raise ValueError("A match needs two targets that are used.")

    def key(self, params: Params, slips: Slips) -> dict[str, str]:
        """Return the target of each item; a slip is to confuse the item of that id."""
        return {pair.id: pair.confused if pair.id in slips else pair.to for pair in self.pairs}

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        return tuple(Misconception(pair.id, pair.feedback, pair.next) for pair in self.pairs)

    def form(self) -> Mapping[str, Json]:
        return {"options": listed(self.pairs), "targets": listed(self.targets)}

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        given, problem = self._read(evidence.value)
        if problem or not given:
            return Verdict(0.0, problem or _("No item has a target yet."))
        read = ", ".join(f"{item}: {target}" for item, target in sorted(given.items()))
        key: Mapping[str, str] = variant.key
        wrong = [pair for pair in self.pairs if given.get(pair.id) != key[pair.id]]
        if not wrong:
            return Verdict(1.0, _("Right, all of them."), read=read)
        luck = max(Counter(key.values()).values())
        right = len(self.pairs) - len(wrong)
        return Verdict(max(0, right - luck) / max(1, len(self.pairs) - luck), _words(wrong, given), read=read)

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        given, problem = self._read(evidence.value)
        return evidence.status == "ok" and not problem and given == variant.key

    def answer(self, variant: Variant) -> Evidence:
        return self.answered(variant, dict(variant.key))

    def _read(self, value: Any) -> tuple[dict[str, str], str]:
        """Return the targets that are meant, by item, and a kind word about what cannot be understood."""
        entries = [*value.items()] if type(value) is dict and len(value) <= MANY else None
        if entries is None or any(type(item) is not str or type(target) is not str for item, target in entries):
            told = _("This is not a dict from ids to ids. Its keys are {ids}; its values are in quotes.")
            return {}, told.format(ids=ids(self.pairs))
        items, targets = ({fold(x.id): x.id for x in known} for known in (self.pairs, self.targets))
        given = {fold(item): fold(target) for item, target in entries}
        if not given.keys() <= items.keys():
            return {}, unknown("item", self.pairs)
        given = {item: target for item, target in given.items() if target not in ("", "...")}
        if not set(given.values()) <= targets.keys():
            return {}, unknown("target", self.targets)
        return {items[item]: targets[target] for item, target in given.items()}, ""


def _words(wrong: list[Pair], given: Mapping[str, str]) -> str:
    told = [f"- {pair.id}: {pair.feedback}" for pair in wrong if given.get(pair.id) == pair.confused]
    head = _("Not right yet: {names}.").format(names=", ".join(sorted(pair.id for pair in wrong)))
    return "\n\n".join([head, "\n".join(told)] if told else [head])

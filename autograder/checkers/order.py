"""Things to put in order. An answer is the list of all their ids, from the first to the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

from autograder.checkers.base import Base, shown
from autograder.checkers.options import Item, distinct, listed, read_ids
from autograder.types import Evidence, Json, Params, Slips, Unfit, Variant, Verdict
from handin.words import _


@dataclass(frozen=True)
class Order(Base):
    """All of the items, in order.

    Where everybody has the same order, write the items in it and use `key` as the exercise's. Where the order depends
    on the student's own numbers, the exercise's key computes it, a tuple of all ids, and the order here means nothing.
    What leads to a wrong order is a misconception of the exercise, a slip or one with a wrong order of its own.

    The score is the share of pairs that stand in the right order less the share of those that do not, and at least 0:
    the reversed order earns nothing, a random one very little.
    """

    items: tuple[Item, ...]
    praise: str = ""  # said with "Right.", to say why

    kind: ClassVar[str] = "order"
    exact = True

    def __post_init__(self) -> None:
        distinct(self.items, "item")
        if len(self.items) < 4:
            raise ValueError("An order needs four items: of fewer, a random one earns too much.")

    def key(self, params: Params, slips: Slips) -> tuple[str, ...]:
        return tuple(item.id for item in self.items)

    def form(self) -> Mapping[str, Json]:
        return {"options": listed(self.items)}

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        given, problem = read_ids(evidence.value, self.items, "item")
        if problem or not given:
            return Verdict(0.0, problem or _("No order was given."))
        read = ", ".join(given[: 2 * len(self.items)])
        if problem := self._incomplete(given):
            return Verdict(0.0, problem, read=read)
        place = {name: number for number, name in enumerate(variant.key)}
        pairs = [place[one] < place[other] for one, other in combinations(given, 2)]
        good = sum(pairs)
        if good == len(pairs):
            return Verdict(1.0, " ".join([_("Right."), self.praise]).strip(), read=read)
        message = _("Of the {n} pairs in your list, {good} stand in the right order.")
        message = message.format(n=len(pairs), good=good)
        return Verdict(max(0, 2 * good - len(pairs)) / len(pairs), message, read=read)

    def unfit(self, key: Any) -> Unfit | None:
        known = sorted(item.id for item in self.items)
        if isinstance(key, tuple | list) and sorted(map(str, key)) == known:
            return None
        unknown = [item for item in key if item not in known] if isinstance(key, tuple | list) else []
        why = f"{unknown[0]!r}, which is no item" if unknown else f"{shown(key)}, and not each of the ids once"
        return Unfit(f"an order with {why}" if unknown else why, f"Write each of these ids once: {', '.join(known)}.")

    def answer(self, variant: Variant) -> Evidence:
        return self.answered(variant, list(variant.key))

    def _incomplete(self, given: list[str]) -> str:
        """Return a kind word about ids that are missing or there twice."""
        missing = [item.id for item in self.items if item.id not in given]
        twice = [item.id for item in self.items if given.count(item.id) > 1]
        problems = [_("Twice in your list: {ids}.").format(ids=", ".join(sorted(twice)))] if twice else []
        problems += [_("Missing in your list: {ids}.").format(ids=", ".join(sorted(missing)))] if missing else []
        how = _("Write each of the {n} ids once.").format(n=len(self.items))
        return " ".join([*problems, how] if problems else [])

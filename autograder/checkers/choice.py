"""Quizzes: one of several options, and several of several. An answer is the id of an option, or a list of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from autograder.checkers.base import Base
from autograder.checkers.options import Item, distinct, listed, read_ids
from autograder.types import Evidence, Json, Misconception, Params, Slips, Variant, Verdict
from handin.words import _


@dataclass(frozen=True)
class Option(Item):
    """feedback: for whoever gets this option wrong (picks a wrong one, leaves out a right one); never the answer."""

    feedback: str
    _kw: KW_ONLY  # else a `next` without its name would be taken for `right`
    right: bool = False
    next: str = ""


@dataclass(frozen=True)
class _Quiz(Base):
    options: tuple[Option, ...]

    exact = True

    def __post_init__(self) -> None:
        distinct(self.options, "option")
        if not 0 < len(self.right) < len(self.options):
            raise ValueError("A quiz needs an option that is right and one that is wrong.")

    @property
    def right(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options if option.right)

    def form(self) -> Mapping[str, Json]:
        return {"options": listed(self.options)}

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        picks, problem = self._picks(evidence.value)
        if problem or not picks:
            return Verdict(0.0, problem or _("No option was picked."))
        return self.judge_picks(picks, variant)

    @abstractmethod
    def judge_picks(self, picks: frozenset[str], variant: Variant) -> Verdict:
        """Judge options that are all known; there is at least one."""

    def _picks(self, value: Any) -> tuple[frozenset[str], str]:
        """Return the options that are meant, and a kind word about what cannot be understood."""
        picks, problem = read_ids(value, self.options, "option")
        return frozenset(picks), problem


@dataclass(frozen=True)
class Choice(_Quiz):
    """One of the options. Use its `key` as the exercise's. Each wrong option is a misconception with its feedback."""

    kind: ClassVar[str] = "choice"

    praise: str = ""  # said with "Right.", to say why

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.right) > 1:
            raise ValueError("Choice has one right option; use Choices for several.")

    def key(self, params: Params, slips: Slips) -> str:
        return next(iter(self.right))

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        return tuple(
            Misconception(o.id, o.feedback, o.next, key=_constant(o.id)) for o in self.options if o.id not in self.right
        )

    def judge_picks(self, picks: frozenset[str], variant: Variant) -> Verdict:
        if len(picks) > 1:
            return Verdict(0.0, _("Only one option can be picked here."), read=_shown(picks))
        if picks == {variant.key}:
            return Verdict(1.0, " ".join([_("Right."), self.praise]).strip(), read=_shown(picks))
        return Verdict(0.0, _("This is not it."), read=_shown(picks))

    def answer(self, variant: Variant) -> Evidence:
        return self.answered(variant, variant.key)


@dataclass(frozen=True)
class Choices(_Quiz):
    """Several of the options. Use its `key` as the exercise's.

    The score is the share of the right options that were picked less the share of the wrong ones, and at least 0: who
    picks everything, or tosses a coin for each, has nothing to expect.
    """

    kind: ClassVar[str] = "choices"

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.right) < 2:
            raise ValueError("Choices has several right options; use Choice for one.")

    def key(self, params: Params, slips: Slips) -> tuple[str, ...]:
        """Return the ids; a slip is to get the option of that id wrong."""
        return tuple(sorted(self.right ^ slips))

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        return tuple(Misconception(o.id, o.feedback, o.next) for o in self.options)

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        # Not by score: when a wrong key holds every option, or none, there are no shares.
        picks, problem = self._picks(evidence.value)
        return evidence.status == "ok" and not problem and bool(picks) and picks == frozenset(variant.key)

    def judge_picks(self, picks: frozenset[str], variant: Variant) -> Verdict:
        right = frozenset(variant.key)
        wrong = frozenset(option.id for option in self.options) - right
        score = max(0.0, len(picks & right) / len(right) - len(picks & wrong) / len(wrong))
        return Verdict(score, self._words(picks, right), read=_shown(picks))

    def answer(self, variant: Variant) -> Evidence:
        return self.answered(variant, list(variant.key))

    def _words(self, picks: frozenset[str], right: frozenset[str]) -> str:
        if picks == right:
            return _("Right: these, and only these.")
        if len(picks) == len(self.options):
            return _("Everything was picked. Decide for each option on its own.")
        told = [f"- {o.id}: {o.feedback}" for o in self.options if o.id in picks - right]
        head = _("Part of this is right.") if picks & right else _("None of these belongs here.")
        if told:
            head += " " + _("Look again at what you picked:") + "\n\n" + "\n".join(told)
        if right - picks and picks & right:
            head += ("\n\n" if told else " ") + _("Something that belongs here is missing.")
        return head


def _constant(value: str) -> Any:
    return lambda params: value


def _shown(picks: frozenset[str]) -> str:
    return ", ".join(sorted(picks))

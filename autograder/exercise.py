"""What an author writes: an Exercise. And what a Checker is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any, Protocol

from autograder.types import Evidence, Json, Misconception, Params, Probe, Slips, Unfit, Variant, Verdict


class Checker(Protocol):
    """Asks and judges. Frozen, pure, no I/O; what it needs of a student is in the variant and the evidence.

    A checker that extends `autograder.checkers.base.Base` writes `kind`, `judge` and `answer`, and `probe` where it
    asks for more than a value.
    """

    @property
    def kind(self) -> str:
        """How check() in the notebook reads the answer: number, choice, choices, order, match, function, model, text,
        value."""

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Those that follow from the checker itself, such as the wrong options of a quiz."""

    def form(self) -> Mapping[str, Json]:
        """What the student's own check() may know (units, options, allowed layers). Released: never the key."""

    def probe(self, variant: Variant) -> Probe:
        """What to ask."""

    def check(self, evidence: Evidence, variant: Variant) -> Verdict:
        """Judge the evidence against variant.key. Never raises, whatever the evidence holds."""

    @property
    def exact(self) -> bool:
        """Whether wrong keys are matched without a tolerance, so that pairs of slips may be tried, too."""

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        """Whether somebody who believes variant.key (a wrong one) would hand in just this. Stricter than full marks."""

    def answer(self, variant: Variant) -> Evidence:
        """The evidence that a student who believes variant.key would hand in (for contract suite and preview)."""

    def unfit(self, key: Any) -> Unfit | None:
        """What keeps this key, right or wrong, from being an answer at all; None where it is one."""

    def flaws(self, variant: Variant, answer: Evidence, *, right: bool) -> Iterator[Unfit]:
        """What else an author should correct that is seen by trying a key. answer: answer(variant); right: whether
        the key is the right one, and not that of a misconception."""


def _fixed(rng: Random) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Exercise:
    """One question: one file under course/, one check cell, one grade cell of nbgrader.

    prompt: Markdown with {fields}; a field is a parameter or an entry of show(params).
    params: draws one set of parameters (JSON values) from a Random. None: one fixed variant with `fixed`.
    effort: how many steps, single calculations on paper, a solution of this variant takes; all draws should take about
    as many. An exercise that asks for numbers and has params states it.
    key: key(params, slips) derives the answer by code; slips is empty for the right one.
    """

    id: str
    title: str
    points: float
    prompt: str
    key: Callable[[Params, Slips], Any]
    checker: Checker
    params: Callable[[Random], dict[str, Any]] | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)
    show: Callable[[Params], Mapping[str, str]] | None = None
    effort: Callable[[Params], float] | None = None
    misconceptions: tuple[Misconception, ...] = ()
    pack: str = ""  # name of the data pack whose hidden set is judged on; the key is then its labels
    next: str = ""  # what to look at again, when no misconception explains the answer
    pool: int = 200  # how many variants a release carries
    practice: bool = False  # check() says right or wrong at once: whoever tries all answers finds the key in a release

    @cached_property
    def slips(self) -> tuple[Misconception, ...]:
        """All misconceptions: the author's and the checker's."""
        return (*self.misconceptions, *self.checker.misconceptions)

    def wrong_key(self, misconception: Misconception, params: Params) -> Any:
        if misconception.key is not None:
            return misconception.key(params)
        return self.key(params, frozenset({misconception.id}))

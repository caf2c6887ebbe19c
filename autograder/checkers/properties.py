"""A function of the student's to which many answers are right: judged by what must hold of what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any, ClassVar

from autograder.checkers.base import Base, no_function
from autograder.checkers.function import called, never_meant, raising, stopped
from autograder.raised import raised
from autograder.same import Same
from autograder.types import Call, Evidence, Json, Params, Probe, Unfit, Variant, Verdict
from handin.words import _


@dataclass(frozen=True)
class Results:
    """What a property is told: the calls, and for each what came back, untrusted but plain."""

    params: Params
    calls: tuple[Call, ...]
    values: tuple[Any, ...]
    changed: tuple[bool, ...] = ()  # of each call, whether the function wrote into what it was given


@dataclass(frozen=True)
class Property:
    """One thing that must hold of everything that came back.

    words: fit after "Your function ..."; the student reads them in either list.
    holds: is called with the Results. It may raise on values of an unexpected kind, which counts as no, but not on what
    the key's own function returns.
    teaches: said to whoever gets it wrong.
    """

    id: str
    words: str
    holds: Callable[[Results], bool]
    teaches: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class Properties(Base):
    """Each property earns its weight. The key is a function that has all of them; under a slip it lacks some.

    calls: draws the hidden calls; it is given the student's parameters, and a Random of the variant's own secret seed.
    needs: the first properties, without which the others mean nothing (a function that returns its input unchanged
    keeps its range and its shape); whoever misses one of these earns nothing.
    """

    properties: tuple[Property, ...]
    calls: Callable[[Params, Random], Iterable[Call]]
    signature: str = ""
    needs: int = 1
    seconds: float = 10.0  # for one call

    kind: ClassVar[str] = "function"
    exact = False  # a set of missed properties is too little to tell pairs apart

    def __post_init__(self) -> None:
        names = [one.id for one in self.properties]
        if not names or len(set(names)) < len(names) or any(one.weight <= 0 for one in self.properties):
            raise ValueError("Properties needs properties with different ids, each of a weight above 0.")
        if not 0 <= self.needs <= len(names):
            raise ValueError("needs is the number of properties, from the first, that are indispensable.")

    def form(self) -> Mapping[str, Json]:
        return {"signature": self.signature}

    def probe(self, variant: Variant) -> Probe:
        return Probe(variant.exercise, "calls", variant.digest, self._drawn(variant), self.seconds)

    def unanswered(self, evidence: Evidence) -> Verdict:
        if evidence.status == "unreadable":
            return Verdict(0.0, _("This is not a function. Hand in the function itself, without calling it."))
        return super().unanswered(evidence)

    def flaws(self, variant: Variant, answer: Evidence, *, right: bool) -> Iterator[Unfit]:
        errors = list(raising(variant.key, self._drawn(variant), answer.calls))
        if errors and right:
            yield Unfit(f"a function that raises {raised(errors[0])}", "Correct it, or `calls`.")
        else:
            yield from never_meant(errors)
        if errors or not right:  # a property may well raise on what a wrong function returns
            return
        results = self._results(answer, variant)
        for one in self.properties:
            try:
                one.holds(results)
            except Exception as error:
                yield Unfit(f"a function on whose results `holds` of the property {one.id!r} raises: {raised(error)}",
                            "Correct it; it is called as holds(results).")  # fmt: skip

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        if why := _stopped(evidence.calls, len(self._drawn(variant))):
            return Verdict(0.0, _("Your function was called on inputs of ours, and {why}.").format(why=why))
        missed = self._missed(evidence, variant)
        wrong = [one for one in self.properties if one.id in missed]
        right = [one for one in self.properties if one.id not in missed]
        indispensable = any(one in self.properties[: self.needs] for one in wrong)
        # Not 1 - lost / all: the sum of all weights must come out as exactly 1.
        score = 0.0 if indispensable else sum(p.weight for p in right) / sum(p.weight for p in self.properties)
        return Verdict(score if wrong else 1.0, _words([] if indispensable else right, wrong))

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        if evidence.status != "ok" or _stopped(evidence.calls, len(self._drawn(variant))):
            return False
        held = self._held(evidence, variant)
        if all(held) or not any(held):  # whoever misses everything has not made one mistake
            return False
        believed = self._results(self.answer(variant), variant)
        # Most wrong keys are done with after a few.
        return all(_holds(one, believed) == done for one, done in zip(self.properties, held, strict=True))

    def unfit(self, key: Any) -> Unfit | None:
        return no_function(key)

    def answer(self, variant: Variant) -> Evidence:
        probe = self.probe(variant)
        made = tuple(called(variant.key, call) for call in probe.calls)
        return Evidence("ok", calls=made, probe=probe.digest, variant=variant.digest)

    def _drawn(self, variant: Variant) -> tuple[Call, ...]:
        return _drawn(Same(self.calls, variant.params), f"{variant.seed}/{variant.digest}")

    def _held(self, evidence: Evidence, variant: Variant) -> tuple[bool, ...]:
        return _held(Same(self.properties, evidence, variant.params, self._drawn(variant)))

    def _missed(self, evidence: Evidence, variant: Variant) -> list[str]:
        held = self._held(evidence, variant)
        return [one.id for one, done in zip(self.properties, held, strict=True) if not done]

    def _results(self, evidence: Evidence, variant: Variant) -> Results:
        return _results(evidence, variant.params, self._drawn(variant))


def _results(evidence: Evidence, params: Params, calls: tuple[Call, ...]) -> Results:
    values = tuple(call.value for call in evidence.calls)
    changed = tuple(call.facts.get("changed") is True for call in evidence.calls)
    return Results(params, calls, values, changed)


# An answer is compared with a dozen wrong keys: what is the same for all of them is worked out once. Few are kept, for
# evidence may be large: as many as there are threads that judge.
@lru_cache(maxsize=4)
def _drawn(of: Same, seed: str) -> tuple[Call, ...]:
    calls, params = of.objects
    drawn = tuple(calls(params, Random(seed)))
    if not drawn:
        raise ValueError("`calls` draws nothing, so that nothing would be judged")
    return drawn


@lru_cache(maxsize=4)
def _held(of: Same) -> tuple[bool, ...]:
    properties, evidence, params, calls = of.objects
    results = _results(evidence, params, calls)
    return tuple(_holds(one, results) for one in properties)


def _holds(one: Property, results: Results) -> bool:
    try:
        return bool(one.holds(results))
    except Exception:  # what came back may be anything
        return False


def _stopped(calls: Sequence[Evidence], asked: int) -> str:
    """Return why there is nothing to judge; "" if every call came back."""
    if len(calls) != asked:
        return _("it was not reached")
    return next((stopped(call) for call in calls if call.status != "ok"), "")


def _words(right: list[Property], wrong: list[Property]) -> str:
    if not wrong:
        return _("Right: your function does everything that was asked, on inputs of ours.")
    done = "".join(f"- {one.words}\n" for one in right)
    head = _("Right so far. Your function:") + f"\n\n{done}\n" if right else ""
    told = [f"- {one.words}. {one.teaches}".rstrip() for one in wrong]
    return head + _("Not yet. Your function should be one that:") + "\n\n" + "\n".join(told)

"""How a model is built, and what it computes whatever its weights are. Nobody trains for this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from autograder.checkers.base import shown
from autograder.checkers.model import Model
from autograder.network import Network
from autograder.raised import raised
from autograder.same import Same
from autograder.types import Evidence, Probe, Unfit, Variant, Verdict
from handin import weights
from handin.words import N_, _

Array = NDArray[Any]


class Blue(Protocol):
    """What the key must be: a Blueprint, or anything that can tell the same two things, and always tells them alike."""

    def facts(self, variant: Variant) -> dict[str, Any]:
        """What the second sandbox would say of this model (Evidence.facts)."""

    def outputs(self, given: Array, draw: Callable[[tuple[int, ...]], Array]) -> Array:
        """What it makes of a batch, its weights drawn by shape. ValueError where it does not take this batch. Not
        called where an exercise draws no inputs."""


@dataclass(frozen=True)
class Fact:
    """One thing that must be true of the model.

    words: fit after "Your model ..."; the student reads them in either list, of what is right and of what is not yet.
    holds: is called with the network that was handed in and the variant. It may raise on a network of an unexpected
    kind, which counts as no, but not on the key's own. Of the variant it looks at neither key nor
    seed: what is true of a model does not depend on what anybody believes.
    teaches: said to whoever gets it wrong; never how it must be.
    """

    id: str
    words: str
    holds: Callable[[Network, Variant], bool]
    teaches: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class Architecture(Model):
    """Each fact earns its weight, and so does computing what the key computes, on hidden inputs.

    inputs: draws the hidden inputs, float32 with the batch first; of several shapes, if the model takes any.
    drawn: all weights are drawn anew first, so that every right way to build the model computes the same. False: the
    model's own weights count.
    tolerance: relative to the largest number of an output, and at least absolute.
    needs: the first facts, without which the others mean nothing (an untrained network keeps what it should keep);
    whoever misses one of these earns nothing.
    """

    facts: tuple[Fact, ...] = ()
    inputs: Callable[[Variant, Random], Iterable[Array]] | None = None
    computes: Fact = Fact("computes", N_("computes what it should, on inputs of ours"), lambda network, variant: True)
    drawn: bool = True
    tolerance: float = 1e-3
    needs: int = 0

    def __post_init__(self) -> None:
        names = [fact.id for fact in self.facts]
        if len({*names, self.computes.id}) <= len(names) or any(fact.weight <= 0 for fact in self.facts):
            raise ValueError("Architecture needs facts with different ids, each of a weight above 0.")
        if not self.facts and self.inputs is None:
            raise ValueError("Architecture needs facts, or inputs, or both.")
        if not 0 <= self.needs <= len(names):
            raise ValueError("needs is the number of facts, from the first, that are indispensable.")

    def probe(self, variant: Variant) -> Probe:
        inputs = self._inputs(variant)
        fill = self._seed(variant) if inputs and self.drawn else None
        return Probe(variant.exercise, "model", variant.digest, inputs=inputs, fill=fill,
                     max_parameters=self.max_parameters)  # fmt: skip

    def unfit(self, key: Any) -> Unfit | None:
        told = ("facts",) if self.inputs is None else ("facts", "outputs")
        if all(callable(getattr(key, name, None)) for name in told):
            return None
        return Unfit(f"{shown(key)}, and no Blueprint", "Let it return the Blueprint that it has drawn.")

    def answer(self, variant: Variant) -> Evidence:
        probe = self.probe(variant)
        made = tuple(
            Evidence("raised") if output is None else Evidence("ok", output) for output in self._outputs(variant)
        )
        return Evidence("ok", calls=made, probe=probe.digest, variant=variant.digest, facts=variant.key.facts(variant))

    def flaws(self, variant: Variant, answer: Evidence, *, right: bool) -> Iterator[Unfit]:
        if not right:  # that it takes other inputs may be just what is wrong with a model
            return
        refused = (
            given for given, made in zip(self._inputs(variant), answer.calls, strict=True) if made.status != "ok"
        )
        for given in refused:
            try:
                variant.key.outputs(given, lambda shape: weights.drawn(shape, self._seed(variant)))
            except ValueError as error:
                yield Unfit(f"a network that computes nothing on the input of shape {np.shape(given)}: {error}",
                            "Let `inputs` draw what the key takes, the batch first.")  # fmt: skip
        network = Network.read(answer.facts)
        for fact in self.facts:
            try:
                fact.holds(network, variant)
            except Exception as error:
                yield Unfit(f"a network on which `holds` of the fact {fact.id!r} raises: {raised(error)}",
                            "Correct it; it is called as holds(network, variant).")  # fmt: skip

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        if too_large := self.too_large(evidence):
            return too_large
        network = _read(Same(evidence.facts))
        if not network.layers:
            return Verdict(0.0, _("There are no layers in what you handed in."))
        if not self._complete(evidence, variant):
            return Verdict(0.0, _("There is no result of the model that you handed in."))
        wrong = [fact for fact in self.facts if not _holds(fact, network, variant)]
        right = [fact for fact in self.facts if fact not in wrong]
        if self.inputs is not None:
            wanted = tuple(self._outputs(variant))
            if any(output is None for output in wanted):  # nothing to compare with: our failure, and no score
                raise ValueError("the key itself does not take what `inputs` draws")
            why = self._differs(evidence, wanted)
            (wrong if why else right).append(self.computes)
        else:
            why = ""
        read = _("a model of {n:,} parameters in {layers:,} layers")
        read = read.format(n=network.parameters, layers=len(network.layers))
        # Not 1 - lost / all: the sum of all weights must come out as exactly 1.
        score = sum(f.weight for f in right) / sum(f.weight for f in (*right, *wrong)) if wrong else 1.0
        if any(fact in wrong for fact in self.facts[: self.needs]):
            score, right = 0.0, []
        return Verdict(score, _words(right, wrong, why), read=read)

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        if evidence.status != "ok" or not self._complete(evidence, variant):
            return False
        handed = self._missed(_read(Same(evidence.facts)), variant)
        if self.inputs is None and len(handed) in (0, len(self.facts)):  # to miss everything is not one mistake
            return False
        believed = _believed(Same(variant.key, variant.params, variant.hidden), variant.exercise, variant.digest)
        same = handed == self._missed(believed, variant)  # first: it costs little
        return same and (self.inputs is None or not self._differs(evidence, self._outputs(variant)))

    def _missed(self, network: Network, variant: Variant) -> tuple[str, ...]:
        of = Same(self.facts, network, variant.params, variant.hidden)
        return _missed(of, variant.exercise, variant.digest)

    def _seed(self, variant: Variant) -> int:
        return Random(f"{variant.seed}/{variant.digest}/weights").getrandbits(32)

    def _inputs(self, variant: Variant) -> tuple[Array, ...]:
        if self.inputs is None:
            return ()
        of = Same(self.inputs, variant.params, variant.hidden)
        return _drawn(of, variant.exercise, variant.digest, variant.seed)

    def _complete(self, evidence: Evidence, variant: Variant) -> bool:
        """Whether there is something for each of the inputs, be it that the model does not take it."""
        return len(evidence.calls) == len(self._inputs(variant))

    def _outputs(self, variant: Variant) -> Iterator[Array | None]:
        """Yield what the key makes of each of the inputs; None where it does not take it."""
        seed = self._seed(variant)
        return (_output(Same(variant.key, given), seed) for given in self._inputs(variant))

    def _differs(self, evidence: Evidence, outputs: Iterable[Array | None]) -> str:
        """Return in a few words how what came back is not what a key computes; "" if it is."""
        # One at a time: most wrong keys are done with after the first.
        for got, wanted in zip(evidence.calls, outputs, strict=True):
            if wanted is None and got.status != "ok":
                continue
            if got.status != "ok" or type(got.value) is not np.ndarray or got.value.dtype.kind not in "fiu":
                return _("it could not be used on inputs of the shape asked for")
            if wanted is None:
                return _("it takes inputs of other shapes")
            if got.value.shape != wanted.shape:
                return _("what it gives has another shape")
            slack = self.tolerance * max(1.0, float(np.abs(wanted).max(initial=0.0)))
            if not np.allclose(got.value, wanted, rtol=0.0, atol=slack):
                return _("the numbers are others")
        return ""


# What was handed in is looked at again under every wrong key, and a wrong key for every student.


@lru_cache(maxsize=16)
def _drawn(of: Same, exercise: str, digest: str, seed: int) -> tuple[Array, ...]:
    inputs, params, hidden = of.objects
    variant = Variant(exercise, params, None, digest, seed, hidden)  # no key: what is asked does not depend on it
    made = tuple(inputs(variant, Random(f"{seed}/{digest}/inputs")))
    if not made:
        raise ValueError("`inputs` draws nothing, so that nothing would be compared")
    return made


@lru_cache(maxsize=64)
def _output(of: Same, seed: int) -> Array | None:
    key, given = of.objects
    try:
        made: Array = key.outputs(given, lambda shape: weights.drawn(shape, seed))
    except ValueError:
        return None
    return made


@lru_cache(maxsize=64)
def _believed(of: Same, exercise: str, digest: str) -> Network:
    key, params, hidden = of.objects
    # Under no student's seed, which decides about hidden inputs and drawn weights, and not about how a model is built.
    return Network.read(key.facts(Variant(exercise, params, key, digest, 0, hidden)))


@lru_cache(maxsize=64)
def _missed(of: Same, exercise: str, digest: str) -> tuple[str, ...]:
    facts, network, params, hidden = of.objects
    variant = Variant(exercise, params, None, digest, 0, hidden)
    return tuple(fact.id for fact in facts if not _holds(fact, network, variant))


@lru_cache(maxsize=4)  # as many as there may be threads that judge: what was handed in may be large
def _read(facts: Same) -> Network:
    return Network.read(*facts.objects)


def _holds(fact: Fact, network: Network, variant: Variant) -> bool:
    try:
        return bool(fact.holds(network, variant))
    except Exception:  # a network that was handed in may be anything
        return False


def _words(right: list[Fact], wrong: list[Fact], why: str) -> str:
    if not wrong:
        return _("Right: your model is built as it should be.")
    # What it computes is said in words of ours; the other facts are the author's.
    told = [f"- {fact.words}. {fact.teaches}".rstrip() for fact in (wrong[:-1] if why else wrong)]
    if why:  # what it computes is looked at last
        told.append(f"- {_(wrong[-1].words)}: {why}. {wrong[-1].teaches}".rstrip())
    done = "".join(f"- {_(fact.words)}\n" for fact in right)
    head = _("Right so far. Your model:") + f"\n\n{done}\n" if right else ""
    return head + _("Not yet. Your model should be one that:") + "\n\n" + "\n".join(told)

"""What the checkers of models share: how a model is asked for, and what is said of one that is not opened."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from autograder.checkers.base import Base
from autograder.retold import retold
from autograder.types import Evidence, Json, Verdict
from handin.words import N_, _

# What the sandbox finds wrong with the output of an honest model.
_OUTPUTS = (
    N_("{n} outputs, one is wanted"), N_("{n} rows for {images} images"), N_("too many numbers for each image"),
)  # fmt: skip


@dataclass(frozen=True)
class Model(Base):
    """A Keras model that is handed over as a file, and is opened where no student code runs.

    input_shape: without the batch; None for a side that may have any length. Empty: of any shape.
    """

    kind: ClassVar[str] = "model"

    input_shape: tuple[int | None, ...] = ()
    max_parameters: int = 500_000

    def form(self) -> Mapping[str, Json]:
        shape: dict[str, Json] = {"input_shape": list(self.input_shape)} if self.input_shape else {}
        return {**shape, "max_parameters": self.max_parameters}

    def unanswered(self, evidence: Evidence) -> Verdict:
        if evidence.status == "unreadable":
            return Verdict(0.0, _("This is not a Keras model. Hand in the model itself."), note=evidence.detail[:500])
        return self._refused(evidence) if evidence.status == "refused" else super().unanswered(evidence)

    def too_large(self, evidence: Evidence) -> Verdict | None:
        """Return the verdict of a model with too many parameters; None for any other."""
        parameters: Any = evidence.facts.get("parameters")
        too_many = type(parameters) is int and parameters > self.max_parameters
        if not too_many:
            return None
        # Forged facts may hold a number that is too long to be written.
        return self._too_large(str(parameters) if parameters < 10**12 else "")

    def _refused(self, evidence: Evidence) -> Verdict:
        word, _colon, rest = evidence.detail.partition(":")
        rest = re.sub(r"[^\w ,.()<>=-]", "", rest).strip()[:200]
        note = f"refused: {evidence.detail}"[:500]
        if word == "parameters":
            return replace(self._too_large(rest.partition(">")[0].strip()), note=note)
        if word == "input":
            shape = ", ".join("None" if side is None else str(side) for side in self.input_shape)
            told = _(
                "Your model does not take the images as they come. They are float32, and of shape ({shape}) each: "
                "begin it with keras.Input(({shape}))."
            )
            return Verdict(0.0, told.format(shape=shape), note=note)
        if word == "layers":
            told = _(
                "Your model holds something that is not opened here: {layers}. A member of staff will look at it. "
                "Build it from Keras's own layers, and check() tells you at once whether all of them are fine."
            )
            return Verdict(None, told.format(layers=rest), note=note)
        if word == "output" and not rest.startswith("protocol"):
            told = _(
                "What your model gives cannot be used ({why}). It should have one output: for each image the "
                "same few numbers, as the question asks for them."
            )
            return Verdict(0.0, told.format(why=retold(rest, _OUTPUTS)), note=note)
        return super().unanswered(evidence)

    def _too_large(self, parameters: str) -> Verdict:
        # Where a size that the file declares is absurd, its parameters are never counted.
        counted = parameters.isascii() and parameters.isdigit()
        if counted:
            told = _("Your model has {n:,} parameters; at most {most:,} are allowed here.")
            told = told.format(n=int(parameters), most=self.max_parameters)
        else:
            told = _("Your model has too many parameters; at most {most:,} are allowed here.")
            told = told.format(most=self.max_parameters)
        where = _(
            "Most of them are usually in the first Dense layer: pool once more before it, or give it fewer units."
        )
        return Verdict(0.0, f"{told} {where}")


def history(reported: Any) -> dict[str, list[float]]:
    """Return what can be drawn of the history that the student's kernel reports. It never counts."""
    if not isinstance(reported, Mapping):
        return {}
    return {
        name[:40]: [float(value) for value in values[:1000]]
        for name, values in list(reported.items())[:20]
        if isinstance(name, str) and isinstance(values, list | tuple) and all(map(_finite, values[:1000]))
    }


def percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _finite(value: Any) -> bool:
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:
        return False

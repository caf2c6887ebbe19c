"""A trained model that names the class of every pixel, judged by how far its areas and the right ones overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checkers.model import Model, history, percent
from autograder.checkers.steps import Steps, credit, sound
from autograder.errors import DataError
from autograder.types import Evidence, Json, Misconception, Probe, Slips, Variant, Verdict

_Z = 1.6449  # of a one-sided 95 % limit
TRANSPOSED, SHIFTED = "rows-and-columns", "counts-from-one"


@dataclass(frozen=True)
class Misread:
    """A wrong key: the masks as seen by someone who makes this mistake."""

    how: str


def overlaps(named: NDArray[Any], masks: NDArray[Any], classes: int) -> NDArray[np.float64]:
    """Return the intersection over union of each image (n, h, w), averaged over the classes that occur in it.

    Everingham et al., International Journal of Computer Vision 111 (2015) 98-136, section 4.2; there over all images at
    once, here image by image, so that there is a spread to compute an interval from.
    """
    shares = np.full((classes, len(masks)), np.nan)
    for c in range(classes):
        ours, theirs = masks == c, named == c
        union = np.sum(ours | theirs, axis=(1, 2))
        both = np.sum(ours & theirs, axis=(1, 2))
        np.divide(both, union, out=shares[c], where=union > 0)
    return np.asarray(np.nanmean(shares, axis=0))


@dataclass(frozen=True)
class Overlap(Model):
    """Credit rises with the mean intersection over union (IoU), by the upper end of its interval.

    steps: (IoU, credit) for each setting of the data pack, as in Accuracy. The key is the hidden set's masks, uint8
    (n, h, w), 0 to classes - 1. A model gives one number per class for each pixel: (n, h, w, classes).
    """

    input_shape: tuple[int | None, ...] = (32, 32, 3)
    steps: Mapping[str, Steps] = field(kw_only=True)
    classes: int = field(kw_only=True)

    def __post_init__(self) -> None:
        sound(self.steps)

    @staticmethod
    def key(params: Any, slips: Slips) -> Any:
        """Use it as the exercise's. The masks come with the hidden set, and are known to the grader alone."""
        return None

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        return (
            Misconception(
                TRANSPOSED,
                "Your model finds the shapes, but turned over: rows and columns are exchanged. The first axis of an "
                "image and of a mask counts the rows.",
                "Show an image, its mask and the prediction side by side with `imshow`.",
                key=lambda params: Misread(TRANSPOSED),
            ),
            Misconception(
                SHIFTED,
                "Your model finds the shapes, but every class has the number of another: 1 was subtracted from the "
                "masks before training. The background is class 0.",
                "Print `np.unique` of the masks that your network is trained on.",
                key=lambda params: Misread(SHIFTED),
            ),
        )

    def form(self) -> Mapping[str, Json]:
        return {"pixels": self.classes, **super().form()}

    def probe(self, variant: Variant) -> Probe:
        hidden = variant.hidden
        if hidden is None:
            raise DataError('A model needs hidden images: name a data pack in the exercise, pack="shapes".')
        return Probe(
            variant.exercise, "model", variant.digest, images=hidden.images, images_digest=hidden.digest, pick=True,
            max_parameters=self.max_parameters,
        )  # fmt: skip

    def answer(self, variant: Variant) -> Evidence:
        masks = self._masks(variant)
        shapes = {"input_shape": [None, *self.input_shape], "output_shape": [None, *masks.shape[1:], self.classes]}
        evidence = self.answered(variant, masks.astype(np.uint8))
        return replace(evidence, facts={"parameters": self.max_parameters, **shapes})

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        return bool(self.check(evidence, variant).score)

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        if too_large := self.too_large(evidence):
            return too_large
        masks, named = self._masks(variant), evidence.value
        if type(named) is not np.ndarray or named.dtype.kind not in "iu":
            return Verdict(0.0, "What your model gives is no array of numbers, so no mask can be read from it.")
        numbers = evidence.facts.get("output_shape")
        if named.shape != masks.shape or not isinstance(numbers, list) or numbers[-1:] != [self.classes]:
            return Verdict(0.0, self._shape_words(numbers))
        read = f"for each pixel the largest of {self.classes} numbers."
        if np.all(named == named.flat[0]):
            return Verdict(0.0, _CONSTANT, read=read)
        assert variant.hidden is not None
        each = variant.hidden.judged(overlaps(named, masks, self.classes))
        return self._credited(each, variant.hidden.setting, evidence, read)

    def _credited(self, each: NDArray[np.float64], setting: str, evidence: Evidence, read: str) -> Verdict:
        mean, n = float(each.mean()), len(each)
        margin = _Z * float(each.std(ddof=1)) / sqrt(n) if n > 1 else 1.0
        low, high = max(0.0, mean - margin), min(1.0, mean + margin)
        given = credit(self.steps[setting], high)
        message = (
            f"Over {n:,} hidden images, the areas that your model finds and the right ones overlap by {percent(mean)} "
            "(mean intersection over union). Other images would give a number a little higher or lower, so the upper "
            f"end of the 95 % interval counts for you: {percent(high)}."
        )
        if given.next is not None:
            message += f" The next step is at {percent(given.next)}."
        facts = {
            "accuracy": mean, "low": low, "high": high, "n": n, "steps": [list(step) for step in self.steps[setting]],
            "credited_at": given.reached, "history": history(evidence.facts.get("history")),
            "measure": "mean intersection over union",
        }  # fmt: skip
        return Verdict(given.score, message, read=read, facts=facts)

    def _shape_words(self, found: Any) -> str:
        shown = f" It gives {tuple(found[1:])} for each image." if isinstance(found, list) and len(found) > 1 else ""
        return (
            f"Your model should give {self.classes} numbers for every pixel, as many rows and columns as the image has."
            f"{shown} End it with Conv2D({self.classes}, 1), at the full size of the image."
        )

    def _masks(self, variant: Variant) -> NDArray[Any]:
        """Return the key, also as somebody sees it who misreads it."""
        if variant.hidden is None:
            raise DataError("A model is judged on hidden images, and there are none.")
        masks = np.asarray(variant.hidden.labels)
        if not isinstance(variant.key, Misread):
            return np.asarray(variant.key)
        return masks.transpose(0, 2, 1) if variant.key.how == TRANSPOSED else (masks.astype(int) - 1) % self.classes


_CONSTANT = (
    "Your model gives the same class for every pixel of every image. Most pixels are background, so this is where "
    "training begins; train for longer, and look whether the loss falls."
)

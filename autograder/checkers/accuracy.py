"""A trained model, judged by how many hidden images it names right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checkers.model import Model, history, percent
from autograder.checkers.steps import Steps, credit, sound
from autograder.errors import DataError
from autograder.types import Evidence, Json, Misconception, Probe, Slips, Variant, Verdict

LEVEL = 0.95
_FROM_ONE = "counts-from-one"


@dataclass(frozen=True)
class Renumbered:
    """A wrong key: the labels as seen by someone who gives class c the number order[c]."""

    order: tuple[int, ...]


def interval(right: int, n: int) -> tuple[float, float]:
    """Return the one-sided 95 % limits, lower and upper, of the accuracy that right out of n images speak for.

    Clopper and Pearson, Biometrika 26 (1934) 404-413: exact, so that a model whose true accuracy is at a threshold gets
    its credit in at least 95 % of all draws of the images. Wilson's interval is shorter, but promises that on average.
    """
    from scipy.special import betaincinv

    low = float(betaincinv(right, n - right + 1, 1 - LEVEL)) if right else 0.0
    high = float(betaincinv(right + 1, n - right, LEVEL)) if right < n else 1.0
    return low, high


@dataclass(frozen=True)
class Accuracy(Model):
    """Credit rises with the accuracy, by the upper end of its interval: noise costs nobody a mark.

    steps: thresholds for each setting of the data pack. ramp: credit rises in a straight line between them.
    The hidden images are float32, of shape (n, *input_shape); pixels says in words which range they have. A model
    gives one number per class (probabilities or logits), or the number of the class itself. The key is the labels,
    0 to classes - 1.
    """

    input_shape: tuple[int | None, ...] = (28, 28, 1)
    steps: Mapping[str, Steps] = field(kw_only=True)
    classes: int = 10
    ramp: bool = False
    pixels: str = "0 to 1"

    def __post_init__(self) -> None:
        sound(self.steps)

    @staticmethod
    def key(params: Any, slips: Slips) -> Any:
        """Use it as the exercise's. The labels come with the hidden set, and are known to the grader alone."""
        return None

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        # to_categorical(y - 1), or np.eye(10)[y - 1]: index -1 is the last place, so nothing complains.
        order = tuple((c - 1) % self.classes for c in range(self.classes))
        return (
            Misconception(
                _FROM_ONE,
                "Your network has learned well, but each answer is one class too low, and class 0 has become the last "
                "one: 1 was subtracted from the labels before training. The labels count from 0, and classes do too.",
                "Print a few labels beside what your network is trained on: they should be the same numbers.",
                key=lambda params: Renumbered(order),
            ),
        )

    def form(self) -> Mapping[str, Json]:
        return {"classes": self.classes, **super().form()}

    def probe(self, variant: Variant) -> Probe:
        hidden = variant.hidden
        if hidden is None:
            raise DataError('A model needs hidden images: name a data pack in the exercise, pack="mnist".')
        return Probe(
            variant.exercise, "model", variant.digest,
            images=hidden.images, images_digest=hidden.digest, max_parameters=self.max_parameters,
            numbers=4 * self.classes,  # a wrong number of classes still gets its own explanation
        )  # fmt: skip

    def answer(self, variant: Variant) -> Evidence:
        labels = _labels(variant)
        evidence = self.answered(variant, np.eye(self.classes, dtype=np.float32)[labels])
        shapes = {"input_shape": [None, *self.input_shape], "output_shape": [None, self.classes]}
        return replace(evidence, facts={"parameters": self.max_parameters, **shapes})

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        # Any credit will do: under a wrong numbering chance names one image in `classes`, never so many.
        return bool(self.check(evidence, variant).score)

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        if too_large := self.too_large(evidence):
            return too_large
        labels = _labels(variant)
        named, read = self._read(evidence.value, len(labels))
        if named is None:
            return Verdict(0.0, read)
        if np.all(named == named[0]) and len(named) > 1:
            return Verdict(0.0, _CONSTANT.format(int(named[0]), self.pixels), read=read)
        assert variant.hidden is not None
        right = variant.hidden.judged(named == labels)
        return self._credited(int(np.sum(right)), len(right), variant.hidden.setting, evidence, read)

    def _credited(self, right: int, n: int, setting: str, evidence: Evidence, read: str) -> Verdict:
        if setting not in self.steps:
            raise ValueError(f"There are no thresholds for the setting {setting!r}.")
        steps, (low, high) = self.steps[setting], interval(right, n)
        given = credit(steps, high, self.ramp)
        message = (
            f"Your model names {percent(right / n)} of {n:,} hidden images right. Another set of images would give a "
            f"number a little higher or lower, so the upper end of the 95 % interval counts for you: {percent(high)}."
        )
        if given.next is not None:
            message += f" The next step is at {percent(given.next)}."
        if right / n < 2 / self.classes:
            message += "\n\n" + _CHANCE.format(self.pixels)
        facts = {
            "accuracy": right / n, "low": low, "high": high, "n": n,
            "steps": [list(step) for step in steps], "credited_at": given.reached,
            "history": history(evidence.facts.get("history")),
        }  # fmt: skip
        if type(evidence.facts.get("parameters")) is int:
            facts["parameters"] = evidence.facts["parameters"]
        return Verdict(given.score, message, read=read, facts=facts)

    def _read(self, value: Any, n: int) -> tuple[NDArray[np.int64] | None, str]:
        """Return the class named for each image, and how that was read; None and what is wrong if there is none."""
        if type(value) is not np.ndarray or value.dtype.kind not in "biuf" or value.ndim == 0:
            return None, "What your model gives is no array of numbers, so no class can be read from it."
        if len(value) != n:
            return (
                None,
                f"Your model was given {n:,} images and gave {len(value):,} answers. Each image needs one answer.",
            )
        if not np.isfinite(value).all():
            return None, _NAN
        if value.ndim == 2 and value.shape[1] == self.classes and self.classes > 1:
            rows = value.astype(np.float64)
            chances = (rows >= 0).all() and np.allclose(rows.sum(axis=1), 1, atol=1e-3)
            words = (
                f"{self.classes} numbers for each image, read as {'probabilities' if chances else 'scores (logits)'}"
            )
            return rows.argmax(axis=1), f"{words}: the largest one names the class."
        if value.ndim == 1 or value.shape[1:] == (1,):
            return self._read_single(value.reshape(n).astype(np.float64))
        if value.ndim == 2:
            return None, (
                f"Your model gives {value.shape[1]:,} numbers for each image; {self.classes} are needed, one for "
                f"each of the classes 0 to {self.classes - 1}. End it with Dense({self.classes})."
            )
        return None, (
            f"Your model gives an array of shape {value.shape[1:]} for each image, not {self.classes} numbers. "
            f"Put Flatten() or GlobalAveragePooling2D() before the last layer, Dense({self.classes})."
        )

    def _read_single(self, value: NDArray[np.float64]) -> tuple[NDArray[np.int64] | None, str]:
        if self.classes > 2 and ((value >= 0) & (value <= 1)).all():
            return None, (
                "Your model gives one number between 0 and 1 for each image, as for a question of yes or no. "
                f'There are {self.classes} classes: end it with Dense({self.classes}, activation="softmax").'
            )
        if ((value == np.floor(value)) & (value >= 0) & (value < self.classes)).all():
            return value.astype(np.int64), "one whole number for each image, read as the class itself."
        return None, (
            "Your model gives one number for each image, as if a class were an amount: what looks like a 3 or an 8 "
            f"would become a 5. End it with one output for each class, Dense({self.classes}), and train it with a "
            "cross-entropy."
        )


_NAN = (
    "Your model gives nan (not a number). Its weights have grown beyond all bounds in training: look at the loss after "
    "each epoch, and train with a smaller learning rate."
)
_CONSTANT = (
    "Your model gives the same class, {}, for every image. Two causes are common. The images here hold numbers from "
    "{}: a network that was trained on another range, or that scales them once more, can hardly see them. Or the loss "
    "never fell in training: try a smaller learning rate."
)
_CHANCE = (
    "That is about what guessing would give. Were the images that it was trained on like these (numbers from {}), "
    "did each keep its own label, and did the loss fall?"
)


def _labels(variant: Variant) -> NDArray[np.int64]:
    """Return the key, also under a wrong numbering of the classes."""
    if variant.hidden is None:
        raise DataError("A model is judged on hidden images, and there are none.")
    if isinstance(variant.key, Renumbered):
        order: NDArray[np.int64] = np.array(variant.key.order, np.int64)
        return order[np.asarray(variant.hidden.labels, np.int64)]
    return np.asarray(variant.key, np.int64)

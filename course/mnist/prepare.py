"""Turn stored images into what a network is fed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np

from autograder.checkers.function import Function, Group
from autograder.exercise import Exercise
from autograder.types import Call, Misconception, Params, Slips


def reference(params: Params, slips: Slips) -> Callable[[Any], Any]:
    def prepare(images: Any) -> Any:
        if "integer-division" in slips:
            scaled = images // 255
        elif "not-scaled" in slips:
            scaled = images
        elif "centred" in slips:
            scaled = images / 127.5 - 1
        else:
            scaled = images / (images.max() if "batch-maximum" in slips else 255)
        prepared = scaled.astype("float64" if "float64" in slips else "float32")
        return prepared if "no-channel" in slips else prepared[..., np.newaxis]

    return prepare


def images(*shape: int, brightest: int) -> Callable[[Random], Iterator[Call]]:
    def draw(rng: Random) -> Iterator[Call]:
        drawn = np.random.default_rng(rng.getrandbits(64)).integers(0, brightest + 1, shape, np.uint8)
        drawn.flat[0] = brightest
        yield Call((drawn,))

    return draw


exercise = Exercise(
    id="prepare",
    title="Prepare the images",
    points=3,
    prompt=(
        "Write `prepare(images)`. It is given images as they are stored: an array of `uint8` numbers from 0 to 255, "
        "of shape `(n, 28, 28)`. It returns an array of `float32` numbers **from 0 to 1**, where 0 stays 0 and 255 "
        "becomes 1, of shape `(n, 28, 28, 1)`.\n"
        "\nThe same pixel must always become the same number, whatever else is in the batch."
    ),
    key=reference,
    checker=Function(
        (
            Group("a batch of images", images(4, 28, 28, brightest=255)),
            Group("a single image", images(1, 28, 28, brightest=255)),
            Group("dark images", images(3, 28, 28, brightest=90)),
        ),
        signature="prepare(images)",
    ),
    misconceptions=(
        Misconception(
            "integer-division",
            "You divided with `//`, which drops everything after the decimal point: every pixel below 255 becomes 0, "
            "and the digit is gone. `/` keeps it.",
            "Try `7 // 2` and `7 / 2`.",
        ),
        Misconception(
            "not-scaled",
            "The numbers still go from 0 to 255. Inputs that large make the first steps of training jump about.",
            "Which number must 255 be divided by to become 1?",
        ),
        Misconception(
            "centred",
            "Your numbers go from -1 to 1. Some networks are fed like that, but this question asks for 0 to 1.",
            "Print the smallest and the largest number of what you return.",
        ),
        Misconception(
            "batch-maximum",
            "You divided by the brightest pixel of the batch. The same image then looks different in different "
            "company: a dark batch is made brighter. Divide by the largest value that a pixel can have.",
            "What does your function make of a batch whose brightest pixel is 100?",
        ),
        Misconception(
            "float64",
            "The numbers are right, but of type float64. It takes twice the memory of float32, and no network needs "
            "it.",
            "`array.dtype`, and `array.astype(...)`.",
        ),
        Misconception(
            "no-channel",
            "The last axis is missing. A Conv2D layer wants height, width and channels; a grey image has one channel.",
            "`images[..., None]` or `images.reshape(...)`: both add an axis of length 1.",
        ),
    ),
    next="Print the shape, the dtype, the smallest and the largest number of what your function returns.",
)

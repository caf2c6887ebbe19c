"""From bytes to the numbers that Inception v3 was trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np

from autograder.checkers.function import Function, Group
from autograder.exercise import Exercise
from autograder.types import Call, Misconception, Params, Slips

Array = np.ndarray[Any, Any]


def scale_pixels(pixels: Array, slips: Slips = frozenset()) -> Array:
    numbers: Array = pixels.astype(np.float64 if "float64" in slips else np.float32)
    if "bytes-overflow" in slips:
        return (pixels * np.uint8(2)).astype(numbers.dtype) / 255 - 1
    if "zero-to-one" in slips:
        return numbers / 255
    if "own-range" in slips:
        low, high = float(numbers.min()), float(numbers.max())
        return (numbers - low) / max(high - low, 1) * 2 - 1
    if "half-of-256" in slips:
        return (numbers - 128) / 128
    return numbers / 127.5 - 1


def reference(params: Params, slips: Slips) -> Callable[[Array], Array]:
    return lambda pixels: scale_pixels(pixels, slips)


def photos(low: int, high: int, *shape: int) -> Callable[[Random], Iterator[Call]]:
    """Return what draws two arrays of bytes from low to high."""

    def draw(rng: Random) -> Iterator[Call]:
        for _ in range(2):
            pixels = np.random.default_rng(rng.getrandbits(64)).integers(low, high + 1, shape, np.uint8)
            pixels.flat[:2] = low, high
            yield Call((pixels,))

    return draw


exercise = Exercise(
    id="scale-pixels",
    title="From -1 to 1",
    points=2,
    prompt="""**Write a function `scale_pixels(pixels)` that turns the bytes of photos into numbers from -1 to 1.**
`pixels` is an array of type uint8, with numbers from 0 to 255. Return an array of type float32 and of the same
shape, in which 0 has become -1, 255 has become 1, and what lies between has its place between them.

It is called with photos `(rows, columns, 3)` and with batches of them `(n, rows, columns, 3)`; some are very dark.""",
    key=reference,
    checker=Function(
        signature="scale_pixels(pixels)",
        groups=(
            Group("a photo", photos(0, 255, 6, 5, 3), weight=2),
            Group("a batch of photos", photos(0, 255, 2, 4, 5, 3)),
            Group("a photo that is very dark", photos(3, 40, 5, 4, 3)),
        ),
        tolerance=1e-5,
    ),
    misconceptions=(
        Misconception(
            "zero-to-one",
            "Your numbers go from 0 to 1. Many networks want that; this one was trained on numbers that go as far "
            "below zero as above.",
            "What your function gives for 0, for 255 and for a number in the middle.",
        ),
        Misconception(
            "bytes-overflow",
            "You computed with bytes. A uint8 cannot be larger than 255, so twice 200 is not 400 but 144: it starts "
            "again at 0.",
            "In which step does the array become float32?",
        ),
        Misconception(
            "own-range",
            "You scaled each array by its own smallest and largest number. Then a dark photo becomes as bright as "
            "all others, and the same colour becomes another number in each photo.",
            "Which numbers can a byte hold, whatever the photo shows?",
        ),
        Misconception(
            "half-of-256",
            "You took 128 for the middle. The largest byte is 255, so your white does not quite reach the end.",
            "What your function gives for 0 and for 255.",
        ),
        Misconception(
            "float64",
            "The numbers are right, but of type float64. They take twice the memory, and networks compute with "
            "float32.",
            "What type has a uint8 array divided by a Python number?",
        ),
    ),
    next="Try it with the array of three numbers 0, 51 and 255.",
)

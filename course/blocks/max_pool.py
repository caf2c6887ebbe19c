"""Max pooling, written in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np

from autograder.checkers.function import Function, Group
from autograder.exercise import Exercise
from autograder.types import Call, Misconception, Params, Slips

Pair = tuple[int, int]


def reference(params: Params, slips: Slips) -> Callable[[Any, Pair, Pair], Any]:
    def max_pool(x: Any, size: Pair, strides: Pair) -> Any:
        if "rows-and-columns" in slips:
            size, strides = size[::-1], strides[::-1]
        if "stride-ignored" in slips:
            strides = (1, 1)
        if "stride-is-size" in slips:
            strides = size
        rows, columns = (
            max(0, (length - side + (step - 1 if "half-a-window" in slips else 0)) // step + 1)
            for length, side, step in zip(x.shape[1:3], size, strides, strict=True)
        )
        pooled = np.zeros((len(x), rows, columns, x.shape[3]), x.dtype)
        for i in range(rows):
            for j in range(columns):
                top, left = i * strides[0], j * strides[1]
                window = x[:, top : top + size[0], left : left + size[1]]
                if "one-for-all" in slips:
                    pooled[:, i, j] = window.max()
                elif "over-maps" in slips:
                    pooled[:, i, j] = window.max(axis=(1, 2, 3))[:, None]
                elif "mean" in slips:
                    pooled[:, i, j] = window.mean(axis=(1, 2))
                else:
                    pooled[:, i, j] = window.max(axis=(1, 2))
        return np.maximum(pooled, 0) if "from-zero" in slips else pooled

    return max_pool


def cases(rows: int, columns: int, size: Pair, strides: Pair, below_zero: bool = False) -> Callable[[Random], Any]:
    def draw(rng: Random) -> Iterator[Call]:
        x = np.random.default_rng(rng.getrandbits(64)).standard_normal((2, rows, columns, 3)).astype(np.float32)
        yield Call((-abs(x) if below_zero else abs(x), size, strides))

    return draw


exercise = Exercise(
    id="block-max-pool",
    title="Max pooling, by hand",
    points=3,
    prompt="""**Write `max_pool(x, size, strides)`.** `x` is an array of shape `(images, rows, columns, maps)`. `size`
and `strides` are pairs of whole numbers, `(rows, columns)`: how large the window is, and how far it moves.

Return an array of shape `(images, rows, columns, maps)` with the largest number in the window, at each place where the
window lies **inside** the map ("valid" padding). Each map of each image is pooled by itself. Use NumPy only.""",
    key=reference,
    checker=Function(
        signature="max_pool(x, size, strides)",
        groups=(
            Group("a 2 × 2 window that moves by 2", cases(6, 8, (2, 2), (2, 2)), weight=2),
            Group("windows that overlap", cases(7, 7, (3, 3), (2, 2))),
            Group("windows with gaps between them", cases(8, 8, (2, 2), (3, 3))),
            Group("windows that are not square", cases(9, 7, (2, 3), (1, 2))),
            Group("sides that the windows do not fill", cases(8, 9, (3, 2), (3, 2))),
            Group("numbers that are all below zero", cases(6, 6, (2, 2), (2, 2), below_zero=True)),
        ),
        dtype=False,
    ),
    misconceptions=(
        Misconception(
            "from-zero",
            "You compare with a zero, for example because the result begins as `np.zeros(...)`. If all numbers of a "
            "window are negative, the largest of them is lost.",
            "What is the largest number of [-3, -1, -2]? And what does your function say?",
        ),
        Misconception(
            "mean",
            "You take the mean of each window. That is average pooling: a strong signal at one place becomes weak "
            "among its neighbours.",
            "Compare `window.mean(...)` and `window.max(...)` on one window.",
        ),
        Misconception(
            "over-maps",
            "You take the largest number over all maps of an image. Every map stands for a pattern of its own, and "
            "pooling keeps them apart.",
            "The argument `axis` of `max`: which axes does a window have?",
        ),
        Misconception(
            "one-for-all",
            "You take one number for all images and all maps: `window.max()` without an axis looks at everything at "
            "once.",
            "The argument `axis` of `max`: which axes does a window have?",
        ),
        Misconception(
            "stride-ignored",
            "Your window always moves by 1. `strides` says how far it moves down and to the right.",
            "At which row does the second window begin?",
        ),
        Misconception(
            "stride-is-size",
            "Your window always moves by its own size. Often that is so, but here `strides` says how far it moves, and "
            "windows may overlap or leave gaps.",
            "At which row does the second window begin?",
        ),
        Misconception(
            "half-a-window",
            "You also use windows that hang over the edge. NumPy does not complain about them: a slice that is too "
            'long is cut off. With "valid" padding a window must lie inside.',
            "For a side of 8 and a window of 3 that moves by 3: which is the last place where it fits?",
        ),
        Misconception(
            "rows-and-columns",
            "Rows and columns are exchanged. The first number of each pair belongs to the rows, the second to the "
            "columns.",
            "Try a window of 1 × 2 on an array that you can check by eye.",
        ),
    ),
    next="Make a small array with `np.arange(16).reshape(1, 4, 4, 1)`, and compare your result with one on paper.",
)

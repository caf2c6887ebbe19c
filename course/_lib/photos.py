"""Stand-ins for photos, drawn so that up and down can be told apart, and how much two batches of them look alike."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

THUMB = 8  # rows and columns of the small grey copies that are compared


def photos(rng: np.random.Generator, count: int, rows: int, columns: int) -> Array:
    """Return float32 images (count, rows, columns, 3), each from 0 to 1: bright above, dark below, with blobs of "
    "colour."""
    y, x = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
    places, widths = rng.uniform(0, 1, (2, count, 5, 1, 1)), rng.uniform(0.1, 0.2, (count, 5, 1, 1))
    blobs = np.exp(-((y - places[0]) ** 2 + (x - places[1]) ** 2) / (2 * widths**2))
    colours = rng.uniform(-1, 1, (count, 5, 3)) + rng.choice([-0.5, 0.5], (count, 5, 1))
    image = 1.1 * (1 - y)[None, :, :, None] + np.einsum("nbij,nbc->nijc", blobs, colours)
    low, high = image.min((1, 2, 3), keepdims=True), image.max((1, 2, 3), keepdims=True)
    return np.asarray((image - low) / (high - low), np.float32)


class Likeness:
    """How far two batches agree, image by image: correlations of small grey copies, the best of small moves.

    upright: of all pairs (image of one, image of the other), as they are or mirrored left to right.
    turned: the same for the other batch turned upside down or on its side.
    """

    def __init__(self, one: Array, other: Array) -> None:
        ours, theirs = thumbs(one), thumbs(other)
        self.upright = _best(ours, [theirs, theirs[:, :, ::-1]])
        sideways = theirs.transpose(0, 2, 1)
        self.turned = _best(ours, [t[:, ::-1] for t in (theirs, theirs[:, :, ::-1], sideways)] + [sideways])


def thumbs(images: Array) -> Array:
    """Return small grey copies (count, THUMB, THUMB): means of the pixels that fall into each part."""
    grey = np.asarray(images, np.float64).mean(-1)
    for axis in (1, 2):
        starts = np.linspace(0, grey.shape[axis], THUMB, endpoint=False).astype(int)
        sums = np.add.reduceat(grey, starts, axis=axis)
        shape = [1, 1, 1]
        shape[axis] = THUMB
        grey = sums / np.diff([*starts, grey.shape[axis]]).reshape(shape)
    return np.asarray(grey)


def _best(ours: Array, several: list[Array]) -> Array:
    return np.asarray(np.max([_correlations(a, b) for theirs in several for a, b in _moved(ours, theirs)], axis=0))


def _moved(ours: Array, theirs: Array) -> Iterator[tuple[Array, Array]]:
    """What both have in common when one is moved by at most one part."""
    parts = {-1: (slice(0, -1), slice(1, None)), 0: (slice(None), slice(None)), 1: (slice(1, None), slice(0, -1))}
    for (a, b), (c, d) in product(parts.values(), repeat=2):
        yield ours[:, a, c], theirs[:, b, d]


def _correlations(ours: Array, theirs: Array) -> Array:
    one, other = (_standard(batch.reshape(len(batch), -1)) for batch in (ours, theirs))
    return np.asarray(one @ other.T)


def _standard(rows: Array) -> Array:
    centred = rows - rows.mean(1, keepdims=True)
    return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9))


def likeness(one: Array, other: Array) -> Likeness:
    """Remembered, because several questions are asked of the same two batches."""
    return _likeness(one.tobytes(), one.shape, one.dtype.str, other.tobytes(), other.shape, other.dtype.str)


@lru_cache(256)
def _likeness(
    one: bytes, shape: tuple[int, ...], kind: str, other: bytes, shape_2: tuple[int, ...], kind_2: str
) -> Likeness:
    return Likeness(np.frombuffer(one, kind).reshape(shape), np.frombuffer(other, kind_2).reshape(shape_2))

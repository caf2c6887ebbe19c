"""Shapes: small pictures drawn by code, and for each pixel what it shows. For semantic segmentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.data.arrays import save_npz
from autograder.data.dataset import Dataset, Kept

SIZE = 32
NAMES = ("background", "disc", "square", "triangle")
HIDDEN = 300
_IMAGES = {"full": (3000, 500), "small": (1000, 200)}
_CONTRAST = 0.35
_ROWS, _COLUMNS = np.indices((SIZE, SIZE)) + 0.5  # the middles of pixels


def draw(n: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Draw n images (n, 32, 32, 3) in 0..1 and their masks (n, 32, 32): the place in NAMES of what each pixel shows.

    One to three shapes, the later ones over the earlier. Neither area nor colour says what a shape is.
    """
    images, masks = np.empty((n, SIZE, SIZE, 3)), np.zeros((n, SIZE, SIZE), np.uint8)
    for image, mask in zip(images, masks, strict=True):
        colour = rng.uniform(0.15, 0.85, 3)
        image[:] = colour + _texture(rng)
        for _ in range(rng.integers(1, 4)):
            kind = int(rng.integers(1, len(NAMES)))
            inside = _inside(kind, rng)
            image[inside] = (_another(colour, rng) + _texture(rng, 0.3))[inside]
            mask[inside] = kind
    images += rng.normal(0, 0.04, images.shape)
    # In steps of a byte, as cameras take them: noise of all digits would fill the disk.
    return (np.round(np.clip(images, 0, 1) * 255) / 255).astype(np.float32), masks


def _texture(rng: np.random.Generator, strength: float = 1.0) -> NDArray[np.float64]:
    """A slope of light and a coarse grain, (SIZE, SIZE, 1)."""
    down, right = rng.uniform(-0.25, 0.25, 2)
    grain = rng.normal(0, 0.06, (SIZE // 4, SIZE // 4)).repeat(4, axis=0).repeat(4, axis=1)
    light = down * (_ROWS / SIZE - 0.5) + right * (_COLUMNS / SIZE - 0.5)
    return np.asarray(strength * (light + grain)[..., np.newaxis])


def _inside(kind: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """The pixels of a shape of the area of a disc, turned anyhow, whose middle lies in the image."""
    centre, radius, angle = rng.uniform(6, SIZE - 6, 2), rng.uniform(4.5, 8.5), rng.uniform(0, 2 * np.pi)
    y, x = _ROWS - centre[0], _COLUMNS - centre[1]
    if NAMES[kind] == "disc":
        return np.asarray(x**2 + y**2 <= radius**2)
    sides = {"square": 4, "triangle": 3}[NAMES[kind]]
    reach = radius * np.sqrt(np.pi / (sides * np.tan(np.pi / sides)))  # from the middle to a side
    outwards = angle + 2 * np.pi * np.arange(sides) / sides
    x, y = x[..., np.newaxis], y[..., np.newaxis]
    return np.asarray((x * np.cos(outwards) + y * np.sin(outwards) <= reach).all(axis=-1))


def _another(colour: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """A colour that can be told from the one behind."""
    while True:
        found = rng.uniform(0, 1, 3)
        if np.linalg.norm(found - colour) >= _CONTRAST:
            return found


def _build(content: Any, kernel: Path, setting: str, rng: np.random.Generator) -> Kept:
    n_train, n_test = _IMAGES[setting]
    public = np.random.default_rng(20)
    x_train, y_train = draw(n_train, public)
    x_test, y_test = draw(n_test, public)
    save_npz(
        kernel / f"{kernel.name}.npz", {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    )
    return Kept(*draw(HIDDEN, rng))


def _stand_in(setting: str) -> Kept:
    return Kept(labels=draw(HIDDEN, np.random.default_rng(0))[1])


SHAPES = Dataset("Shapes", 1, _build, _stand_in)

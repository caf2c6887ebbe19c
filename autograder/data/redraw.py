"""Images drawn once more: a little turned, moved, stretched, and with a little noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Spread = tuple[float, float]
"""Standard deviation, and the most that is allowed."""


def redraw(
    images: NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    turn: Spread = (4, 10),
    move: Spread = (0.7, 2),
    stretch: Spread | None = None,
    noise: float = 0.02,
    beyond: str = "constant",
    background: float = 0,
) -> NDArray[np.float32]:
    """Draw images (n, h, w) or (n, h, w, channels) of 0..255 once more. Returns float32 (n, h, w, channels) in 0..1.

    turn: degrees; move: pixels along each axis; stretch: as a fraction of the size.
    beyond: what is seen where the old image ends, as scipy.ndimage names it; background: for "constant".
    """
    from scipy import ndimage

    images = images[..., np.newaxis] if images.ndim == 3 else images
    n, *size, channels = images.shape
    middle = (np.array(size) - 1) / 2
    angles = np.radians(_drawn(rng, turn, n))
    moves = _drawn(rng, move, (n, 2))
    scales = 1 + _drawn(rng, stretch, n) if stretch else np.ones(n)
    drawn = np.empty(images.shape, np.float32)
    for image, new, angle, shift, scale in zip(images, drawn, angles, moves, scales, strict=True):
        matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
        offset = middle - matrix @ (middle + shift)
        for channel in range(channels):
            new[..., channel] = ndimage.affine_transform(
                image[..., channel] / 255, matrix, offset, order=3, mode=beyond, cval=background
            )
    drawn += rng.normal(0, noise, drawn.shape).astype(np.float32)
    return np.clip(drawn, 0, 1)


def to_bytes(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """0..1 to 0..255, as images come from files."""
    return np.round(images * 255).astype(np.uint8)


def _drawn(rng: np.random.Generator, spread: Spread, shape: Any) -> NDArray[np.float64]:
    sd, most = spread
    return np.asarray(np.clip(rng.normal(0, sd, shape), -most, most))

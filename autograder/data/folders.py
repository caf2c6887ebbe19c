"""Folders of pictures, one a class: what near-duplicates are, and how a part is held back that shares none.

Near-duplicates stay together: a hidden picture whose twin lies in the student's folder would be known by heart.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ALIKE = 0.1
"""Root mean square difference, in 0..1 at 32 x 32, below which two pictures of one class are near-duplicates.

Of the emoji the pairs below it are the same flag, or flags, medals, clouds that differ in a detail; above it they are
different things that happen to be white."""

SIDE = 96  # of what the backbone of the course takes
_SIDE = 32


def on_white(data: bytes) -> Image.Image:
    """Read a picture as RGB. What is transparent becomes white: such pictures are drawn for white pages."""
    picture = Image.open(io.BytesIO(data))
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return paper.convert("RGB")


def thumbnail(picture: Image.Image) -> NDArray[np.float32]:
    """A picture as 32 x 32 x 3 numbers in 0..1, flat: to compare it with others."""
    small = picture.resize((_SIDE, _SIDE), Image.Resampling.BOX)
    return np.asarray(np.asarray(small).ravel() / 255, np.float32)


def groups(thumbnails: NDArray[np.float32], names: Sequence[str]) -> NDArray[np.int64]:
    """Number the near-duplicates of one class: alike in pixels, or of one name. Who is like a member is one."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    squares = (thumbnails**2).sum(axis=1)
    distance = np.maximum(squares[:, None] + squares - 2 * thumbnails @ thumbnails.T, 0) / thumbnails.shape[1]
    same_name = np.array(names)[:, None] == np.array(names)
    alike = (distance < ALIKE**2) | same_name
    number: NDArray[np.int64] = connected_components(csr_matrix(alike), directed=False)[1]
    return number


def hold_back(group: NDArray[np.int64], wanted: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Choose whole groups by chance, as long as no more than `wanted` pictures are held back."""
    held = np.zeros(len(group), bool)
    for number in rng.permutation(np.unique(group)):
        members = group == number
        if held.sum() + members.sum() <= wanted:
            held |= members
    return held


def for_backbone(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What a student's own pipeline makes of such pictures, read from files: of the size it takes, and from -1 to 1."""
    sized = [Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BILINEAR) for image in images]
    return (np.stack([np.asarray(image) for image in sized]) / 127.5 - 1).astype(np.float32)

"""Draws photos of every kind that a folder may hold, and writes them as files.

They show nothing, but they show what was done to them: each channel has its own soft pattern, without any symmetry,
so that a photo that is turned, squeezed, cut elsewhere or read with its colours swapped differs in most of its
pixels. Being soft, they look nearly the same whichever way they were made smaller."""

from __future__ import annotations

import io
from random import Random

import numpy as np
from PIL import Image, ImageDraw

TURNED = 0x0112  # the EXIF tag Orientation
COLOURS = 24  # of a palette


def photo(rng: Random, width: int, height: int) -> Image.Image:
    """Return a photo in RGB: a pattern of its own for each channel, and a disc in the upper left."""
    cells = (4, 3) if width >= height else (3, 4)
    channels = [_pattern(rng, cells).resize((width, height), Image.Resampling.BICUBIC) for _ in range(3)]
    drawn = Image.merge("RGB", channels)
    middle, radius = (width * 0.4, height * 0.4), min(width, height) * 0.15
    ImageDraw.Draw(drawn).circle(middle, radius, fill=(230, 60, 20))
    return drawn


def _pattern(rng: Random, cells: tuple[int, int]) -> Image.Image:
    columns, rows = cells
    values = [round(10 + 235 * place / (columns * rows - 1)) for place in range(columns * rows)]
    rng.shuffle(values)
    return Image.fromarray(np.array(values, np.uint8).reshape(rows, columns))


def jpeg(image: Image.Image, turned: int = 1) -> bytes:
    exif = Image.Exif()
    if turned != 1:
        exif[TURNED] = turned
    return _file(image, "JPEG", quality=92, exif=exif)


def png(image: Image.Image) -> bytes:
    return _file(image, "PNG")


def with_alpha(image: Image.Image, rng: Random) -> Image.Image:
    """Return the photo, which is in RGB or L, with a part that is clear, a part that is not, and a soft border."""
    alpha = np.asarray(_pattern(rng, (2, 2)).resize(image.size, Image.Resampling.BICUBIC), dtype=float)
    faded = Image.fromarray(np.clip((alpha - 90) * 4, 0, 255).astype(np.uint8))
    clear = image.copy()
    clear.putalpha(faded)
    return clear


def with_palette(image: Image.Image, rng: Random) -> Image.Image:
    """Return the photo in a few colours, whose places in the palette mean nothing."""
    few = image.quantize(COLOURS, Image.Quantize.FASTOCTREE)
    return few.remap_palette(rng.sample(range(COLOURS), COLOURS))


def with_clear_colours(image: Image.Image, rng: Random) -> Image.Image:
    """Return the photo with a palette of which half is transparent."""
    few = with_palette(image, rng)
    few.info["transparency"] = bytes(rng.sample([0, 255], counts=[COLOURS // 2] * 2, k=COLOURS))
    return few


def grey_of_16_bits(image: Image.Image) -> Image.Image:
    """Return the photo in grey, from 0 to 65,535."""
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


def cut_short(file: bytes) -> bytes:
    """Return what is left of a file when the copying was interrupted."""
    return file[: len(file) * 2 // 3]


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()

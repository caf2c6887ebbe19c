"""Which shape has a photo when it stands upright and its shorter side is scaled?"""

from __future__ import annotations

from random import Random
from typing import Any

from autograder.checkers.sequence import Sequence
from autograder.exercise import Exercise
from autograder.types import Misconception, Params, Slips

SIZE = 299


def draw(rng: Random) -> dict[str, Any]:
    """Draw a photo that is stored lying, so that the longer side becomes a whole number of pixels."""
    times, longer = rng.randint(5, 12), rng.randint(360, 540)
    return {"columns": longer * times, "rows": SIZE * times, "orientation": rng.choice([6, 8])}


def shape(params: Params, slips: Slips) -> tuple[int, int, int]:
    height, width = params["columns"], params["rows"]  # a quarter turn
    if "as-stored" in slips:
        height, width = width, height
    short, long = sorted((height, width))
    if "squashed" in slips:
        scaled = (SIZE, SIZE)
    elif "longer-side" in slips:
        scaled = (height * SIZE // long, width * SIZE // long)
    else:
        scaled = (height * SIZE // short, width * SIZE // short)
    height, width = scaled[::-1] if "width-first" in slips else scaled
    return (3, height, width) if "channels-first" in slips else (height, width, 3)


exercise = Exercise(
    id="upright-shape",
    title="A photo of yours",
    points=2,
    prompt="""You held your phone upright when you took a photo. In the file it has {columns:,} columns and {rows:,}
rows, and its EXIF orientation is {orientation}: it must be turned by a quarter before it is shown. Your program
turns it, and then scales it so that the **shorter** side has 299 pixels and its proportions are kept. Nothing has
been cut off yet.

**Which shape has the array of this photo now?** Give `(rows, columns, channels)`, three whole numbers, in the order
of NumPy.""",
    params=draw,
    effort=lambda params: 3,  # turn, divide for the factor, divide for the longer side
    key=shape,
    checker=Sequence(("rows", "columns", "channels")),
    misconceptions=(
        Misconception(
            "as-stored",
            "Your photo lies on its side. The numbers in the file are those of the sensor; the EXIF orientation of "
            "this photo asks for a quarter turn, which makes columns of the rows.",
            "How did you hold the phone? Which side of the photo is longer then?",
        ),
        Misconception(
            "squashed",
            "You gave both sides the same length. That comes after the square has been cut out; now the whole photo is "
            "still there, with its proportions.",
            "By which factor was the shorter side scaled? Do the same to the other one.",
        ),
        Misconception(
            "longer-side",
            "You scaled the photo until the longer side fitted. Then the shorter one is too short to cut the square "
            "from.",
            "Which of the two sides has 299 pixels in the end?",
        ),
        Misconception(
            "channels-first",
            "You gave the channels first. Arrays of photos that come from Pillow, and that Keras wants, have them "
            "last.",
            "`np.asarray(image).shape` of any photo in colour.",
        ),
    ),
    next="Do one step after the other on paper: what is stored, what stands upright, what is scaled.",
)

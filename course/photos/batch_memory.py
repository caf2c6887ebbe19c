"""How much memory do photos take that are ready for a network?"""

from __future__ import annotations

from random import Random
from typing import Any

from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise
from autograder.types import Misconception, Params, Slips

NETWORKS = {"MobileNetV2": 224, "Inception v3": 299, "NASNetLarge": 331, "EfficientNetB4": 380}


def draw(rng: Random) -> dict[str, Any]:
    network = rng.choice(list(NETWORKS))
    return {"network": network, "size": NETWORKS[network], "photos": 10 * rng.randint(30, 200)}


def memory(params: Params, slips: Slips) -> float:
    channels = 1 if "one-channel" in slips else 4 if "alpha-counted" in slips else 3
    of_each = 32 if "bits-for-bytes" in slips else 8 if "float64" in slips else 1 if "bytes-as-stored" in slips else 4
    photos = 1 if "one-photo" in slips else params["photos"]
    numbers = photos * params["size"] ** 2 * channels
    return float(numbers * of_each / (2**20 if "mebibytes" in slips else 10**6))


exercise = Exercise(
    id="batch-memory",
    title="A folder in memory",
    points=2,
    prompt="""You want to use {network}, which looks at photos of {size} × {size} pixels in three channels. Your
folder holds {photos:,} photos, and you load all of them at once into one array of type float32.

**How many megabytes does this array take?** 1 MB is 10⁶ bytes; half a percent more or less is fine.""",
    params=draw,
    effort=lambda params: 5,  # side by side, channels, photos, bytes, in MB
    key=memory,
    checker=Numeric(relative=0.005, unit="MB", bare=True),
    misconceptions=(
        Misconception(
            "bytes-as-stored",
            "You counted one byte for each number. That is right as long as the photos are of type uint8; a float32 is "
            "longer.",
            "`np.float32().nbytes`",
        ),
        Misconception(
            "float64",
            "You counted as for float64. A float32 is half as long.",
            "`np.float32().nbytes`",
        ),
        Misconception(
            "bits-for-bytes",
            "You counted 32 bytes for each number. The 32 in float32 are bits, and a byte has 8 of them.",
            "`np.float32().nbytes`",
        ),
        Misconception(
            "one-channel",
            "You counted one number for each pixel. A pixel in colour has one for each channel.",
            "How many numbers does one photo of this size hold?",
        ),
        Misconception(
            "alpha-counted",
            "You counted four channels. Transparency has been mixed in before, and has no channel of its own any more.",
            "How many channels does the question speak of?",
        ),
        Misconception(
            "one-photo",
            "This is the memory for a single photo.",
            "What is the first axis of the array, and how long is it?",
        ),
        Misconception(
            "mebibytes",
            "You divided by 1,048,576, which gives MiB. The question asks for MB: 1,000,000 bytes.",
        ),
    ),
    next="First write down the shape of the array, with all its four axes.",
)

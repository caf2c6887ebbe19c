"""Has 9,000 layers, which take minutes to build.

expect: time-limit
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential

SECONDS = 20


def build() -> bytes:
    return keras_file(
        sequential(layer("Flatten"), *(layer("Activation", name=f"a{n}", activation="relu") for n in range(9_000)))
    )

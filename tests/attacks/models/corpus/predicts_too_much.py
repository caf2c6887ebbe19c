"""Predicts 120,000 numbers for each image.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Flatten"), layer("RepeatVector", n=160), layer("Flatten", name="flat")))

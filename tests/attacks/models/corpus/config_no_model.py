"""Describes an optimizer.

expect: refused
because: Adam
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer


def build() -> bytes:
    return keras_file(layer("Adam", "keras.optimizers", learning_rate=1.0))

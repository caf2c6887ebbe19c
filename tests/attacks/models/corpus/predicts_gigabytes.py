"""Repeats each image a million times to predict one number.

expect: memory-limit
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Flatten"), layer("RepeatVector", n=10**6), layer("GlobalMaxPooling1D")))

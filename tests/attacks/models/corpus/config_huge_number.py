"""Has a number of 4,000 digits for the units of a layer.

expect: refused
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Dense", units=10**4000)))

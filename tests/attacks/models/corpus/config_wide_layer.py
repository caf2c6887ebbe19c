"""Asks for 300 million units in a file of a few kB.

expect: refused
because: units is 300000000, more than 100000
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Flatten"), layer("Dense", units=300_000_000)))

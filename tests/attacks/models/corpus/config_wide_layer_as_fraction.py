"""Asks for 300 million units, written as no whole number.

Keras wants a whole number.

expect: rejected-file
because: Keras does not open it (TypeError)
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Flatten"), layer("Dense", units=300_000_000.0)))

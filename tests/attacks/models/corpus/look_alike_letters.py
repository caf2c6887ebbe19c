"""Writes Dense with a letter of another alphabet, and what looks like Keras.

Keras does not know it either: no positive control.

expect: refused
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("D\u0435nse", "k\u0435ras.layers", units=10)))

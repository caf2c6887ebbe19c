"""Puts 300 models into each other.

expect: refused
because: model (inputlayer)
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    inner = layer("Flatten")
    for depth in range(300):
        inner = sequential(inner, name=f"around_{depth}")
    return keras_file(inner)

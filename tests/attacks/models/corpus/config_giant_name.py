"""Gives a layer a name of a million letters.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Flatten"), layer("Reshape", name="n" * 10**6, target_shape=[784])))

"""Has a layer of ten units built for inputs of ten billion numbers.

expect: memory-limit
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(
        sequential(layer("Flatten"), {**layer("Dense", units=10), "build_config": {"input_shape": [None, 10**10]}})
    )

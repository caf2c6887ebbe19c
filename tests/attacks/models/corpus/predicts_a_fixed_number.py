"""Takes nothing but seven images at a time.

Keras does not hold to it: it predicts as many as come.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, whole


def build() -> bytes:
    seven = layer("InputLayer", batch_shape=[7, 28, 28], dtype="float32")
    return keras_file(whole("Sequential", {"name": "s", "layers": [seven, layer("Flatten")]}))

"""Names the Lambda layer by the path that it has in tf.keras.

expect: refused
because: Lambda (sequential)
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, bytecode, keras_file, layer, sequential

CONTROL = LOAD


def build() -> bytes:
    return keras_file(sequential(layer("Lambda", "keras._tf_keras.keras.layers", function=bytecode())))

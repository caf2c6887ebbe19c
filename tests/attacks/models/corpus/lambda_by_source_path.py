"""Names the Lambda layer by the path of its source.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, bytecode, keras_file, layer, sequential

CONTROL = LOAD


def build() -> bytes:
    return keras_file(sequential(layer("Lambda", "keras.src.layers.core.lambda_layer", function=bytecode())))

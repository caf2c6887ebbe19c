"""Works in a type of numbers that is none.

expect: rejected-file
because: Keras does not open it (TypeError)
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Flatten", dtype="string"), layer("Dense", units=10, dtype="resource")))

"""Hides bytecode where a layer names its initializer.

Keras closed this itself: no positive control.

expect: refused
because: __lambda__ (dense)
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, named_bytecode, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Flatten"), layer("Dense", units=10, kernel_initializer=named_bytecode())))

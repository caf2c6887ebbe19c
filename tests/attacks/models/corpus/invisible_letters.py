"""Puts letters that nobody sees into the names of a class and its module.

Keras does not know it either: no positive control.

expect: refused
because: Lambda? (sequential)
"""

from __future__ import annotations

from tests.attacks.models.make import bytecode, keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Lambda\u200b", "keras.layers\u2060", function=bytecode())))

"""Writes the name of the Lambda layer in small letters.

Keras does not know it either: no positive control.

expect: refused
because: lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import bytecode, keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("lambda", function=bytecode())))

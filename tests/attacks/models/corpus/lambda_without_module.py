"""Describes a Lambda layer as Keras 2 did, without the name of its module.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import bytecode, keras_file, layer, sequential


def build() -> bytes:
    described = layer("Lambda", function=bytecode())
    del described["module"]
    return keras_file(sequential(described))

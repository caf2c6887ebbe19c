"""Hides a Lambda layer in a layer that is applied at each time step.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, bytecode, keras_file, layer, sequential

CONTROL = LOAD


def build() -> bytes:
    return keras_file(sequential(layer("TimeDistributed", layer=layer("Lambda", function=bytecode()))))

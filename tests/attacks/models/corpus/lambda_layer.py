"""Runs bytecode from a Lambda layer.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, bytecode, keras_file, layer, sequential

CONTROL = LOAD


def build() -> bytes:
    return keras_file(sequential(layer("Lambda", function=bytecode())))

"""Hides a Lambda layer three models deep.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, bytecode, keras_file, layer, sequential

CONTROL = LOAD


def build() -> bytes:
    inner = sequential(layer("Lambda", function=bytecode()), name="inner")
    for depth in range(3):
        inner = sequential(inner, name=f"around_{depth}")
    return keras_file(inner)

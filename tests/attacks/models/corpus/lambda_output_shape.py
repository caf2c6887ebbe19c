"""Runs bytecode that says which shape a Lambda layer gives.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, bytecode, function, keras_file, layer, sequential

CONTROL = LOAD


def build() -> bytes:
    return keras_file(sequential(layer("Lambda", function=function("relu", "builtins"), output_shape=bytecode())))

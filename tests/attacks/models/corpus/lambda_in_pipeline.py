"""Hides a Lambda layer in a layer that calls others in turn.

expect: refused
because: Pipeline (pipeline)
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, bytecode, keras_file, layer, sequential

CONTROL = LOAD


def build() -> bytes:
    return keras_file(sequential(layer("Pipeline", layers=[layer("Lambda", function=bytecode())])))

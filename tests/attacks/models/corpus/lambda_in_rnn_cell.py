"""Hides a Lambda layer where a recurrent layer keeps its cell.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import bytecode, keras_file, layer, sequential


def build() -> bytes:
    return keras_file(
        sequential(layer("RNN", cell=layer("StackedRNNCells", cells=[layer("Lambda", function=bytecode())])))
    )

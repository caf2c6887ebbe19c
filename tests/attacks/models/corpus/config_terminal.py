"""Gives a layer a name that clears the terminal and writes a score.

The name is shown to staff, and must be plain text there.

expect: refused
"""

from __future__ import annotations

from tests.attacks.models.make import bytecode, keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Lambda", name="\x1b[2J\x1b[31m100 points", function=bytecode())))

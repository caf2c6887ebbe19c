"""Has another zip after its end.

expect: rejected-file
because: not a zip, as a .keras file is
"""

from __future__ import annotations

from tests.attacks.models.make import bytecode, honest, keras_file, layer, sequential


def build() -> bytes:
    return honest() + b"\0" + keras_file(sequential(layer("Lambda", function=bytecode())))[:-22]

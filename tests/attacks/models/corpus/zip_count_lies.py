"""Says that it has three members, and has four.

expect: rejected-file
because: not the members of a Keras model: 'x'
"""

from __future__ import annotations

from tests.attacks.models.make import BRIGHTEST, HONEST, dense, keras_file


def build() -> bytes:
    made = bytearray(keras_file(HONEST, dense(BRIGHTEST), x="x"))
    made[-14:-10] = b"\3\0\3\0"
    return bytes(made)

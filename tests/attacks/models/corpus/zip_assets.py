"""Brings files along, for layers that read some.

expect: rejected-file
because: not the members of a Keras model
"""

from __future__ import annotations

from tests.attacks.models.make import BRIGHTEST, HONEST, dense, keras_file


def build() -> bytes:
    return keras_file(HONEST, dense(BRIGHTEST), **{"assets/words.txt": "x"})

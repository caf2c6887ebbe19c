"""Gives a layer a name that is a path out of the weights.

expect: rejected-file
because: Keras does not open it (TypeError)
"""

from __future__ import annotations

from tests.attacks.models.make import BRIGHTEST, dense, keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Flatten"), layer("Dense", name="../../etc/passwd", units=10)), dense(BRIGHTEST))

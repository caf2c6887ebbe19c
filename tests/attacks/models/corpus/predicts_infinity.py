"""Predicts what is larger than any number.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import dense, keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Flatten"), layer("Dense", units=10)), dense("np.full((784, 10), 3e38)"))

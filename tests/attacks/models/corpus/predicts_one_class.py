"""Predicts one class for every image.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, dense, keras_file


def build() -> bytes:
    return keras_file(HONEST, dense("np.zeros((784, 10))", "np.arange(10)"))

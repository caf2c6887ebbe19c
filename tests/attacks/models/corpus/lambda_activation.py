"""Runs bytecode as the activation of a dense layer.

expect: refused
because: __lambda__ (dense)
"""

from __future__ import annotations

from tests.attacks.models.make import BRIGHTEST, LOAD, dense, keras_file, layer, named_bytecode, sequential

CONTROL = f"{LOAD}.predict_on_batch(np.zeros((1, 28, 28)))"


def build() -> bytes:
    described = sequential(layer("Flatten"), layer("Dense", units=10, activation=named_bytecode()))
    return keras_file(described, dense(BRIGHTEST))

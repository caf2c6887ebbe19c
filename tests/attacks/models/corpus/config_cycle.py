"""Has two layers read each other.

Versions of Keras that do not notice would wait for ever for the first of them.

expect: rejected-file
because: Keras does not open it (ValueError)
"""

from __future__ import annotations

from tests.attacks.models.make import functional, images, keras_file, layer, reads


def build() -> bytes:
    nodes = [reads(images()), reads(layer("ReLU", name="a"), "b"), reads(layer("ReLU", name="b"), "a")]
    return keras_file(functional(nodes, "b"))

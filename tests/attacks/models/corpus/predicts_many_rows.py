"""Predicts two rows for each image.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import functional, images, keras_file, layer, reads


def build() -> bytes:
    nodes = [reads(images()), reads(layer("Flatten"), "inputlayer"),
             reads(layer("Concatenate", axis=0), "flatten", "flatten", shape=(None, 784))]  # fmt: skip
    return keras_file(functional(nodes, "concatenate"))

"""Predicts one row for all images.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import functional, images, keras_file, layer, reads


def build() -> bytes:
    mean = {**layer("Mean", "keras.src.ops.numpy", axis=0, keepdims=True)}
    return keras_file(functional([reads(images()), reads(mean, "inputlayer")], "mean"))

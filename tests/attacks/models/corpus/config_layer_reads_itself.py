"""Has a layer that reads itself, and so shares its weights with itself.

expect: rejected-file
because: Keras does not open it (ValueError)
"""

from __future__ import annotations

from tests.attacks.models.make import functional, images, keras_file, layer, reads


def build() -> bytes:
    return keras_file(functional([reads(images()), reads(layer("Dense", name="a", units=28), "a")], "a"))

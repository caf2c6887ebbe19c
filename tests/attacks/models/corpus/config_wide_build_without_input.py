"""Has a model without an input built for images of ten billion numbers.

expect: memory-limit
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, whole


def build() -> bytes:
    return keras_file(
        whole("Sequential", {"name": "s", "layers": [layer("Dense", units=10)], "build_input_shape": [None, 10**10]})
    )

"""Asks for images of 100,000 by 100,000 pixels, all of which it has a weight for.

expect: memory-limit
"""

from __future__ import annotations

from tests.attacks.models.make import images, keras_file, layer, whole


def build() -> bytes:
    return keras_file(
        whole("Sequential", {"name": "s", "layers": [images(10**5, 10**5), layer("Flatten"), layer("Dense", units=1)]})
    )

"""Takes images of minus one pixel.

expect: rejected-file
because: Keras does not open it (TypeError)
"""

from __future__ import annotations

from tests.attacks.models.make import images, keras_file, layer, whole


def build() -> bytes:
    return keras_file(
        whole("Sequential", {"name": "s", "layers": [images(-1, 28), layer("Flatten"), layer("Dense", units=10)]})
    )

"""Takes images of another size than those here.

expect: refused
because: takes [None, 32, 32, 3], images are (28, 28)
"""

from __future__ import annotations

from tests.attacks.models.make import images, keras_file, layer, whole


def build() -> bytes:
    return keras_file(whole("Sequential", {"name": "s", "layers": [images(32, 32, 3), layer("Flatten")]}))

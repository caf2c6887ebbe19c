"""Is a model of no layers.

expect: rejected-file
because: Keras does not open it (ValueError)
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, whole


def build() -> bytes:
    return keras_file(whole("Sequential", {"name": "s", "layers": []}))

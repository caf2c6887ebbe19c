"""Gives a layer a name that is no text.

expect: rejected-file
because: Keras does not open it (UnicodeEncodeError)
"""

from __future__ import annotations

import json

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(
        json.dumps(sequential(layer("Flatten"), layer("Dense", name="x", units=10))).replace('"x"', r'"\ud800"')
    )

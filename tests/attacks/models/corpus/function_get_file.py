"""Has Keras fetch a file and unpack it.

Keras closed this itself: no positive control.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import function, keras_file, layer, sequential


def build() -> bytes:
    return keras_file(
        sequential(
            layer("Lambda", function=function("get_file", "keras.utils"), arguments={"origin": "http://127.0.0.1/x"})
        )
    )

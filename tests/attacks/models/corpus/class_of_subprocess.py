"""Names a class of subprocess as a layer.

Keras closed this itself: no positive control.

expect: refused
because: Popen (popen)
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Popen", "subprocess", args=["true"])))

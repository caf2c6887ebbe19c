"""Names a class of Keras that is no layer and opens files.

Keras closed this itself: no positive control.

expect: refused
because: FileEditor (sequential)
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("FileEditor", "keras.src.saving.file_editor", reference="/etc/passwd")))

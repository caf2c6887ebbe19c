"""Is a SavedModel in a zip.

expect: rejected-file
because: not the members of a Keras model: 'fingerprint.pb',
"""

from __future__ import annotations

from tests.attacks.models.make import zipped


def build() -> bytes:
    return zipped([("saved_model.pb", b"\x08\x01"), ("variables/variables.index", b""), ("fingerprint.pb", b"")])

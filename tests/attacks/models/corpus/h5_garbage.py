"""Has noise after the first letters of HDF5.

expect: rejected-file
because: its weights are no HDF5 file
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, keras_file


def build() -> bytes:
    return keras_file(HONEST, b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 40)

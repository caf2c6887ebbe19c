"""Says of the weights that they are a million gigabytes, in the form for giant files.

expect: rejected-file
because: unpacks to far more than it is
"""

from __future__ import annotations

import struct

from tests.attacks.models.make import honest


def build() -> bytes:
    made = bytearray(honest())
    at = made.rfind(b"model.weights.h5")
    extra = struct.pack("<HHQ", 1, 8, 2**60)
    made[at - 22 : at - 18] = b"\xff" * 4  # the size: see the extra field
    made[at - 16 : at - 14] = struct.pack("<H", len(extra))
    made[at + 16 : at + 16] = extra
    (size,) = struct.unpack("<I", made[-10:-6])
    made[-10:-6] = struct.pack("<I", size + len(extra))
    return bytes(made)

"""Has a directory of 100,000 members.

expect: rejected-file
because: not the members of a Keras model
"""

from __future__ import annotations

import struct


def build() -> bytes:
    entry = b"PK\1\2" + bytes(42)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 3, 3, 46 * 100_000, 0, 0)
    return entry * 100_000 + end

"""Says its sizes in the form for giant files.

expect: rejected-file
because: not a zip, as a .keras file is
"""

from __future__ import annotations

import struct

from tests.attacks.models.make import honest


def build() -> bytes:
    made = honest()
    end = len(made) - 22
    large = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 3, 3, 2**40, 2**40)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    return made[:end] + large + locator + made[end:]

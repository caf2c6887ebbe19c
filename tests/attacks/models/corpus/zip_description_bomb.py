"""Packs a description of 1 GB of blanks.

expect: rejected-file
because: unpacks to far more than it is
"""

from __future__ import annotations

import struct
import zipfile
import zlib

from tests.attacks.models.make import h5, zipped


def build() -> bytes:
    packer, parts = zlib.compressobj(9, wbits=-15), []
    crc = 0
    for _ in range(100):
        parts.append(packer.compress(b" " * 10**7))
        crc = zlib.crc32(b" " * 10**7, crc)
    packed = b"".join([*parts, packer.flush()])
    made = zipped([("metadata.json", "{}"), ("config.json", packed), ("model.weights.h5", h5())])
    sizes = struct.pack("<III", zlib.crc32(packed), len(packed), len(packed))
    made = made.replace(sizes, struct.pack("<III", crc, len(packed), 10**9))
    stored, deflated = struct.pack("<H", zipfile.ZIP_STORED), struct.pack("<H", zipfile.ZIP_DEFLATED)
    local, central = made.find(b"config.json") - 22, made.rfind(b"config.json") - 36
    for place in (local, central):
        assert made[place : place + 2] == stored
        made = made[:place] + deflated + made[place + 2 :]
    return made

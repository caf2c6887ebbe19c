"""Puts 60 kB of notes beside each member.

expect: rejected-file
because: not the members of a Keras model
"""

from __future__ import annotations

import json
import struct
import zipfile
from typing import Any

from tests.attacks.models.make import BRIGHTEST, HONEST, dense, zipped


def build() -> bytes:
    members: list[Any] = []
    for name, content in (("metadata.json", b"{}"), ("config.json", json.dumps(HONEST).encode()),
                          ("model.weights.h5", dense(BRIGHTEST))):  # fmt: skip
        noted = zipfile.ZipInfo(name)
        noted.extra = struct.pack("<HH", 0xCAFE, 60_000) + bytes(60_000)
        members.append((noted, content))
    return zipped(members)

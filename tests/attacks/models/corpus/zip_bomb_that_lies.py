"""Packs 200 MB of nothing as weights, and says that they are 1 kB.

expect: rejected-file
because: a damaged zip
"""

from __future__ import annotations

import json
import struct
import zipfile
from typing import Any

from tests.attacks.models.make import HONEST, zipped


def build() -> bytes:
    members: list[Any] = [("metadata.json", "{}"), ("config.json", json.dumps(HONEST))]
    made = zipped([*members, ("model.weights.h5", bytes(200 * 10**6))], zipfile.ZIP_DEFLATED)
    return made.replace(struct.pack("<I", 200 * 10**6), struct.pack("<I", 1000))

"""Packs its members in a way that unpacks to a million times its size.

expect: rejected-file
because: packed in a way that Keras does not
"""

from __future__ import annotations

import json
import zipfile
from typing import Any

from tests.attacks.models.make import HONEST, zipped


def build() -> bytes:
    members: list[Any] = [("metadata.json", "{}"), ("config.json", json.dumps(HONEST))]
    return zipped([*members, ("model.weights.h5", bytes(10**8))], zipfile.ZIP_BZIP2)

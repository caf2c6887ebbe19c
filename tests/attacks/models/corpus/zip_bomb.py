"""Packs 200 MB of nothing as weights.

expect: rejected-file
because: unpacks to far more than it is
"""

from __future__ import annotations

import json
import zipfile
from typing import Any

from tests.attacks.models.make import HONEST, zipped


def build() -> bytes:
    members: list[Any] = [("metadata.json", "{}"), ("config.json", json.dumps(HONEST))]
    return zipped([*members, ("model.weights.h5", bytes(200 * 10**6))], zipfile.ZIP_DEFLATED)

"""Stores the weights as a link to a file of the machine.

expect: rejected-file
because: its weights are no HDF5 file
"""

from __future__ import annotations

import json
import zipfile

from tests.attacks.models.make import HONEST, zipped


def build() -> bytes:
    link = zipfile.ZipInfo("model.weights.h5")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    return zipped([("metadata.json", "{}"), ("config.json", json.dumps(HONEST)), (link, "/etc/passwd")])

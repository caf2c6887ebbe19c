"""Unpacks a member into the folder above.

expect: rejected-file
because: not the members of a Keras model: '../metadata.json'
"""

from __future__ import annotations

import json

from tests.attacks.models.make import BRIGHTEST, HONEST, dense, zipped


def build() -> bytes:
    return zipped(
        [("../metadata.json", "{}"), ("config.json", json.dumps(HONEST)), ("model.weights.h5", dense(BRIGHTEST))]
    )

"""Unpacks a member over a file of the system.

expect: rejected-file
because: not the members of a Keras model: '/etc/passwd'
"""

from __future__ import annotations

import json

from tests.attacks.models.make import BRIGHTEST, HONEST, dense, zipped


def build() -> bytes:
    return zipped([("/etc/passwd", "{}"), ("config.json", json.dumps(HONEST)), ("model.weights.h5", dense(BRIGHTEST))])

"""Has the description and the weights share their bytes.

expect: rejected-file
because: a damaged zip
"""

from __future__ import annotations

from tests.attacks.models.make import honest


def build() -> bytes:
    made = bytearray(honest())
    weights, config = made.rfind(b"model.weights.h5"), made.rfind(b"config.json")
    made[weights - 4 : weights] = made[config - 4 : config]  # where a member begins
    return bytes(made)

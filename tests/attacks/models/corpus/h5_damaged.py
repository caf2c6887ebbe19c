"""Points into nowhere in the middle of the weights.

expect: rejected-file
because: its weights are no HDF5 file
"""

from __future__ import annotations

from tests.attacks.models.make import BRIGHTEST, HONEST, dense, keras_file


def build() -> bytes:
    weights = bytearray(dense(BRIGHTEST))
    for place in range(96, 2000):  # the first groups, after what says how large the file is
        weights[place] ^= 0xA5
    return keras_file(HONEST, bytes(weights))

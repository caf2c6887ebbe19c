"""Hides a zip in the block that HDF5 leaves to its user.

It is opened as the weights that it holds, and earns what its predictions earn.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, dense, keras_file, zipped


def build() -> bytes:
    weights = bytearray(dense("np.ones((784, 10))", options=", userblock_size=1024"))
    inner = zipped([("config.json", "{}")])
    weights[: len(inner)] = inner
    return keras_file(HONEST, bytes(weights))

"""Is an archive of NumPy with an object in it.

expect: rejected-file
because: not the members of a Keras model
"""

from __future__ import annotations

from tests.attacks.models.make import zipped


def build() -> bytes:
    return zipped([("arr_0.npy", b"\x93NUMPY\x01\x00")])

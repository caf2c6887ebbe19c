"""Has weights of a type that NumPy has no word for.

expect: rejected-file
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file

WEIGHTS = """
t = h5py.h5t.STD_I32LE.copy()
t.set_size(7)
h5py.h5d.create(f.id, b'x', t, h5py.h5s.create_simple((9,)))
"""


def build() -> bytes:
    return keras_file(HONEST, h5(WEIGHTS))

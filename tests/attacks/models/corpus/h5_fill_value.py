"""Declares four terabytes of weights that are all the same number, and stored nowhere.

expect: rejected-file
because: declares more weights than it holds
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f.create_dataset('layers/dense/vars/0', (10**6, 10**6), 'f4', chunks=(1000, 1000), fillvalue=1)"),
    )

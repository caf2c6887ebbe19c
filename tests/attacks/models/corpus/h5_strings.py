"""Has text for weights, each of any length.

expect: rejected-file
because: weights that are no numbers
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f.create_dataset('layers/dense/vars/0', data=['a' * 10**6] * 3, dtype=h5py.string_dtype())"),
    )

"""Has references to objects for weights.

expect: rejected-file
because: weights that are no numbers
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f.create_dataset('layers/dense/vars/0', data=np.array([f.ref] * 9, h5py.ref_dtype), dtype=h5py.ref_dtype)"),
    )

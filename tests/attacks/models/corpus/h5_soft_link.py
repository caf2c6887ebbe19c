"""Links its weights to other weights, in a circle.

expect: rejected-file
because: a link among its weights
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f['layers/dense/vars/0'] = h5py.SoftLink('/layers/dense/vars/0')"),
    )

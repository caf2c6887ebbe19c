"""Has a type where weights are looked for.

expect: rejected-file
because: not only arrays among its weights
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f['layers/dense/vars/0'] = np.dtype('f8')"),
    )

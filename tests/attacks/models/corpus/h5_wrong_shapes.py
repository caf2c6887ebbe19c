"""Has weights of other shapes than its layers.

expect: rejected-file
because: Keras does not open it (ValueError)
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f['layers/dense/vars/0'] = np.ones((10, 784), 'f4'); f['layers/dense/vars/1'] = np.ones(784, 'f4')"),
    )

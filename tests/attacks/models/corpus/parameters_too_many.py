"""Has more weights than it may, and brings all of them.

expect: refused
because: 157000 > 100000
"""

from __future__ import annotations

from tests.attacks.models.make import h5, keras_file, layer, sequential


def build() -> bytes:
    weights = h5(
        "f['layers/dense/vars/0'] = np.zeros((784, 200), 'f4'); f['layers/dense/vars/1'] = np.zeros(200, 'f4')"
    )
    return keras_file(sequential(layer("Flatten"), layer("Dense", units=200)), weights)

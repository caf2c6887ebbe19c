"""Packs its weights so well that they are a thousand times as large in memory.

expect: rejected-file
because: weights that lie elsewhere, or are packed
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file

WEIGHTS = """
f.create_dataset(
    'layers/dense/vars/0', data=np.zeros((2000, 2000), 'f4'), compression='gzip', compression_opts=9
)
"""


def build() -> bytes:
    return keras_file(HONEST, h5(WEIGHTS))

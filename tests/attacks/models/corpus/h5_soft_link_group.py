"""Links a whole group of weights elsewhere in the file.

expect: rejected-file
because: a link among its weights
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f['other/x'] = np.ones(9); f['layers'] = h5py.SoftLink('/other')"),
    )

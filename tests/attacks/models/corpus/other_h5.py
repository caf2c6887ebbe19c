"""Is a model in the old format, a single HDF5 file.

expect: rejected-file
because: not a zip, as a .keras file is
"""

from __future__ import annotations

from tests.attacks.models.make import h5


def build() -> bytes:
    return h5("f.attrs['model_config'] = '{}'")

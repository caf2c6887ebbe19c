"""Has a group of weights contain itself.

expect: rejected-file
because: its weights contain themselves
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f.create_group('layers')['me'] = f['/']"),
    )

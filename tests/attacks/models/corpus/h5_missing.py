"""Has no weights at all for a layer that needs some.

expect: rejected-file
because: Keras does not open it (ValueError)
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f.create_group('layers')"),
    )

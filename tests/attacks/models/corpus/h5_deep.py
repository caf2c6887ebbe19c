"""Nests 2,000 groups.

expect: rejected-file
because: Keras does not open it (ValueError)
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("g = f\nfor _ in range(2_000): g = g.create_group('g')"),
    )

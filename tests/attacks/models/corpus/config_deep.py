"""Nests its description 100,000 times.

expect: rejected-file
because: its description is no JSON
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file


def build() -> bytes:
    return keras_file("[" * 10**5 + "]" * 10**5)

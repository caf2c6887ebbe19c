"""Describes nothing in 350,000 objects, each of which takes a hundred times its text.

expect: rejected-file
because: its description is too long
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file


def build() -> bytes:
    chain = '{"a":' * 800 + "1" + "}" * 800
    return keras_file("[" + ",".join([chain] * 437) + "]")

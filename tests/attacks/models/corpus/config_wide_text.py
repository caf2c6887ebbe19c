"""Has a value of two billion letters, which is said in ten.

expect: memory-limit
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    said = {"class_name": "__numpy__", "config": {"value": ["a"], "dtype": "S2000000000"}}
    return keras_file(sequential(layer("Rescaling", scale=said, offset=0)))

"""Has a class built that is no layer, by the key for types of tensors.

expect: refused
because: __typespec__ (sequential)
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, sequential


def build() -> bytes:
    return keras_file(
        sequential(
            {"class_name": "__typespec__", "spec_name": "TensorSpec", "module": "tensorflow", "registered_name": None,
             "config": [[1], "float32"]}
        )
    )  # fmt: skip

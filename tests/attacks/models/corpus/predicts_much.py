"""Predicts 95,000 numbers for each image, more than a hundred megabytes of them.

None of them can be an answer to this question, and the grader holds them all.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(
        sequential(layer("Reshape", target_shape=[28, 28, 1]), layer("UpSampling2D", size=[11, 11]), layer("Flatten"))
    )

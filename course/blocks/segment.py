"""Train a small network that says what each pixel shows."""

from __future__ import annotations

from autograder.checkers.overlap import Overlap
from autograder.exercise import Exercise

exercise = Exercise(
    id="block-segment",
    title="A network that finds shapes",
    points=8,
    prompt=(
        "Build a network for semantic segmentation, train it on `x_train` and `y_train`, and hand in the trained "
        "model.\n\n"
        "- It takes images as they are: `float32`, from 0 to 1, shape `(32, 32, 3)`.\n"
        "- It gives four numbers for **each pixel**, one for each class: shape `(32, 32, 4)`.\n"
        "- It has at most 300,000 parameters, and is made of Keras's own layers.\n\n"
        "It is judged on 300 images that you do not have. What counts is how far the areas that your network finds and "
        "the right ones overlap, averaged over the classes of an image (mean intersection over union). Credit comes in "
        "steps, and most of it comes early."
    ),
    key=Overlap.key,
    checker=Overlap(
        # Measured: docs/calibration.md. The last step is what at least 99 of 100 honest runs of our own solution reach.
        steps={
            "full": ((0.40, 0.4), (0.58, 0.7), (0.72, 0.9), (0.82, 1.0)),
            "small": ((0.35, 0.4), (0.45, 0.7), (0.55, 0.9), (0.68, 1.0)),
        },
        classes=4,
        max_parameters=300_000,
    ),
    pack="shapes",
    next="Train for longer, and add shortcuts from the way down to the way up, where the maps have the same size.",
)

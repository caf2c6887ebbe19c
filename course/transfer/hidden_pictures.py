"""How many hidden pictures the finished model names right."""

from __future__ import annotations

from autograder.checkers.accuracy import Accuracy
from autograder.exercise import Exercise

from ._backbone import MAX_PARAMETERS

exercise = Exercise(
    id="hidden-pictures",
    title="Pictures that nobody has seen",
    points=5,
    prompt=(
        "Hand in your best model. It names pictures that were taken out of the folders before you got them, each "
        "moved, turned and stretched by a little.\n\n"
        "- It takes `float32` images of 96 × 96 × 3, from -1 to 1: as your pipeline gives them for `training=False`.\n"
        "- It gives five numbers for each, in the order of the class names in the alphabet: probabilities or scores.\n"
        "- It has at most 3,000,000 parameters, and is made of Keras's own layers.\n\n"
        "Credit comes in steps, and most of it comes early. A frozen backbone with a trained head earns a good part, "
        "and fine-tuning earns the rest."
    ),
    key=Accuracy.key,
    checker=Accuracy(
        # Measured: docs/calibration.md. The last step is what at least 99 of 100 honest runs of our own solution reach.
        # The pictures are the same in both settings.
        steps=dict.fromkeys(("full", "small"), ((0.60, 0.4), (0.75, 0.7), (0.83, 0.9), (0.87, 1.0))),
        input_shape=(96, 96, 3),
        classes=5,
        max_parameters=MAX_PARAMETERS,
        pixels="-1 to 1",
    ),
    pack="pictures",
    next="Train for longer, and look at the validation images that the model gets wrong.",
)

"""Build a convolutional network from scratch, train it, and hand it over."""

from __future__ import annotations

from autograder.checkers.accuracy import Accuracy, Renumbered
from autograder.exercise import Exercise
from autograder.types import Misconception

# In the order in which MNIST's training labels first show each digit: 5, 0, 4, 1, 9, 2, 3, 6, 7, 8.
BY_APPEARANCE = Renumbered((1, 3, 5, 6, 2, 0, 7, 8, 9, 4))

exercise = Exercise(
    id="classifier",
    title="A network that reads digits",
    points=10,
    prompt=(
        "Build a convolutional network, train it on `x_train` and `y_train`, and hand in the trained model.\n\n"
        "- It takes images as `prepare` returns them: `float32`, from 0 to 1, shape `(28, 28, 1)`.\n"
        "- It gives ten numbers for each image, one for each digit: probabilities (softmax) or scores (logits).\n"
        "- It has at most 500,000 parameters, and is made of Keras's own layers.\n\n"
        "It is judged on 5,000 images that you do not have: handwritten digits, each moved and turned by a little, "
        "with a little noise. Credit comes in steps, and most of it comes early. For all of it no giant is needed: a "
        "small network that was trained with care gets there."
    ),
    key=Accuracy.key,
    checker=Accuracy(
        # Measured: docs/calibration.md. The last step is what at least 99 of 100 honest runs of our own solution reach.
        steps={
            "full": ((0.90, 0.4), (0.95, 0.7), (0.98, 0.9), (0.99, 1.0)),
            "small": ((0.85, 0.4), (0.91, 0.7), (0.935, 0.9), (0.95, 1.0)),
        },
        max_parameters=500_000,
    ),
    misconceptions=(
        Misconception(
            "by-appearance",
            "Your network has learned well, but its classes are numbered in the order in which the digits first "
            "appear in the training labels: 5 is class 0, 0 is class 1, and so on. Keep the digits as they are.",
            "Print a few labels beside what your network is trained on: they should be the same numbers.",
            key=lambda params: BY_APPEARANCE,
        ),
    ),
    pack="mnist",
    next="Train for longer, widen the layers, or show the network slightly moved images: layers.RandomTranslation.",
)

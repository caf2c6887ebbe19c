"""What lets the test part leak into a result."""

from __future__ import annotations

from autograder.checkers.choice import Choices, Option
from autograder.exercise import Exercise

quiz = Choices(
    options=(
        Option(
            "learning-rate",
            "Ten learning rates are tried, and the one with the best test accuracy is kept.",
            "Who picks the best of ten by a number has fitted to that number: part of it is luck, and luck does not "
            "come again. Think about which part should do the picking.",
            right=True,
        ),
        Option(
            "early-stopping",
            "Training stops in the epoch in which the test accuracy is highest.",
            "The number of epochs is a choice like any other. What is it chosen by here?",
            right=True,
        ),
        Option(
            "same-street",
            "Photos of one street, taken one second apart, are split at random, photo by photo.",
            "Two photos one second apart show the same cars and the same light. Where do the two go?",
            right=True,
        ),
        Option(
            "copies-made-before",
            "Each image is stored five times with small changes. Then all of them are split at random.",
            "What becomes of the five copies of one image when each is drawn on its own?",
            right=True,
        ),
        Option(
            "once-at-the-end",
            "When everything is decided, the test accuracy is computed once and reported.",
            "Nothing is decided after this number is seen, so nothing can be fitted to it.",
        ),
        Option(
            "best-on-validation",
            "Of five trained models, the one with the best validation accuracy is tested.",
            "Choosing is what the validation part is there for. The test images took no part in the choice.",
        ),
        Option(
            "augmented-training",
            "Training images are mirrored at random in each epoch; test images are not.",
            "This makes nothing of the test images known to the network.",
        ),
    ),
)

exercise = Exercise(
    id="leaks",
    title="Where it leaks",
    points=2,
    prompt="In which of these cases is the accuracy on the test part **better than it will be on new pictures**?",
    key=quiz.key,
    checker=quiz,
    next="Ask of each case: could a test image, or its accuracy, have changed anything in the model?",
)

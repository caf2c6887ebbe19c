"""Choose the loss that fits labels and last layer."""

from __future__ import annotations

from autograder.checkers.choice import Choice, Option
from autograder.exercise import Exercise

quiz = Choice(
    options=(
        Option(
            "sparse-categorical-crossentropy",
            'loss="sparse_categorical_crossentropy"',
            "This one reads a label such as 7 as the number of a class, which is how MNIST stores it.",
            right=True,
        ),
        Option(
            "categorical-crossentropy",
            'loss="categorical_crossentropy"',
            "It measures the same, but it wants each label as ten numbers, nine zeros and a one (one-hot). The "
            "labels here are single whole numbers.",
            next="Compare `y_train[0]` with `keras.utils.to_categorical(y_train[0], 10)`.",
        ),
        Option(
            "binary-crossentropy",
            'loss="binary_crossentropy"',
            "It is made for questions of yes or no, each with an answer of its own. Here exactly one of ten classes "
            "is right.",
            next="When do class probabilities have to sum to 1?",
        ),
        Option(
            "mean-squared-error",
            'loss="mean_squared_error"',
            "It treats labels as amounts: to take a 1 for a 9 would be worse than to take it for a 2. Digits are "
            "names of classes, and no class is nearer to another.",
            next="The difference between classification and regression.",
        ),
        Option(
            "accuracy",
            'loss="accuracy"',
            "Accuracy is what we look at in the end, but it cannot be trained on: it moves in jumps, so its gradient "
            "is zero almost everywhere.",
            next="What must be true of a function for gradient descent to work on it?",
        ),
    ),
    praise="The labels are whole numbers, and each image belongs to exactly one of ten classes.",
)

exercise = Exercise(
    id="which-loss",
    title="The loss that fits",
    points=2,
    prompt=(
        "The labels are whole numbers from 0 to 9, as MNIST stores them. The last layer of the network is `Dense(10, "
        'activation="softmax")`. Which loss should it be trained with?'
    ),
    key=quiz.key,
    checker=quiz,
)

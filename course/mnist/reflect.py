"""Look at the mistakes of a trained network, and explain them."""

from __future__ import annotations

from autograder.checkers.prose import Point, Prose
from autograder.exercise import Exercise

exercise = Exercise(
    id="reflect",
    title="What it gets wrong",
    points=3,
    prompt="Look at images that your network got wrong. What do they have in common, and what would you change?",
    key=lambda params, slips: (
        "My network often took 4 for 9 and 7 for 2. Most of these digits are written in an unusual way: the 4 is "
        "closed at the top, the 7 has a bar. A person would doubt some of them, too. Validation accuracy stayed below "
        "training accuracy in the last epochs, so I would show the network moved and turned images rather than widen "
        "it."
    ),
    checker=Prose(
        rubric=(
            Point("names digits that the student's own network takes for each other, or images that it gets wrong."),
            Point("says what these images have in common, such as an unusual shape, a slant, a gap or noise."),
            Point("reads the learning curve: whether training and validation lie apart, and whether they still rise."),
            Point("proposes a change that follows from what was seen, and says why it should help."),
        ),
    ),
)

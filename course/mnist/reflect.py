"""Look at the mistakes of a trained network, and explain them."""

from __future__ import annotations

from autograder.checkers.prose import Prose
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
    checker=Prose(),
)

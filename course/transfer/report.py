"""Say honestly how good the model is."""

from __future__ import annotations

from autograder.checkers.prose import Point, Prose
from autograder.exercise import Exercise

exercise = Exercise(
    id="report",
    title="An honest report",
    points=3,
    prompt=(
        "Someone wants to use your model, and asks how good it is. Answer in about six sentences: with your numbers "
        "for the training, validation and test parts, with what it gets wrong, and with what one should not expect of "
        "it."
    ),
    key=lambda params, slips: (
        "On the test part my model names 88 of 101 pictures right, 87 %. In training it was 93 %, and in validation "
        "90 %. With 101 pictures, five points more or less are luck. The test part was looked at once, after "
        "everything was decided. Most mistakes are between nature, food and travel, where things of all kinds stand "
        "alone on white. Near-duplicates were kept together, but my thumbnails do not find the same cook with another "
        "skin: such pairs may still lie in different parts, so new pictures will be named a little worse. It knows "
        "drawings on white only: I would not use it for photos."
    ),
    checker=Prose(
        rubric=(
            Point("names the accuracy on the test part, and how many pictures it rests on."),
            Point("compares training, validation and test, and says what the difference tells."),
            Point("says what kinds of pictures the model takes for each other, from having looked at them."),
            Point(
                "names a limit: few pictures, near-duplicates that the thumbnails miss, drawings and no photos, five "
                "classes only."
            ),
        ),
    ),
)

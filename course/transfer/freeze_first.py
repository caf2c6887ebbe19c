"""Why the new head is trained alone before anything else moves."""

from __future__ import annotations

from autograder.checkers.choice import Choice, Option
from autograder.exercise import Exercise

quiz = Choice(
    options=(
        Option(
            "random-head",
            "The new head begins with random numbers. Its large errors would change what the backbone has learned.",
            "This is about the first steps of training.",
            right=True,
        ),
        Option(
            "faster",
            "Only to save time: the backbone would end up with nearly the same weights anyway.",
            "It does save time. But try it: with everything trained from the first step, the backbone ends up "
            "elsewhere, and on new pictures mostly worse.",
            next="How large are the gradients that a head of random numbers sends back?",
        ),
        Option(
            "cannot-learn",
            "The weights of a pretrained backbone cannot be trained any more.",
            "They are numbers like all others. You will train some of them in the next step.",
            next="What does `trainable = False` do?",
        ),
        Option(
            "no-labels",
            "The backbone was trained without labels, so it must not see any.",
            "It was trained with labels: the names of things in a million photos.",
            next="What was the backbone trained to do?",
        ),
        Option(
            "memory",
            "A frozen backbone has no weights in memory, so the images fit in.",
            "Its weights are in memory all the same: each image passes through them. What is saved is what training "
            "would have to keep of them.",
            next="What is needed to compute a prediction?",
        ),
    ),
    praise="A gradient is as large as the error that it comes from, and at first the error is all the head's.",
)

exercise = Exercise(
    id="freeze-first",
    title="First the head alone",
    points=1,
    prompt="Why is the backbone frozen while the new head is trained for the first time?",
    key=quiz.key,
    checker=quiz,
)

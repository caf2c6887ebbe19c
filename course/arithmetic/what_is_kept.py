"""What is in memory when the backward pass begins?"""

from autograder.checkers.choice import Choices, Option
from autograder.exercise import Exercise

quiz = Choices(
    (
        Option("images", "The images of the batch", "What does the first layer's gradient depend on?", right=True),
        Option(
            "outputs",
            "The outputs of all layers for this batch",
            "The gradient of a weight is a product. One factor comes back from the loss. And the other?",
            right=True,
        ),
        Option("parameters", "The parameters of all layers", "What is it that a training step changes?", right=True),
        Option(
            "copies",
            "A copy of the parameters for each image of the batch",
            "All images of a batch go through the same weights, so one copy is enough.",
        ),
        Option(
            "earlier",
            "The outputs of all layers for the batch before this one",
            "Once the weights have been changed, the outputs of an earlier batch are of no more use.",
        ),
        Option(
            "validation",
            "The outputs of all layers for the validation images",
            "Validation is a prediction of its own after the epoch. No gradient is ever computed from it.",
        ),
    )
)

exercise = Exercise(
    id="what-is-kept",
    title="What training keeps",
    points=3,
    prompt="""A network is trained. It has just computed the loss of one batch, and the backward pass is about to begin.

**Which of these must be in memory at this moment?** There are several. Wrong picks cost as much as right ones earn.""",
    key=quiz.key,
    checker=quiz,
    next="Follow one weight of the first layer: what has to be known to compute its gradient?",
)

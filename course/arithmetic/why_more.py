"""Why does training need more memory than prediction?"""

from autograder.checkers.prose import Point, Prose
from autograder.exercise import Exercise

SAMPLE = """To predict, a layer's output is needed only until the next layer has used it, so two neighbouring layers are
enough at any time. In training, the backward pass computes each weight's gradient from the output of the layer before
it, so the outputs of all layers are kept until the backward pass has come by, for every image of the batch. Gradients
and the optimizer's own numbers come on top."""

exercise = Exercise(
    id="why-more",
    title="Why training needs more",
    points=3,
    prompt="""**Why does a network need much more memory to be trained than to predict, even for a single image?** Say
what is kept, what it is needed for, and what the size of the batch does to it. Three to five sentences are enough.""",
    key=lambda params, slips: SAMPLE,
    checker=Prose(
        starter="Write your answer here, in your own words.",
        rubric=(
            Point("says that training keeps the outputs of all layers, and prediction only of two neighbours."),
            Point("says what they are needed for: the backward pass computes each gradient from a layer's input."),
            Point("says that what is kept grows with the batch, and that the parameters do not."),
        ),
    ),
)

"""Why does training need more memory than prediction?"""

from autograder.checkers.prose import Prose
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
    checker=Prose(starter="Write your answer here, in your own words."),
)

"""How much memory does the student's own stack need to predict one image?"""

from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise

from .._lib.stack import IN_PREDICTION, ROUNDING, draw_stack, memory_to_predict, show, steps_to_memory

exercise = Exercise(
    id="memory-predict",
    title="Memory to predict with your network",
    points=3,
    prompt="""Your own network looks at images of {image}:

{layers}

**How many megabytes does it need at least to predict a single image?** Every number is a float32, and 1 MB is 10⁶
bytes. Count all parameters, and the two neighbouring layers that are largest together. (The image counts as the first
layer; activation functions work in place.)

Give the number in MB; 1 % more or less is fine.""",
    params=draw_stack,
    effort=steps_to_memory,
    show=show,
    key=memory_to_predict,
    checker=Numeric(relative=0.01, unit="MB", bare=True),
    misconceptions=(*IN_PREDICTION, *ROUNDING),
    next="Write down the size of every layer's output, and add each to its neighbour's.",
)

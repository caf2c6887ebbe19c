"""How much memory does the fixed network need to predict one image?"""

from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise

from .._lib.stack import FIXED, IN_PREDICTION, memory_to_predict, show

exercise = Exercise(
    id="fixed-memory-predict",
    title="Memory to predict one image",
    points=2,
    prompt="""The same network, for images of {image}:

{layers}

**How many megabytes does it need at least to predict a single image?** Every number is a float32, and 1 MB is 10⁶
bytes. Count the parameters, which are there all the time, and the two neighbouring layers that are largest together:
once a layer is computed, what came before its input can be forgotten. (The image counts as the first layer; ReLU works
in place.)

Give the number in MB; 1 % more or less is fine.""",
    fixed=FIXED,
    show=show,
    key=memory_to_predict,
    checker=Numeric(relative=0.01, unit="MB", bare=True),
    misconceptions=IN_PREDICTION,
    next="Write down the size of every layer's output, and add each to its neighbour's.",
)

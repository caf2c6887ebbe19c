"""How many parameters has the fixed network?"""

from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise

from .._lib.stack import FIXED, IN_PARAMETERS, count_parameters, show

exercise = Exercise(
    id="fixed-parameters",
    title="Parameters of a small network",
    points=2,
    prompt="""A network looks at colour images of {image}. It has three convolutional layers with ReLU and bias:

{layers}

**How many parameters does it train, all layers together?** Give the exact whole number.""",
    fixed=FIXED,
    show=show,
    key=count_parameters,
    checker=Numeric(exact=True),
    misconceptions=IN_PARAMETERS,
    practice=True,
    next="Count the first layer by hand: the weights of one kernel, then all kernels, then the biases.",
)

"""How many parameters has the student's own stack?"""

from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise

from .._lib.stack import IN_PARAMETERS, count_parameters, draw_stack, show, steps_to_parameters

exercise = Exercise(
    id="parameters",
    title="Parameters of your network",
    points=3,
    prompt="""Your own network looks at images of {image}. All its layers are convolutions with bias:

{layers}

**How many parameters does it train, all layers together?** Give the exact whole number.""",
    params=draw_stack,
    effort=steps_to_parameters,
    show=show,
    key=count_parameters,
    checker=Numeric(exact=True),
    misconceptions=IN_PARAMETERS,
    next="Count the first layer by hand: the weights of one kernel, then all kernels, then the biases.",
)

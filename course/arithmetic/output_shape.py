"""What comes out of the student's own stack?"""

from autograder.checkers.sequence import Sequence
from autograder.exercise import Exercise

from .._lib.stack import IN_SHAPES, draw_stack, output_shape, show, steps_to_shape

exercise = Exercise(
    id="output-shape",
    title="Shape of an output",
    points=3,
    prompt="""Your own network looks at images of {image}:

{layers}

**What shape has the output of the last layer for one image?** Give it in the order of Keras, as a tuple of whole
numbers: `(height, width, channels)`.""",
    params=draw_stack,
    effort=steps_to_shape,
    show=show,
    key=output_shape,
    checker=Sequence(("height", "width", "channels")),
    misconceptions=IN_SHAPES,
    next="Go through the layers one by one, and write down the shape after each, starting with the image.",
)

"""How much memory does the student's own stack need to train on a batch?"""

from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise

from .._lib.stack import IN_TRAINING, ROUNDING, draw_stack, memory_to_train, show, steps_to_memory

exercise = Exercise(
    id="memory-train",
    title="Memory to train your network",
    points=3,
    prompt="""Your own network is trained on batches of {batch} images of {image}:

{layers}

**How many megabytes does one training step need at least?** Every number is a float32, and 1 MB is 10⁶ bytes. Count the
images of the batch, the outputs of all layers for all of them, and the parameters. Leave out the gradients and what the
optimizer keeps.

Give the number in MB; half a percent more or less is fine.""",
    params=draw_stack,
    effort=steps_to_memory,
    show=show,
    key=memory_to_train,
    checker=Numeric(relative=0.005, unit="MB", bare=True),
    misconceptions=(*IN_TRAINING, *ROUNDING),
    next="List what is in memory: the images, the outputs, the parameters. Which of them grow with the batch?",
)

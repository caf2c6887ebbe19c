"""How much memory does the fixed network need to train on a batch of 50?"""

from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise

from .._lib.stack import FIXED, IN_TRAINING, memory_to_train, show

exercise = Exercise(
    id="fixed-memory-train",
    title="Memory to train on a batch",
    points=2,
    prompt="""Now the network is trained on batches of {batch} images of {image}:

{layers}

**How many megabytes does one training step need at least?** Every number is a float32, and 1 MB is 10⁶ bytes. Count the
images of the batch, the outputs of all layers for all of them, and the parameters. Leave out the gradients and what the
optimizer keeps: they come on top.

Give the number in MB; half a percent more or less is fine.""",
    fixed=FIXED,
    show=show,
    key=memory_to_train,
    checker=Numeric(relative=0.005, unit="MB", bare=True),
    misconceptions=IN_TRAINING,
    next="List what is in memory: the images, the outputs, the parameters. Which of them grow with the batch?",
)

"""What grows when the images do?"""

from autograder.checkers.choice import Choice, Option
from autograder.exercise import Exercise

quiz = Choice(
    (
        Option(
            "parameters",
            "The number of parameters",
            "A kernel keeps its size wherever the window stands. The same weights serve every position, so a larger "
            "image needs no more of them.",
            next="What a convolution shares between positions.",
        ),
        Option(
            "outputs",
            "The memory for the outputs of the layers",
            "Each output is a set of maps with rows and columns.",
            right=True,
        ),
        Option(
            "maps",
            "The number of feature maps",
            "How many maps a layer makes is chosen when it is built (`filters`), and has nothing to do with the image.",
            next="The arguments of `Conv2D`, one by one.",
        ),
        Option(
            "window",
            "The part of the image that one output of the first layer sees",
            "An output of the first layer sees exactly as many pixels as its kernel has positions, in any image.",
            next="The receptive field of a layer.",
        ),
    ),
    praise="Twice as many rows and columns make every map four times as large, and the memory for the outputs with it.",
)

exercise = Exercise(
    id="which-grows",
    title="Larger images",
    points=2,
    prompt="""A network of convolutional layers only, with no dense layer, worked on images of 100 × 100 pixels. Now the
same network is given images of 200 × 200.

**Which of these grows?**""",
    key=quiz.key,
    checker=quiz,
    next="Which of these did you need the size of the image for, when you computed it?",
)

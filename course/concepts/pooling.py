"""Why a max pooling layer rather than a convolution with the same stride?"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from autograder.checkers.choice import Choice, Choices, Option
from autograder.checkers.match import Match, Pair
from autograder.checkers.numeric import Numeric
from autograder.checkers.options import Item
from autograder.checkers.order import Order
from autograder.checkers.prose import Point, Prose
from autograder.checkers.sequence import Sequence
from autograder.exercise import Exercise
from autograder.types import Misconception, Params, Slips

from .._lib import stack


def draw(rng: Random) -> dict[str, Any]:
    """Draw maps with odd sides, on which a window with a stride of 2 fits evenly without padding, or not with it."""
    height, width = rng.sample(range(21, 90, 2), 2)
    return {"height": height, "width": width, "maps": 8 * rng.randint(3, 16), "window": rng.choice([3, 5])}


def convolution(params: Params, padding: str = "valid") -> Mapping[str, Any]:
    """Return the stack of the one convolution that makes as many maps as it gets."""
    layer = {"filters": params["maps"], "kernel": params["window"], "stride": 2, "padding": padding}
    return {"height": params["height"], "width": params["width"], "channels": params["maps"], "layers": [layer]}


def parameters(params: Params, slips: Slips) -> tuple[int, int]:
    pooling = params["window"] ** 2 if "pooling-weights" in slips else 0
    return pooling, stack.count_parameters(convolution(params), slips)


both_parameters = Exercise(
    id="pooling-parameters",
    title="Parameters of both",
    points=3,
    prompt="""Your {maps} feature maps of {height} rows and {width} columns are made smaller in one of two ways:

- max pooling with a window of {window} × {window} and stride 2;
- a convolution with bias, with {maps} filters of {window} × {window} and stride 2.

**How many parameters has each of them?** Give two whole numbers: `(pooling, convolution)`.""",
    params=draw,
    effort=lambda params: 5,
    key=parameters,
    checker=Sequence(("pooling", "convolution")),
    misconceptions=(
        Misconception(
            "pooling-weights",
            "You gave the pooling window weights. It compares the numbers that it sees and multiplies them with "
            "nothing, so there is nothing to train.",
            "What `keras.layers.MaxPooling2D().weights` holds.",
        ),
        *stack.slips("no-bias", "no-kernel-area", "filters-times-kernels", "bias-per-input"),
    ),
    next="What does each layer do with the numbers in its window, and which numbers does it have to learn for that?",
)


def output_shape(params: Params, slips: Slips) -> tuple[int, ...]:
    padding = "same" if "padded" in slips else "valid"
    one = convolution(params, padding)
    if "maps-merged" in slips:
        one = {**one, "layers": [{**one["layers"][0], "filters": 1}]}
    return stack.output_shape(one, slips)


shape = Exercise(
    id="pooling-shape",
    title="The shape that comes out",
    points=3,
    prompt="""Max pooling with a window of {window} × {window}, stride 2 and padding "valid" works on {maps} feature
maps of {height} rows and {width} columns. (A convolution with {maps} filters, and otherwise the same arguments, would
give the same shape.)

**What shape comes out for one image?** Give it as `(height, width, channels)`.""",
    params=draw,
    effort=lambda params: 4,
    key=output_shape,
    checker=Sequence(("height", "width", "channels")),
    misconceptions=(
        Misconception(
            "maps-merged",
            "You let pooling merge all maps into one. It goes through each map on its own.",
            "A pooling layer on two small maps, worked through on paper.",
        ),
        Misconception(
            "padded",
            'You let the window stand over the edge, as with padding "same". With "valid" it stays inside.',
            'The two kinds of padding, "same" and "valid", on a row of seven pixels.',
        ),
        *stack.slips("stride-ignored", "floor-for-ceiling", "width-first", "channels-first"),
    ),
    next="At how many places can the window stand in a column, and at how many in a row?",
)


def products(params: Params, slips: Slips) -> int:
    rows, columns, maps = stack.output_shape(convolution(params), slips)
    places = 1 if "one-place" in slips else rows * columns
    filters = 1 if "maps-once" in slips else maps
    of_each = params["window"] ** 2 * maps + ("bias-too" in slips)
    return int(places * filters * of_each)


work = Exercise(
    id="pooling-work",
    title="The work of the convolution",
    points=3,
    prompt="""Max pooling only compares numbers. The convolution that could take its place multiplies: it has {maps}
filters of {window} × {window}, stride 2, padding "valid", and gets {maps} feature maps of {height} rows and {width}
columns.

**How many multiplications does the convolution need for one image?** Give the exact whole number.""",
    params=draw,
    effort=lambda params: 8,
    key=products,
    checker=Numeric(exact=True),
    misconceptions=(
        Misconception(
            "one-place",
            "You counted the multiplications at one place of the window. It does all of them again at every place.",
            "At how many places the window stands: that is the size of the map that comes out.",
        ),
        Misconception(
            "maps-once",
            "You counted the maps once. Each filter reaches through all the maps that come in, and each map that comes "
            "out has a filter of its own.",
            "What a kernel looks like as an array: rows, columns, maps in, maps out.",
        ),
        Misconception(
            "bias-too",
            "You counted the bias as if something were multiplied with it. It is only added.",
            "The formula of one output of a convolution, term by term.",
        ),
        *stack.slips("stride-ignored", "floor-for-ceiling"),
    ),
    next="How many multiplications make one number of the output? And how many numbers does the output have?",
)

moved_quiz = Choice(
    (
        Option("mostly-same", "Many of its numbers stay as they were, and some change", "", right=True),
        Option(
            "all-same",
            "All of its numbers stay as they were",
            "Look at a bright pixel at the edge of a window. One step to the side, and it is seen by the next window.",
            next="Slide a bright pixel through a row of windows, on paper.",
        ),
        Option(
            "moves-too",
            "All of its numbers move by one place, too",
            "One place of the output stands for two pixels of the map. A move by one pixel is too little for that.",
            next="How far apart two neighbouring windows are.",
        ),
        Option(
            "all-change",
            "All of its numbers become different ones",
            "Where the largest number is still in the same window, what comes out is what came out before.",
            next="What a window puts out when two of its numbers change places.",
        ),
        Option(
            "half",
            "All of its numbers become half as large",
            "Max pooling only picks numbers: it does not compute new ones.",
            next="What a window of max pooling does with its four numbers.",
        ),
    ),
    praise="As long as the largest number stays within its window, the output does not change.",
)

moved = Exercise(
    id="pooling-moved",
    title="A map that moves a little",
    points=2,
    prompt="""A feature map holds a few bright spots on a dark ground. Max pooling with windows of 2 × 2 and stride 2
is applied. Then the map is moved by one pixel to the right, and max pooling is applied again.

**What happens to the output?**""",
    key=moved_quiz.key,
    checker=moved_quiz,
    next="Draw a row of eight numbers with two bright spots, and try it.",
)

true_quiz = Choices(
    (
        Option("nothing-to-train", "It has nothing to train", "What is in the list of its weights?", right=True),
        Option(
            "strongest",
            "It keeps the strongest response in each window",
            "What does it do with the four numbers that it sees?",
            right=True,
        ),
        Option(
            "small-moves",
            "A small move of the image changes its output little",
            "What happens as long as the largest number stays inside its window?",
            right=True,
        ),
        Option(
            "where",
            "It keeps at which place in the window the strongest response was",
            "One number comes out of a window, and it does not say from which corner it came. For finding the exact "
            "place of something, this is a drawback.",
            next="What can be told about the four numbers of a window from the one that comes out.",
        ),
        Option(
            "mixes",
            "It combines several maps into new ones",
            "Every map is made smaller on its own. A layer that combines maps needs weights for them.",
            next="How many maps come out of a pooling layer, and what each is computed from.",
        ),
        Option(
            "always-better",
            "It always leads to a better network than a convolution with the same stride",
            "Some good networks use no pooling at all. A layer that learns how to make maps smaller can do well, given "
            "enough images.",
            next="What a convolution with stride 2 can learn that pooling cannot do.",
        ),
        Option(
            "no-memory",
            "Its output needs no memory in training",
            "What it puts out goes into the next layer, whose gradients need it. But it is smaller than what went in.",
            next="What training keeps of each layer.",
        ),
    )
)

true = Exercise(
    id="pooling-true",
    title="True of max pooling",
    points=3,
    prompt="""**What is true of a max pooling layer with windows of 2 × 2 and stride 2?** There are several right
options. Wrong picks cost as much as right ones earn.""",
    key=true_quiz.key,
    checker=true_quiz,
    next="Try each option on two small maps of 4 × 4 numbers.",
)

size_quiz = Order(
    (
        Item("max-pooling", "Max pooling, window 2 × 2, stride 2"),
        Item("narrow", "A convolution, 16 filters of 1 × 1, stride 2"),
        Item("convolution", "A convolution, 16 filters of 3 × 3, stride 2"),
        Item("wide", "A convolution, 16 filters of 5 × 5, stride 2"),
        Item("dense", "Flatten, and a dense layer with 16 × 16 × 16 units, reshaped to 16 maps"),
    ),
    praise="Pooling trains nothing, a convolution its window, a dense layer a weight for each pair of input and "
    "output.",
)

size = Exercise(
    id="pooling-size",
    title="Five ways to halve a map",
    points=2,
    prompt="""16 feature maps of 32 × 32 come in. Each of these five makes 16 maps of 16 × 16 of them.

**Put them in order, from the fewest parameters to the most.**""",
    key=size_quiz.key,
    checker=size_quiz,
    misconceptions=(
        Misconception(
            "most-first",
            "You began with the most parameters. The question asks for the fewest first.",
            key=lambda params: ("dense", "wide", "convolution", "narrow", "max-pooling"),
        ),
        Misconception(
            "window-is-weights",
            "You placed pooling by the size of its window, as if the window held weights.",
            next="What a pooling layer trains.",
            key=lambda params: ("narrow", "max-pooling", "convolution", "wide", "dense"),
        ),
        Misconception(
            "dense-is-small",
            "You let the dense layer need fewer parameters than a convolution. Its units share nothing: each has a "
            "weight for every number that comes in.",
            next="Count the weights of one unit of the dense layer.",
            key=lambda params: ("max-pooling", "dense", "narrow", "convolution", "wide"),
        ),
    ),
    next="Count each of them. The size of the maps matters for one of the five only.",
)

task_quiz = Match(
    (
        Pair(
            "cheap", "Make the maps smaller, keep the strongest responses, and train nothing", to="max-pooling",
            confused="strided", feedback="This one has weights, which have to be trained.",
            next="Which of these layers have weights.",
        ),
        Pair(
            "learned", "Make the maps smaller, in a way that is learned from the images", to="strided",
            confused="average-pooling", feedback="This one does the same to every image, whatever it was trained on.",
            next="Which of these layers have weights.",
        ),
        Pair(
            "one-number", "Turn each map, of any size, into one number", to="global",
            confused="strided", feedback="A window with a stride still leaves a map, which is larger for a larger "
            "image.",
            next="What goes into the last dense layer of a classifier.",
        ),
        Pair(
            "fewer-maps", "Combine 256 maps into 64, of the same height and width", to="one-by-one",
            confused="max-pooling", feedback="This one goes through each map on its own, so that as many maps come out "
            "as went in.",
            next="What a filter does with the maps that come in.",
        ),
    ),
    (
        Item("max-pooling", "Max pooling"),
        Item("average-pooling", "Average pooling"),
        Item("global", "Global average pooling"),
        Item("strided", "A convolution, 3 × 3, stride 2"),
        Item("one-by-one", "A convolution, 1 × 1, stride 1"),
    ),
)  # fmt: skip

task = Exercise(
    id="pooling-task",
    title="The right layer",
    points=2,
    prompt="**Give each task the layer that does just this.** One layer belongs to none of the tasks.",
    key=task_quiz.key,
    checker=task_quiz,
    next="For each layer: does it have weights, what happens to height and width, and what to the number of maps?",
)

SAMPLE = """A max pooling layer has no parameters and only compares numbers, so it costs almost nothing in training,
in memory and in time, and cannot learn anything by heart. It keeps the strongest response of each window, and a
small move of the image changes its output little, which helps when all that matters is whether something is there.
A convolution with the same stride has to be trained, but it can learn how to make maps smaller and may keep what
pooling throws away; I would choose it when there are enough images and when it matters where something is."""

words = Exercise(
    id="pooling-words",
    title="Which one, and when",
    points=3,
    prompt="""**Why would you add a max pooling layer rather than a convolutional layer with the same stride? And
when would you decide for the convolution?** Three to five sentences are enough.""",
    key=lambda params, slips: SAMPLE,
    checker=Prose(
        rubric=(
            Point("says that max pooling has no parameters, and needs little work.", weight=2),
            Point("says that it keeps the strongest responses, or that small moves change its output little."),
            Point("names something that speaks for the convolution, such as a learned way, or exact places."),
        ),
    ),
)

exercises = (both_parameters, shape, work, moved, true, size, task, words)

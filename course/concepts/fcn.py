"""Fully convolutional networks, and how a dense layer becomes a convolution."""

from __future__ import annotations

from random import Random
from typing import Any

from autograder.checkers.choice import Choice, Choices, Option
from autograder.checkers.match import Match, Pair
from autograder.checkers.numeric import Numeric
from autograder.checkers.options import Item
from autograder.checkers.prose import Point, Prose
from autograder.checkers.sequence import Sequence
from autograder.exercise import Exercise
from autograder.types import Misconception, Params, Slips

larger_image = Choice(
    (
        Option(
            "more-inputs",
            "There is an error: the dense layer has one weight for each number that comes in, and now more of them "
            "come in.",
            "Follow the shapes through the network, and look at the first layer that cannot go on.",
            right=True,
        ),
        Option(
            "kernels-too-small",
            "There is an error: the kernels of the convolutions were made for images of the old size.",
            "A kernel only knows the size of its own window. It is moved over whatever comes, and a larger image has "
            "more places for it.",
            next="Does the number of weights of a convolutional layer depend on the size of the image?",
        ),
        Option(
            "pooling-fixed",
            "There is an error: the pooling layers can only make 16 × 16 of 32 × 32.",
            "A pooling layer has no weights and no size of its own, apart from its window. Of a larger map it makes a "
            "larger map.",
            next="What does a pooling layer of 2 × 2 make of a map of 64 × 64?",
        ),
        Option(
            "map-of-answers",
            "There is no error: the network gives a map of answers, one for each part of the image.",
            "This is what one would like to have. But `Flatten` turns all maps into one long row, in which no place is "
            "left to move a window over.",
            next="What is the shape after `Flatten`, for the old image and for the new one?",
        ),
        Option(
            "rest-ignored",
            "There is no error: the dense layer reads as many numbers as it has weights for, and leaves the rest.",
            "A dense layer is a multiplication with a matrix. The length of the row and the size of the matrix must "
            "fit exactly; nothing is left out in silence.",
            next="Which shapes can be multiplied, when one is a row and the other one a matrix?",
        ),
    ),
    praise="Convolutions and pooling can be moved over an image of any size; a dense layer cannot.",
)

properties = Choices(
    (
        Option(
            "any-size",
            "It can be given images of different sizes, as long as they are not too small.",
            "Which kinds of layers are moved over whatever comes in?",
            right=True,
        ),
        Option(
            "larger-output",
            "Of a larger image it makes a larger map of answers.",
            "What happens to the size of the maps when the same kernel has more places to stand at?",
            right=True,
        ),
        Option(
            "no-new-training",
            "It can be made from a trained network with dense layers, without training it again.",
            "What would you have to do with the weights of the dense layer?",
            right=True,
        ),
        Option(
            "fewer-parameters",
            "It has fewer parameters than the network with dense layers from which it was made.",
            "Each weight of the dense layer becomes a weight of a kernel, and each bias stays a bias. Not one of them "
            "is dropped.",
            next="Count the parameters of the example in this section, before and after.",
        ),
        Option(
            "more-parameters",
            "It needs more parameters when it is given larger images.",
            "The kernels stay as they are, and are used at more places. A larger image costs more time and memory for "
            "the maps, but no more weights.",
            next="What a convolution shares between places.",
        ),
        Option(
            "no-pooling",
            "It must not contain any pooling layers.",
            "A pooling layer is moved over the maps just as a kernel is, and works on maps of any size. It does no "
            "harm here.",
            next="Which kind of layer needs to know the size of what comes in?",
        ),
    )
)

parts = Match(
    pairs=(
        Pair(
            "units",
            "The number of units of the dense layer",
            to="filters",
            confused="kernel-size",
            feedback="The size of a kernel says how much of the maps it looks at. How many units there are is another "
            "matter: each of them looks at everything.",
            next="How many answers does the dense layer give, and how many maps must the convolution make?",
        ),
        Pair(
            "rows-and-columns",
            "The rows and columns of the maps that come into Flatten",
            to="kernel-size",
            confused="filters",
            feedback="The number of filters decides how many maps go out. Here you want to know how far the window of "
            "one filter must reach, so that it sees all that the dense layer saw.",
            next="A unit of the dense layer looks at every place of the maps.",
        ),
        Pair(
            "maps",
            "The number of maps that come into Flatten",
            to="depth",
            confused="filters",
            feedback="This would be the number of maps that go out. The maps that come in are read by every single "
            "filter.",
            next="What a filter looks like as an array: rows, columns, and ...?",
        ),
        Pair(
            "weights-of-a-unit",
            "All weights of one unit, except the bias",
            to="weights-of-a-filter",
            confused="depth",
            feedback="The depth is one number. A unit has a weight for each place of each map, which is a whole block "
            "of numbers.",
            next="What computes one answer in the dense layer, and what computes it in the convolution?",
        ),
        Pair(
            "answer",
            "The number that one unit gives for an image of the old size",
            to="number-in-a-map",
            confused="weights-of-a-filter",
            feedback="Weights belong to the network and are the same for every image. The number here is a result, and "
            "changes with the image.",
            next="At how many places can the window stand, if it is as large as the maps?",
        ),
    ),
    targets=(
        Item("filters", "The number of filters"),
        Item("kernel-size", "The height and width of the kernel"),
        Item("depth", "The depth of each filter"),
        Item("weights-of-a-filter", "The weights of one filter"),
        Item("number-in-a-map", "A map that holds a single number"),
        Item("stride", "The stride"),
    ),
)


def parameters(params: Params, slips: Slips) -> int:
    """Return the parameters of the convolution that does what the dense layer did."""
    area = params["height"] * params["width"]
    if "one-by-one" in slips:
        area = 1
    if "three-by-three" in slips:
        area = 9
    depth = 1 if "flat-filter" in slips else params["maps"]
    units = params["units"]
    biases = 0 if "no-bias" in slips else params["maps"] * units if "bias-per-map" in slips else units
    return int(area * depth * units + biases)


def draw_dense(rng: Random) -> dict[str, Any]:
    height, width = rng.sample(range(5, 13), 2)
    return {"height": height, "width": width, "maps": 8 * rng.randint(4, 15), "units": rng.randint(11, 39)}


def output_shape(params: Params, slips: Slips) -> tuple[int, int, int]:
    """Return height, width and number of maps of what the converted network gives for the larger image."""
    height, width = (_places(params, side, slips) for side in ("height", "width"))
    if "width-first" in slips:
        height, width = width, height
    return height, width, params["units"]


def _places(params: Params, side: str, slips: Slips) -> int:
    kernel, maps = params[f"map_{side}"], params[f"new_{side}"] // params["stride"]
    if "pixels" in slips:
        return int(params[f"new_{side}"] - params[side] + 1)
    if "tiles" in slips:
        return int(maps // kernel)
    if "padded" in slips:
        return int(maps)
    return int(maps - kernel + (0 if "not-the-first" in slips else 1))


def draw_larger(rng: Random) -> dict[str, Any]:
    """Draw a network whose maps are 8 or 16 times smaller than the image, and an image 2 to 4 times as large."""
    stride = rng.choice([8, 16])
    height, width = rng.sample(range(4, 10), 2)
    new_height, new_width = (side * rng.randint(2, 3) + rng.randint(1, side - 1) for side in (height, width))
    return {
        "stride": stride, "units": rng.randint(5, 30),
        "height": stride * height, "width": stride * width, "map_height": height, "map_width": width,
        "new_height": stride * new_height, "new_width": stride * new_width,
    }  # fmt: skip


SAMPLE = """A unit of a dense layer multiplies every number of the maps that come in by a weight, adds the products and
a bias. A filter whose window is exactly as large as the maps has one weight for each of the same numbers, and does the
same sum. With "valid" padding it can stand at one place only, so it gives one number, the same one. One filter for each
unit gives the same answers as the dense layer. If the image is larger, the maps are larger than the window, the window
can stand at several places, and we get a map of answers: one for each part of the image that is as large as an old
image. This takes one pass through the network. Cutting the image into parts that overlap and running the old network on
each of them would compute most of the maps again and again."""

exercises = (
    Exercise(
        id="fcn-larger-image",
        title="A larger image",
        points=1,
        prompt="""A network for images of 128 × 128 pixels ends like this: convolutions and pooling layers make maps of
16 × 16, then come `Flatten()` and `Dense(10)`. Now its layers are given an image of 256 × 256.

**What happens?**""",
        key=larger_image.key,
        checker=larger_image,
        next="Write down the shape after each layer, for the old image and for the new one.",
    ),
    Exercise(
        id="fcn-properties",
        title="What is true of a fully convolutional network",
        points=2,
        prompt="""A fully convolutional network has only layers that are moved over their input, such as convolutions
and pooling layers, and no dense layer.

**Which of these are true of such a network?** There are several. Wrong picks cost points.""",
        key=properties.key,
        checker=properties,
        next="Take the example of this section, and check each sentence on it.",
    ),
    Exercise(
        id="fcn-parts",
        title="From dense layer to convolution",
        points=2,
        prompt="""A trained network ends with `Flatten` and a dense layer. You replace both by one convolution that
gives the same answers.

**What does each part become?** One of the parts of the convolution is left over.""",
        key=parts.key,
        checker=parts,
        next="Go through the example of this section, and name each number in it twice: once for each kind of layer.",
    ),
    Exercise(
        id="fcn-parameters",
        title="Your own dense layer",
        points=2,
        prompt="""The last maps of your network have {height} rows and {width} columns, and there are {maps} of them.
Then come `Flatten()` and `Dense({units})`. You replace these two by **one convolution with bias that gives the same
answers**.

**How many parameters does this convolution have?** Give the exact whole number.""",
        params=draw_dense,
        effort=lambda params: 4,  # three products and a sum
        key=parameters,
        checker=Numeric(exact=True),
        misconceptions=(
            Misconception(
                "one-by-one",
                "You used a kernel of 1 × 1. It looks at a single place, but a unit of the dense layer looks at all "
                "places of the maps.",
                "How much of the maps did one unit of the dense layer see?",
            ),
            Misconception(
                "three-by-three",
                "You used a kernel of 3 × 3, as in most convolutions. Here the window must reach over everything that "
                "the dense layer saw.",
                "How much of the maps did one unit of the dense layer see?",
            ),
            Misconception(
                "flat-filter",
                "Your filters look at one map only. A filter reaches through all the maps that come in.",
                "What a filter looks like as an array: rows, columns, maps in.",
            ),
            Misconception(
                "no-bias",
                "You counted the weights only. The dense layer has biases, and they are needed for the same answers.",
                "The parameters of a dense layer: `layer.weights` lists a kernel and a bias.",
            ),
            Misconception(
                "bias-per-map",
                "You gave a bias to every pair of a map that comes in and a map that goes out. The sums over all the "
                "maps that come in are added up first, and then one bias is added.",
                "How many biases does the dense layer have?",
            ),
        ),
        next="How many weights does one unit of the dense layer have?",
    ),
    Exercise(
        id="fcn-output",
        title="Your own larger image",
        points=2,
        prompt="""Your network was made for images of {height} rows and {width} columns. Before its dense layer of
{units} units, the maps have {map_height} rows and {map_width} columns: {stride} times fewer, each way. The dense layer
has been replaced by a convolution that gives the same answers (stride 1, no padding).

Now the network is given an image of **{new_height} rows and {new_width} columns**. All maps before the new convolution
grow in proportion.

**What shape has the output?** Give it in the order of Keras: `(height, width, number of maps)`.""",
        params=draw_larger,
        effort=lambda params: 6,  # for each side: divide, subtract, add one
        key=output_shape,
        checker=Sequence(("height", "width", "maps")),
        misconceptions=(
            Misconception(
                "padded",
                "You gave the size of the maps before the last convolution. Its window is large and there is no "
                "padding, so it cannot stand at every place.",
                "Mark on paper at which places a window of width 3 can stand on a row of 7.",
            ),
            Misconception(
                "not-the-first",
                "You subtracted the width of the window from the width of the map. This counts how many times the "
                "window can be moved on. How many places are that, with the one where it begins?",
                "Mark on paper at which places a window of width 3 can stand on a row of 7.",
            ),
            Misconception(
                "tiles",
                "You counted how many old images fit side by side. The window is moved by one place of the maps at a "
                "time, so the parts that it looks at overlap.",
                "The stride of the new convolution.",
            ),
            Misconception(
                "pixels",
                "You moved the window by one pixel of the image at a time. It is moved over the maps, and one place "
                "there stands for many pixels.",
                "What do the strides and pooling layers before it do to the size of the maps?",
            ),
            Misconception(
                "width-first",
                "You gave the width before the height. Arrays of images have rows first.",
                "The order of the axes of an image array: `image.shape`.",
            ),
        ),
        next="First find the size of the maps before the last convolution; then count the places for its window.",
    ),
    Exercise(
        id="fcn-words",
        title="Why it works",
        points=3,
        prompt="""**Why can a dense layer be replaced by a convolution that gives the same answers, and what is gained
by it on a larger image?** Say what the kernel looks like, why the answers are the same, and why this is better than
cutting the larger image into parts and running the old network on each part. Four to six sentences are enough.""",
        key=lambda params, slips: SAMPLE,
        checker=Prose(
            starter="Write your answer here, in your own words.",
            rubric=(
                Point("says that the window is as large as the maps that come in, with one filter for each unit."),
                Point("says that unit and filter multiply the same numbers by the same weights and add the same bias."),
                Point("says that on a larger image the window stands at several places, and gives a map of answers."),
                Point("says that parts that overlap share their calculations, so that one pass is cheaper than many."),
            ),
        ),
    ),
)

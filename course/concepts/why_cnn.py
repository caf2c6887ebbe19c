"""Why a convolutional network rather than a fully connected one, for images?"""

from __future__ import annotations

from random import Random
from typing import Any

from autograder.checkers.choice import Choice, Choices, Option
from autograder.checkers.numeric import Numeric
from autograder.checkers.options import Item
from autograder.checkers.order import Order
from autograder.checkers.prose import Point, Prose
from autograder.exercise import Exercise
from autograder.types import Misconception, Params, Slips

from .._lib import stack


def draw_dense(rng: Random) -> dict[str, Any]:
    height, width = rng.sample(range(60, 160), 2)
    return {"height": height, "width": width, "channels": rng.choice([3, 4]), "units": 10 * rng.randint(5, 40)}


def dense_parameters(params: Params, slips: Slips) -> int:
    channels = 1 if "channels-forgotten" in slips else params["channels"]
    inputs = params["height"] * params["width"] * channels
    biases = params["units"]
    if "bias-for-inputs" in slips:
        biases = inputs
    if "one-bias" in slips:
        biases = 1
    if "units-without-bias" in slips:
        biases = 0
    return int(inputs * params["units"] + biases)


dense = Exercise(
    id="why-cnn-dense",
    title="A dense layer on your image",
    points=2,
    prompt="""Your image has {height} rows, {width} columns and {channels} channels. It is flattened, and goes into a
dense layer of {units} units with bias.

**How many parameters has this layer?** Give the exact whole number.""",
    params=draw_dense,
    effort=lambda params: 4,
    key=dense_parameters,
    checker=Numeric(exact=True),
    misconceptions=(
        Misconception(
            "units-without-bias",
            "You counted the weights only. Each unit also adds a number of its own to its sum: its bias.",
            "The formula of one unit of a dense layer, term by term.",
        ),
        Misconception(
            "channels-forgotten",
            "You counted one input for each pixel. A pixel of your image is several numbers, one for each channel, and "
            "flattening keeps them all.",
            "How many numbers an image array holds: `image.size`.",
        ),
        Misconception(
            "one-bias",
            "You gave one bias to the whole layer. The units do not share it.",
            "The formula of one unit of a dense layer, term by term.",
        ),
        Misconception(
            "bias-for-inputs",
            "You gave a bias to each input. A bias belongs to what comes out of the layer: it is added when the sum "
            "over all inputs is done.",
            "The formula of one unit of a dense layer, term by term.",
        ),
    ),
    next="Write down one unit first: how many numbers does it look at, and how many parameters does it need for that?",
)


def draw_convolution(rng: Random) -> dict[str, Any]:
    height, width = rng.sample(range(60, 160), 2)
    return {
        "height": height,
        "width": width,
        "channels": rng.choice([3, 4]),
        "filters": 4 * rng.randint(5, 24),
        "kernel": rng.choice([3, 5, 7]),
    }


def convolution_parameters(params: Params, slips: Slips) -> int:
    layer = {"filters": params["filters"], "kernel": params["kernel"]}
    places = params["height"] * params["width"] if "own-weights-everywhere" in slips else 1
    return places * stack.count_parameters({"channels": params["channels"], "layers": [layer]}, slips)


convolution = Exercise(
    id="why-cnn-convolution",
    title="A convolution on your image",
    points=2,
    prompt="""Another image has {height} rows, {width} columns and {channels} channels. This time it goes into a
convolutional layer with bias: {filters} filters of {kernel} × {kernel}, stride 1, padding "same".

**How many parameters has this layer?** Give the exact whole number.""",
    params=draw_convolution,
    effort=lambda params: 4,
    key=convolution_parameters,
    checker=Numeric(exact=True),
    misconceptions=(
        Misconception(
            "own-weights-everywhere",
            "You counted new weights for each place at which the window can stand. It is the same window everywhere, "
            "so its weights are counted once.",
            "What a convolution shares between places.",
        ),
        *stack.slips("no-bias", "filters-times-kernels", "bias-per-input"),
    ),
    next="Write down one filter first. How many numbers does it see at one place?",
)

shift_quiz = Choice(
    (
        Option("same-filter", "The filter that found it there looks at every other place, too", "", right=True),
        Option(
            "seen-everywhere",
            "A convolutional network is shown each training image at all places",
            "Nobody moves the images: both networks were trained on the same ones. Look for the reason in the layers.",
            next="What changes inside each network when the crack moves.",
        ),
        Option(
            "more-weights",
            "A convolutional network has more weights to remember places with",
            "It has far fewer weights than a dense network on the same image. Count those of your own two layers "
            "again.",
            next="Your answers to the first two questions.",
        ),
        Option(
            "sorted",
            "A convolution ignores where a pixel stands",
            "It does not: shuffle the pixels, and its output is another one. What stands next to what matters very "
            "much.",
            next="Which pixels one output of a convolution is computed from.",
        ),
        Option(
            "flatten",
            "A dense network throws pixels away when it flattens the image",
            "Flattening only writes the same numbers in one long row. Nothing is lost in it but the shape.",
            next="What `Flatten` does to an image of 2 × 2 pixels.",
        ),
    ),
    praise="What one window has learned is used at every place, because all places share its weights.",
)

shift = Exercise(
    id="why-cnn-shift",
    title="A crack at another place",
    points=2,
    prompt="""Two networks look for cracks in photos of tiles, one convolutional, one fully connected. In all training
images with a crack, it is in the upper left. In a new photo there is a crack in the lower right. The convolutional
network responds to it, the fully connected one does not.

**Why?**""",
    key=shift_quiz.key,
    checker=shift_quiz,
    next="Which weights of each network are multiplied with the pixels in the lower right?",
)

gains_quiz = Choices(
    (
        Option(
            "fewer-parameters",
            "It has fewer parameters, so it needs fewer images to learn from",
            "Compare the numbers that you computed. What does a network with many parameters do when images are few?",
            right=True,
        ),
        Option(
            "neighbours",
            "It uses that pixels close to each other belong together",
            "What does a window of 3 × 3 see, and what does it not see?",
            right=True,
        ),
        Option(
            "any-place",
            "What it learns at one place it knows at every place",
            "Think of the tiles: where was the crack in training, and where later?",
            right=True,
        ),
        Option(
            "any-size",
            "Its convolutional layers can be used on images of another size",
            "Which of the two layers that you counted needs to know the size of the image when it is built?",
            right=True,
        ),
        Option(
            "turned",
            "It recognises an object that is turned upside down, without having seen one",
            "A filter for an edge does not fit the same edge turned. That has to be learned from turned images.",
            next="Which changes of an image a convolution follows by itself: moving, turning, scaling?",
        ),
        Option(
            "no-overfitting",
            "It cannot learn its training images by heart",
            "It can, if it is large and the images are few. Fewer weights make it less likely, not impossible.",
            next="A learning curve where training and validation lie far apart.",
        ),
        Option(
            "no-labels",
            "It learns without labels, because its filters find edges by themselves",
            "Its filters start as random numbers. They turn into edges only because the loss, which needs labels, "
            "pushes them there.",
            next="Where the gradient of a filter comes from.",
        ),
        Option(
            "few-products",
            "Each of its weights is used only once for an image, so it needs few multiplications",
            "The opposite is true of its weights: each is used at every place where the window stands.",
            next="How many multiplications one filter needs on your image.",
        ),
    )
)

gains = Exercise(
    id="why-cnn-gains",
    title="What is gained",
    points=3,
    prompt="""**What does a convolutional network gain over a fully connected one, on images?** There are several
right options. Wrong picks cost as much as right ones earn.""",
    key=gains_quiz.key,
    checker=gains_quiz,
    next="Go back to the two properties of a convolution, and ask for each option which of them it follows from.",
)

features_quiz = Order(
    (
        Item("strokes", "Edges of one direction, and spots of one colour"),
        Item("corners", "Corners and curves, where two edges meet"),
        Item("parts", "Parts of things, such as an eye or a wheel"),
        Item("things", "Whole things, such as a face or a car"),
    ),
    praise="Each layer puts together what the layer before it has found.",
)

features = Exercise(
    id="why-cnn-features",
    title="What the layers respond to",
    points=2,
    prompt="""In a network that has been trained on photos, one looks for the pictures to which each layer responds
most.

**Put what was found in order, from the layer next to the image to the layer next to the output.**""",
    key=features_quiz.key,
    checker=features_quiz,
    misconceptions=(
        Misconception(
            "whole-first",
            "You began with the whole and went on to ever smaller pieces. A unit of the first layer sees a few pixels "
            "only, too few to recognise anything.",
            "How large a part of the image one unit of each layer sees.",
            key=lambda params: ("things", "parts", "corners", "strokes"),
        ),
        Misconception(
            "parts-from-nothing",
            "You let the first layer find parts of things. All it can do is compare a few neighbouring pixels with the "
            "weights of a small window.",
            "How large a part of the image one unit of each layer sees.",
            key=lambda params: ("parts", "strokes", "corners", "things"),
        ),
        Misconception(
            "corners-before-edges",
            "You let corners be found before the edges that they are made of.",
            "What the second layer gets to see: is it the image?",
            key=lambda params: ("corners", "strokes", "parts", "things"),
        ),
    ),
    next="How large a part of the image does one unit of the first layer see? And one of the third?",
)

SAMPLE = """A dense layer needs a weight for every pixel, channel and unit, which are millions even for a small
image; a convolution has a few weights for one small window, and uses them at every place. With fewer weights it
needs fewer images and learns less by heart. The same window everywhere also means that something which was learned
at one place is found at every other, while a dense layer would have to learn it anew there. And a convolution looks
at neighbouring pixels together, which is where edges and textures are, whereas a dense layer does not even know
which pixels are neighbours."""

words = Exercise(
    id="why-cnn-words",
    title="In your own words",
    points=3,
    prompt="""A friend wants to recognise birds in photos with nothing but dense layers. **Name three reasons for
using convolutional layers instead**, and say for each where it comes from. Four to six sentences are enough.""",
    key=lambda params, slips: SAMPLE,
    checker=Prose(
        rubric=(
            Point("says that a convolution has far fewer parameters, because its weights are shared."),
            Point("says that what is learned at one place is found at every place."),
            Point("says that a window looks at neighbouring pixels, or that layers build on each other."),
            Point("says for each reason what in the layer it comes from.", weight=0.5),
        ),
    ),
)

exercises = (dense, convolution, shift, gains, features, words)

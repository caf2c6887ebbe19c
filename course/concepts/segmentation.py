"""Semantic segmentation: what is lost on the way down, how it comes back, and how the result is measured."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import Any

from autograder.checkers.choice import Choice, Choices, Option
from autograder.checkers.numeric import Numeric
from autograder.checkers.options import Item
from autograder.checkers.order import Order
from autograder.checkers.prose import Point, Prose
from autograder.checkers.sequence import Sequence
from autograder.exercise import Exercise
from autograder.types import Misconception, Params, Slips

difficulty = Choice(
    (
        Option(
            "places-lost",
            "Its last maps are small: they tell what is in the image, but only roughly where.",
            "Write down the size of the maps from the first layer to the last one.",
            right=True,
        ),
        Option(
            "objects-apart",
            "It cannot tell two objects of the same class from each other.",
            "Semantic segmentation does not ask for this. Two cars side by side get the same label, and their pixels "
            "may run together. To tell them apart is another task: instance segmentation.",
            next="What is asked for each pixel: a class, or an object?",
        ),
        Option(
            "weights-per-pixel",
            "It needs weights of its own for every pixel that it labels.",
            "A convolution uses the same weights at every place, also when it labels pixels. A larger image needs no "
            "more of them.",
            next="What a convolution shares between places.",
        ),
        Option(
            "no-class-scores",
            "It cannot give several scores, one for each class, at one place.",
            "This is easy: each map of the last layer holds the scores of one class, at all places. Softmax is then "
            "taken at each place alone.",
            next="What is the shape of the output, if there are 21 classes?",
        ),
        Option(
            "too-few-layers",
            "It has too few layers to know what an object is.",
            "It was good at naming what is in an image, so it does know. The layers that gave it this knowledge are "
            "also those that took something away.",
            next="What do strides and pooling layers do to the maps?",
        ),
    ),
    praise="Strides and pooling make the maps coarse, and each pixel needs a label of its own.",
)

remedies = Choices(
    (
        Option(
            "upsampling",
            "Layers near the end that make the maps larger, such as transposed convolutions",
            "The output must be as large as the image. What could make small maps large again?",
            right=True,
        ),
        Option(
            "skips",
            "Connections that bring in the larger maps of earlier layers",
            "Are there maps in the network that still know where an edge was?",
            right=True,
        ),
        Option(
            "dilated",
            "Dilated convolutions in place of the last strides: windows with gaps, moved by one place at a time",
            "The strides were there to let a window see a larger part of the image. Is there another way to do that?",
            right=True,
        ),
        Option(
            "more-pooling",
            "A further pooling layer after each convolution",
            "Pooling makes the maps smaller still, and forgets where in its window the largest number was.",
            next="The size of a map before and after a pooling layer.",
        ),
        Option(
            "global-average",
            "Global average pooling before the last layer",
            "It replaces each map by a single number, its mean. After that, nothing is left of where something was.",
            next="The shape of the maps before and after global average pooling.",
        ),
        Option(
            "larger-stride",
            "A larger stride in the first convolution",
            "With a larger stride, the window skips pixels at the very start. Fine edges are lost there and never come "
            "back.",
            next="How many places does a window of stride 4 stand at, on a row of 200 pixels?",
        ),
        Option(
            "one-softmax",
            "One softmax over all places of the output together",
            "The scores of all pixels would then compete with each other. Every pixel has a class of its own, so the "
            "choice between classes is made at each pixel alone.",
            next="Along which axis of the output should the numbers sum to 1?",
        ),
    )
)

finer = Order(
    (
        Item("one-label", "One label is found for the whole image, and given to each of its pixels."),
        Item("one-step", "The last maps are enlarged 32 times, in one step."),
        Item(
            "one-skip",
            "The last maps are enlarged 2 times. Earlier maps, 16 times smaller than the image, are added. The sum is "
            "enlarged 16 times.",
        ),
        Item(
            "two-skips",
            "The last maps are enlarged 2 times, and earlier maps, 16 times smaller than the image, are added. The sum "
            "is enlarged 2 times, and still earlier maps, 8 times smaller, are added. This sum is enlarged 8 times.",
        ),
    ),
    praise="What counts is how small the map was that last brought in something new.",
)


def enlarged(params: Params, slips: Slips) -> tuple[int, int]:
    """Return height and width after two transposed convolutions, the first one "same" and the second one "valid"."""
    height, width = (_enlarge(params[side], params, slips) for side in ("height", "width"))
    return (width, height) if "width-first" in slips else (height, width)


def _enlarge(size: int, params: Params, slips: Slips) -> int:
    layers = [
        (params["first_kernel"], params["first_stride"], "same-as-valid" in slips),
        (params["second_kernel"], params["second_stride"], "valid-as-same" not in slips),
    ]
    for kernel, stride, valid in reversed(layers) if "reversed" in slips else layers:
        places = size if not valid or "kernel-added" in slips else size - 1
        size = places * stride + (kernel if valid else 0)
    return size


def draw_transposed(rng: Random) -> dict[str, Any]:
    """Draw sizes, and kernels for which slips lead elsewhere: with 4 and stride 2 two of them would meet, and with 5
    and stride 2 after a stride of 3 two pairs."""
    height, width = rng.sample(range(6, 19), 2)
    first, second = rng.choice([2, 3]), rng.choice([2, 3])
    return {
        "height": height, "width": width,
        "first_kernel": first + 2, "first_stride": first,
        "second_kernel": rng.choice([4, 5]) if second == 3 else 5 if first == 2 else 3, "second_stride": second,
    }  # fmt: skip


_IOU_SLIPS = (
    Misconception(
        "dice",
        "You doubled the common part and divided it by the sum of both areas. This measure exists, too, and is called "
        "Dice; it is larger than the IoU.",
        "What do I and U stand for in IoU?",
    ),
    Misconception(
        "sum-for-union",
        "You divided by the sum of both areas. In this sum, the pixels that lie in both rectangles are counted twice. "
        "In the union, each pixel counts once.",
        "Shade both rectangles on squared paper, and count the squares that are shaded at all.",
    ),
    Misconception(
        "of-the-truth",
        "You divided by the area of the true object. That share does not notice the pixels that were labelled and "
        "should not have been: whoever labels the whole image would get 1.",
        "What do I and U stand for in IoU?",
    ),
    Misconception(
        "of-the-prediction",
        "You divided by the area of the prediction. That share does not notice the pixels of the object that were "
        "missed: whoever labels a single right pixel would get 1.",
        "What do I and U stand for in IoU?",
    ),
    Misconception(
        "pixel-accuracy",
        "This is the share of all pixels of the image that have the right label. Most of the image is background, and "
        "so this number is high even for a bad prediction. The background does not count in the IoU of the object.",
        "Would your measure notice a prediction that leaves out the object altogether?",
    ),
    Misconception(
        "ends-not-counted",
        "You computed the sides as last minus first. Both the first and the last row belong to the rectangle, and so "
        "do both columns.",
        "How many rows are there from row 3 to row 5, with both of them?",
    ),
)


def iou(params: Params, slips: Slips) -> float:
    """Return the intersection over union of two rectangles, whose ends are part of them."""
    end = 0 if "ends-not-counted" in slips else 1
    rows, columns = ((params[f"{side}_true"], params[f"{side}_said"]) for side in ("rows", "columns"))
    true, said = ((rows[n][1] - rows[n][0] + end) * (columns[n][1] - columns[n][0] + end) for n in (0, 1))
    common = 1
    for side in (rows, columns):
        common *= max(0, min(last for _, last in side) - max(first for first, _ in side) + end)
    union = true + said - common
    if "dice" in slips:
        return float(2 * common / (true + said))
    if "pixel-accuracy" in slips:
        pixels = params["image"][0] * params["image"][1]
        return float((pixels - union + common) / pixels)
    below = {"sum-for-union": true + said, "of-the-truth": true, "of-the-prediction": said}
    return float(common / next((below[slip] for slip in below if slip in slips), union))


def draw_rectangles(rng: Random) -> dict[str, Any]:
    """Draw two rectangles that overlap at a corner, such that three digits tell all ways to compute the IoU apart."""
    while True:
        drawn: dict[str, Any] = {"image": rng.sample(range(30, 49), 2)}
        for side, length in zip(("rows", "columns"), drawn["image"], strict=True):
            true, said = sorted(rng.sample(range(2, length - 15), 2))
            ends = [true + rng.randint(9, 13), said + rng.randint(9, 13)]
            spans = [[true, ends[0]], [said, ends[1]]]
            rng.shuffle(spans)
            drawn[f"{side}_true"], drawn[f"{side}_said"] = spans
        found = sorted([iou(drawn, frozenset()), *(iou(drawn, frozenset({slip.id})) for slip in _IOU_SLIPS)])
        if found[0] > 0.1 and all(high - low > 0.015 for low, high in combinations(found, 2)):
            return drawn


def show_rectangles(params: Params) -> dict[str, str]:
    rows = [
        f"| {name} | {params[f'rows_{key}'][0]} to {params[f'rows_{key}'][1]} "
        f"| {params[f'columns_{key}'][0]} to {params[f'columns_{key}'][1]} |"
        for name, key in (("the object", "true"), ("the prediction", "said"))
    ]
    height, width = params["image"]
    table = "\n".join(["| | rows | columns |", "|---|---|---|", *rows])
    return {"image_size": f"{height} rows and {width} columns", "table": table}


SAMPLE = """Strides and pooling make the maps smaller from layer to layer. This is good for telling what is in the
image: a window sees a larger part of it, and small shifts do not matter. But each number of the last maps stands for a
whole square of pixels, for example 32 x 32, so the network no longer knows where in this square an edge was. If these
maps are only enlarged, the labels have coarse, blurred edges. Skip connections bring in larger maps from earlier
layers, which have less knowledge of what something is, but still know where its edges are. Together they give both.
What remains hard are thin things, such as poles, and edges between things that look alike."""

exercises = (
    Exercise(
        id="segmentation-difficulty",
        title="What makes it hard",
        points=1,
        prompt="""A network is good at naming the object in a photo. Now it should give **every pixel** its class, so
you let its last layer give scores at every place of the last maps.

**What is the main difficulty in such a network?**""",
        key=difficulty.key,
        checker=difficulty,
        next="How large are the last maps of such a network, for a photo of 224 × 224?",
    ),
    Exercise(
        id="segmentation-remedies",
        title="What helps",
        points=2,
        prompt="""The output should have the size of the image, with fine edges between the classes.

**What helps to get there?** There are several. Wrong picks cost points.""",
        key=remedies.key,
        checker=remedies,
        next="For each of them: does it keep knowledge of where something was, bring it back, or lose it?",
    ),
    Exercise(
        id="segmentation-finer",
        title="From coarse to fine",
        points=2,
        prompt="""The last maps of a trained network are 32 times smaller than the image, each way. Here are four ways
to give each pixel a label. (The layers that enlarge are trained as well.)

**Put them in order: from the coarsest edges to the finest.**""",
        key=finer.key,
        checker=finer,
        misconceptions=(
            Misconception(
                "large-factor",
                "First look again at which end the question begins with. Then look at the last enlargement of each "
                "way: if a single number is enlarged 32 times, how many pixels depend on it?",
                "Enlarge a drawing of a few squares, once by 2 and once by 8, and compare the edges.",
                key=lambda params: ("two-skips", "one-skip", "one-step", "one-label"),
            ),
            Misconception(
                "skips-blur",
                "You expect coarser edges where earlier maps are added. These maps are larger than the last ones. What "
                "do they know that the last ones have lost?",
                "The picture of skip connections in this section.",
                key=lambda params: ("one-label", "two-skips", "one-skip", "one-step"),
            ),
            Misconception(
                "label-has-edges",
                "You gave the finest edges to the way that finds one label for the whole image. Where would its result "
                "have an edge at all?",
                "Sketch the result of each way for a photo of a cat on a lawn.",
                key=lambda params: ("one-step", "one-skip", "two-skips", "one-label"),
            ),
            Misconception(
                "steps-blur",
                "You expect that a second stop on the way makes the result coarser again. At each stop, earlier maps "
                "are added. Which of them are larger: those of the first stop, or those of the second?",
                "How many pixels does one number of each added map stand for?",
                key=lambda params: ("one-label", "one-step", "two-skips", "one-skip"),
            ),
        ),
        next="How many pixels does one number stand for, in the largest of the maps that each way uses?",
    ),
    Exercise(
        id="segmentation-transposed",
        title="Your own way up",
        points=2,
        prompt="""Maps of {height} rows and {width} columns go through two **transposed convolutions**, one after the
other:

| layer | kernel | stride | padding |
|---|---|---|---|
| 1 | {first_kernel} × {first_kernel} | {first_stride} | "same" |
| 2 | {second_kernel} × {second_kernel} | {second_stride} | "valid" |

**How large are the maps that come out?** Give `(height, width)`.""",
        params=draw_transposed,
        effort=lambda params: 8,  # for each side: times, minus one, times, plus
        key=enlarged,
        checker=Sequence(("height", "width")),
        misconceptions=(
            Misconception(
                "valid-as-same",
                "You only multiplied by the strides. The second layer has no padding: its last window reaches beyond "
                "the last step, and nothing is cut off.",
                "The two rules for the size, and which padding each of them belongs to.",
            ),
            Misconception(
                "same-as-valid",
                'You let the windows of the first layer reach over the edge. With "same" padding this part is cut off.',
                "The two rules for the size, and which padding each of them belongs to.",
            ),
            Misconception(
                "kernel-added",
                "In the second layer you added the kernel to a full number of steps. The first window begins at the "
                "edge and needs no step. How many steps are left for the others?",
                "Draw a row of 3 numbers, and the windows that they become with stride 2.",
            ),
            Misconception(
                "reversed",
                "You used the second layer first. The rules are different, so the order matters.",
                "Write down the size after each layer, starting with the first one.",
            ),
            Misconception(
                "width-first",
                "You gave the width before the height. Arrays of images have rows first.",
                "The order of the axes of an image array: `image.shape`.",
            ),
        ),
        next="Write down the size after each layer, rows and columns apart.",
    ),
    Exercise(
        id="segmentation-iou",
        title="Your own two rectangles",
        points=2,
        prompt="""In an image of {image_size}, the object covers a rectangle. A network says that it covers another one.
The first and the last row and column are part of each rectangle.

{table}

**What is the IoU (intersection over union) of the object?** Give it as a number between 0 and 1, with three digits
after the point.""",
        params=draw_rectangles,
        effort=lambda params: 18,  # six lengths of two steps, three areas, two steps to the union, and the division
        show=show_rectangles,
        key=iou,
        checker=Numeric(absolute=0.005),
        misconceptions=_IOU_SLIPS,
        next="Find three numbers first: the area of each rectangle, and the area of what they share.",
    ),
    Exercise(
        id="segmentation-words",
        title="What is lost, and how it comes back",
        points=3,
        prompt="""**What is the main technical difficulty of semantic segmentation, and how do skip connections help?**
Say what strides and pooling are good for, what they lose, what the result looks like without skip connections, and what
these bring back. Four to six sentences are enough.""",
        key=lambda params, slips: SAMPLE,
        checker=Prose(
            starter="Write your answer here, in your own words.",
            rubric=(
                Point("says that strides and pooling let a window see more, or tell better what is in the image."),
                Point("says that they lose where things are: each number of the last maps stands for many pixels."),
                Point("says that the edges are coarse or blurred if the last maps are only enlarged."),
                Point(
                    "says that skip connections bring in larger maps from earlier layers, which still know the edges."
                ),
            ),
        ),
    ),
)

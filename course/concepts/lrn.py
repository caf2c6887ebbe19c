"""What does local response normalization do, and when is it added?"""

from __future__ import annotations

from random import Random
from typing import Any

from autograder.checkers.choice import Choice, Choices, Option
from autograder.checkers.match import Match, Pair
from autograder.checkers.numeric import Numeric
from autograder.checkers.options import Item
from autograder.checkers.order import Order
from autograder.checkers.prose import Point, Prose
from autograder.exercise import Exercise
from autograder.types import Misconception, Params, Slips


def draw(rng: Random) -> dict[str, Any]:
    """Draw the numbers of six maps at one place. The one asked for has a neighbour on both sides."""
    return {
        "values": rng.sample(range(1, 10), 6),
        "map": rng.randint(2, 5),
        "bias": rng.choice([2, 3, 4]),
        "alpha": rng.choice([0.2, 0.5, 2]),
    }


def show(params: Params) -> dict[str, str]:
    maps = range(1, len(params["values"]) + 1)
    rows = [("map", *maps), ("---",) * (len(maps) + 1), ("number", *params["values"])]
    return {"table": "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)}


def normalized(params: Params, slips: Slips) -> float:
    values, place = params["values"], params["map"] - 1
    seen = set(range(len(values)) if "all-maps" in slips else (place - 1, place, place + 1))
    if "itself-left-out" in slips:
        seen -= {place}
    total = sum(values[j] if "not-squared" in slips else values[j] ** 2 for j in seen)
    inside = (0 if "bias-forgotten" in slips else params["bias"]) + params["alpha"] * total
    return float(values[place] / (inside if "root-forgotten" in slips else inside**0.5))


value = Exercise(
    id="lrn-value",
    title="One number, normalized",
    points=3,
    prompt="""At one place of an image, six neighbouring feature maps hold these numbers:

{table}

Local response normalization is applied with depth radius 1, bias {bias}, alpha {alpha} and beta 0.5.

**Which number does map {map} hold afterwards?** One percent more or less is fine.""",
    params=draw,
    show=show,
    effort=lambda params: 9,
    key=normalized,
    checker=Numeric(relative=0.01),
    misconceptions=(
        Misconception(
            "all-maps",
            "You added up the squares of all six maps. The radius says how many maps on each side take part.",
            "What the depth radius stands for.",
        ),
        Misconception(
            "itself-left-out",
            "You left the map itself out of the sum. It takes part, together with its neighbours.",
            "Go through the worked example again: which maps are in its sum?",
        ),
        Misconception(
            "not-squared",
            "You added up the numbers themselves. The formula adds up their squares.",
            "The order of the steps in the formula.",
        ),
        Misconception(
            "bias-forgotten",
            "You left out the bias. It is added to the sum before anything is divided, and keeps the divisor away from "
            "zero.",
            "What would happen where all maps are 0.",
        ),
        Misconception(
            "root-forgotten",
            "You divided by what stands in the brackets as it is. It is raised to the power of beta first, and a "
            "power of 0.5 is a square root.",
            "What a power of 0.5 means.",
        ),
    ),
    next="Do it in small steps: the squares, their sum, alpha, the bias, the power, the division.",
)

steps_quiz = Order(
    (
        Item("square", "Square the numbers"),
        Item("add-up", "Add up over the neighbouring maps"),
        Item("alpha", "Multiply by alpha"),
        Item("bias", "Add the bias"),
        Item("power", "Raise to the power of beta"),
        Item("divide", "Divide the number of the map by the result"),
    )
)

steps = Exercise(
    id="lrn-steps",
    title="The steps in order",
    points=2,
    prompt="""**Put the steps of local response normalization in the order in which they are computed.**""",
    key=steps_quiz.key,
    checker=steps_quiz,
    misconceptions=(
        Misconception(
            "sum-then-square",
            "You squared the sum. With numbers of both signs, strong responses could then cancel each other out.",
            "Compare (3 + (-3))² with 3² + (-3)².",
            key=lambda params: ("add-up", "square", "alpha", "bias", "power", "divide"),
        ),
        Misconception(
            "bias-last",
            "You added the bias after the power. It belongs into the brackets, with the sum.",
            "What beta is applied to in the formula.",
            key=lambda params: ("square", "add-up", "alpha", "power", "bias", "divide"),
        ),
        Misconception(
            "alpha-on-bias",
            "You multiplied the bias by alpha, too. Alpha says how much the neighbours count, and nothing else.",
            "What alpha is multiplied with in the formula.",
            key=lambda params: ("square", "add-up", "bias", "alpha", "power", "divide"),
        ),
    ),
    next="Read the formula from the inside to the outside.",
)

place_quiz = Choice(
    (
        Option("early", "After the activation of one of the first convolutional layers", "", right=True),
        Option(
            "before-input",
            "Before the first layer, on the image itself",
            "There are no feature maps yet that could compete, only the colours of the pixels.",
            next="What competes with what in this normalization.",
        ),
        Option(
            "after-dense",
            "After the last dense layer, before the softmax",
            "These outputs are one number for each class. They have no neighbours: class 3 is no nearer to class 4 "
            "than to class 9.",
            next="What competes with what in this normalization.",
        ),
        Option(
            "after-flatten",
            "After flattening, before the first dense layer",
            "In the long row that flattening makes, maps and places are no longer told apart.",
            next="Along which axis the neighbours lie.",
        ),
        Option(
            "everywhere-late",
            "After the last convolutional layers only",
            "There it comes too late for its purpose: the layers before would still find the same few features many "
            "times.",
            next="Who is to profit from a wider range of features.",
        ),
    ),
    praise="The layers above then have a wider range of simple features to build on.",
)

place = Exercise(
    id="lrn-place",
    title="Where it goes",
    points=2,
    prompt="""A network has five convolutional and three dense layers. Its first layers have learned many feature maps
that look almost the same.

**Where do you add local response normalization?**""",
    key=place_quiz.key,
    checker=place_quiz,
    next="Which layers learn the features that all others build on?",
)

true_quiz = Choices(
    (
        Option(
            "compete",
            "A strong response makes the responses of neighbouring maps at the same place weaker",
            "What happens to the divisor of a map when its neighbour is large?",
            right=True,
        ),
        Option(
            "differ",
            "It drives neighbouring maps to look for different features",
            "What is the use of a map that is always strong where its neighbour is stronger?",
            right=True,
        ),
        Option(
            "no-training",
            "It has nothing to train: radius, bias, alpha and beta are chosen by you",
            "Which of the numbers in the formula are changed by the gradient?",
            right=True,
        ),
        Option(
            "neighbour-pixels",
            "A strong response makes the responses of neighbouring pixels in the same map weaker",
            "The sum goes over maps, not over places. Every place is normalized on its own.",
            next="Along which axis the neighbours lie.",
        ),
        Option(
            "batch",
            "It needs the other images of the batch to compute its output",
            "The formula holds nothing but numbers of one image. It works in the same way for a batch of one.",
            next="Which normalization averages over a batch.",
        ),
        Option(
            "smaller-maps",
            "It makes the maps smaller",
            "It divides each number by another. As many come out as went in.",
            next="The shape before and after.",
        ),
        Option(
            "sums-to-one",
            "Afterwards the numbers at one place add up to 1 over all maps",
            "Something else does that, in the last layer of a classifier. Add up the numbers of the worked example.",
            next="The difference between this normalization and softmax.",
        ),
    )
)

true = Exercise(
    id="lrn-true",
    title="What it does",
    points=3,
    prompt="""**What is true of local response normalization?** There are several right options. Wrong picks cost as
much as right ones earn.""",
    key=true_quiz.key,
    checker=true_quiz,
    next="Try each option on the numbers of the worked example.",
)

looks_quiz = Match(
    (
        Pair(
            "lrn", "Local response normalization", to="maps", confused="places",
            feedback="It compares what different filters say about one place, not what one filter says about several.",
            next="Along which axis its neighbours lie.",
        ),
        Pair(
            "batch-norm", "Batch normalization", to="batch", confused="image",
            feedback="In training, its mean changes when another image of the batch does.",
            next="Why it behaves differently in training and in prediction.",
        ),
        Pair(
            "layer-norm", "Layer normalization", to="image", confused="batch",
            feedback="It gives the same result for an image, whichever images come with it.",
            next="Which normalization works for a batch of one.",
        ),
        Pair(
            "max-pooling", "Max pooling", to="places", confused="maps",
            feedback="It makes height and width smaller. The number of maps stays.",
            next="Along which axes its window moves.",
        ),
    ),
    (
        Item("maps", "Neighbouring maps, at the same place of the same image"),
        Item("places", "Neighbouring places, in the same map of the same image"),
        Item("batch", "All places of the same map, in all images of the batch"),
        Item("image", "All maps and all places of the same image"),
        Item("weights", "All weights of the same layer"),
    ),
)  # fmt: skip

looks = Exercise(
    id="lrn-looks",
    title="Who looks at what",
    points=2,
    prompt="""Each of these layers needs other numbers besides the one that it replaces.

**Which numbers does each layer look at, to compute one number of its output?** One answer belongs to none of them.""",
    key=looks_quiz.key,
    checker=looks_quiz,
    next="An activation has four axes: image, row, column, map. Along which of them does each layer look?",
)

SAMPLE = """I would add it after one of the first convolutional layers, when many of their feature maps look alike.
It makes the maps compete: where one responds strongly, its neighbours at the same place are divided by more and
become weaker. A map that only repeats its neighbour is of little use then, so the maps come to look for different
features, and the later layers have a wider range of simple features to build on. In newer networks batch
normalization has mostly taken its place."""

words = Exercise(
    id="lrn-words",
    title="When you would add it",
    points=3,
    prompt="""**When would you add local response normalization to a network, and what would you hope for?** Say
what it does to neighbouring feature maps. Three to five sentences are enough.""",
    key=lambda params, slips: SAMPLE,
    checker=Prose(
        rubric=(
            Point("says that strong responses weaken those of neighbouring maps at the same place."),
            Point("says that this drives maps to specialize, so that a wider range of features is found."),
            Point("says that it belongs after early convolutional layers, whose features the others build on."),
        ),
    ),
)

exercises = (value, steps, place, true, looks, words)

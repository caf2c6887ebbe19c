"""What can be done when the GPU runs out of memory in training?"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor
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

from .._lib import stack


def draw_batch(rng: Random) -> dict[str, Any]:
    return {
        "gpu": rng.choice([6000, 8000, 11000, 12000, 16000]),
        "weights": rng.randint(20, 90),
        "image": rng.randint(24, 70) / 2,
    }


def largest_batch(params: Params, slips: Slips) -> int:
    numbers = 4 - ("gradients-forgotten" in slips) - 2 * ("optimizer-forgotten" in slips)
    fixed = 0 if "nothing-fixed" in slips else 4 * numbers * params["weights"]
    fits: float = (params["gpu"] - fixed) / params["image"]
    return ceil(fits) if "rounded-up" in slips else floor(fits)


batch = Exercise(
    id="out-of-memory-batch",
    title="The largest batch that fits",
    points=3,
    prompt="""Your GPU has {gpu:,} MB of memory (1 MB is 10⁶ bytes). Your network has {weights} million parameters, and
every number is a float32. Training with Adam keeps four numbers for each parameter: the parameter, its gradient, and
two that Adam remembers. What the layers put out for one image, with the image itself, takes {image} MB.

**How many images may a batch have at most?** Count these things only. Give a whole number.""",
    params=draw_batch,
    effort=lambda params: 5,
    key=largest_batch,
    checker=Numeric(exact=True),
    misconceptions=(
        Misconception(
            "nothing-fixed",
            "You divided all of the memory among the images. A part of it is taken before the first image comes.",
            "What training keeps that does not depend on the batch.",
        ),
        Misconception(
            "gradients-forgotten",
            "You left out the gradients. They are computed for all parameters before any of them is changed, so "
            "there is one for each.",
            "The four numbers that the question lists.",
        ),
        Misconception(
            "optimizer-forgotten",
            "You left out what Adam remembers. It keeps two running averages for each parameter.",
            "The four numbers that the question lists.",
        ),
        Misconception(
            "rounded-up",
            "You rounded up. The last image of that batch would not fit entirely.",
            "Multiply your answer by the memory for one image, and compare with what is free.",
        ),
    ),
    next="First find out how much memory is left for the images.",
)


def draw_remedies(rng: Random) -> dict[str, Any]:
    """Draw a network for which all four remedies save clearly different amounts."""
    while True:
        params = _draw_network(rng)
        left = sorted(_left(params, stack.NONE).values())
        if all(more - less > 0.06 * stack.memory_to_train(params) for less, more in pairwise(left)):
            return params


def _draw_network(rng: Random) -> dict[str, Any]:
    layers = [(8 * rng.randint(1, 5), 1), (8 * rng.randint(3, 10), 2), (8 * rng.randint(2, 24), 1)]
    batch = rng.choice([32, 64])
    return {
        "height": 8 * rng.randint(6, 14),
        "width": 8 * rng.randint(6, 14),
        "channels": 3,
        "batch": batch,
        "small": batch * rng.choice([1, 2, 5, 6, 7]) // 8,
        "layers": [{"filters": maps, "kernel": 3, "stride": s, "padding": "same"} for maps, s in layers],
    }


def _left(params: Params, slips: Slips) -> dict[str, float]:
    """Return the megabytes that training still takes after each remedy."""
    before = stack.memory_to_train(params)
    first, *later = params["layers"]
    small = params["batch"] - params["small"] if "left-for-saved" in slips else params["small"]
    left = {
        "smaller-batch": stack.memory_to_train({**params, "batch": small}),
        "half-precision": before / 2,
        "larger-stride": stack.memory_to_train({**params, "layers": [{**first, "stride": 2}, *later]}),
        "one-layer-less": stack.memory_to_train({**params, "layers": params["layers"][:-1]}),
    }
    if "halved-weights" in slips:
        left["half-precision"] = before - 2e-6 * stack.count_parameters(params)
    if "stride-of-one" in slips:
        left["larger-stride"] = before - _saved_in_first(params)
    return left


def _saved_in_first(params: Params) -> float:
    """Return the megabytes that a stride of 2 saves in the output of the first layer alone."""
    return float(3e-6 * params["batch"] * params["height"] * params["width"] * params["layers"][0]["filters"])


def most_first(params: Params, slips: Slips) -> tuple[str, ...]:
    left = _left(params, slips)
    return tuple(sorted(left, key=lambda name: left[name], reverse="least-first" in slips))


remedies_quiz = Order(
    (
        Item("half-precision", "All numbers, of parameters, images and outputs, take 16 bits instead of 32"),
        Item("larger-stride", "The first layer gets a stride of 2 instead of 1"),
        Item("one-layer-less", "The last layer is left out"),
        Item("smaller-batch", "The smaller batch is used"),
    )
)

remedies = Exercise(
    id="out-of-memory-remedies",
    title="Four remedies for your network",
    points=4,
    prompt="""Your network is trained on batches of {batch} images of {image}, and every number is a float32:

{layers}

It runs out of memory. Four changes are proposed; each would be made alone, and the smaller batch has {small} images.

**Put them in order, from the one that saves the most memory to the one that saves the least.** Count as in the example:
the images of the batch, the outputs of all layers for them, and the parameters.""",
    params=draw_remedies,
    show=stack.show,
    effort=lambda params: 5 * stack.steps_to_memory(params),
    key=most_first,
    checker=remedies_quiz,
    misconceptions=(
        Misconception(
            "least-first",
            "You began with the remedy that saves the least. The question asks for the one that saves the most first.",
        ),
        Misconception(
            "left-for-saved",
            "For the smaller batch you took what is left for what is saved. A batch of a quarter of the images saves "
            "the other three quarters.",
            "Write down the memory before and after each change, and subtract.",
        ),
        Misconception(
            "halved-weights",
            "You let the shorter numbers make only the parameters smaller. In your network the outputs of the layers "
            "take most of the memory, and they get shorter, too.",
            "What takes the most memory in training?",
        ),
        Misconception(
            "stride-of-one",
            "You let the larger stride make only the output of its own layer smaller. The layers behind it work on "
            "what it puts out, so theirs change as well.",
            "Go through the shapes of all layers again, with the new stride.",
        ),
    ),
    next="Compute the memory five times: as it is, and with each change. A small function helps.",
)

first_quiz = Choice(
    (
        Option("smaller-batch", "Take fewer images into each batch", "", right=True),
        Option(
            "fewer-images",
            "Train on fewer images altogether",
            "Images that are not in the current batch wait in the computer's memory or on its disk, not on the GPU.",
            next="Which images are on the GPU at one moment.",
        ),
        Option(
            "fewer-epochs",
            "Train for fewer epochs",
            "It fails in the very first step. How often the steps would be repeated later makes no difference.",
            next="What is kept from one step to the next.",
        ),
        Option(
            "learning-rate",
            "Use a smaller learning rate",
            "The learning rate is a single number. It changes how far the weights move, not how many numbers are kept.",
            next="What is kept from one step to the next.",
        ),
        Option(
            "validation",
            "Leave out the validation images",
            "The first training step has not come to an end yet, and validation has not begun.",
            next="When in an epoch validation images are used.",
        ),
    ),
    praise="It changes nothing in the network, and the largest part of the memory shrinks in proportion.",
)

first = Exercise(
    id="out-of-memory-first",
    title="What to try first",
    points=1,
    prompt="""Training stops in its first step: the GPU is out of memory. The network itself must stay as it is.

**What do you try first?**""",
    key=first_quiz.key,
    checker=first_quiz,
    next="What does one step keep in memory, and which of it can you change without touching the network?",
)

helps_quiz = Choices(
    (
        Option(
            "two-devices",
            "Put the first half of the layers on one GPU, and the second half on another",
            "How much would each of the two have to keep?",
            right=True,
        ),
        Option(
            "smaller-images",
            "Shrink the images before they go in",
            "What does the size of the image do to the outputs of all the layers?",
            right=True,
        ),
        Option(
            "fewer-maps",
            "Make fewer feature maps in the first layers",
            "How many numbers does one feature map of the first layers hold?",
            right=True,
        ),
        Option(
            "dropout",
            "Drop half of the units with dropout while training",
            "Dropout writes zeros in place of half of the numbers. A zero takes as much memory as any other number, "
            "and the mask has to be kept as well.",
            next="What shape comes out of a dropout layer.",
        ),
        Option(
            "shuffle",
            "Shuffle the images before each epoch",
            "The order of the images changes, not how many are on the GPU at once.",
            next="Which images are on the GPU at one moment.",
        ),
        Option(
            "regularise",
            "Push the weights towards zero with L2 regularisation",
            "The weights get smaller values, and a small number takes four bytes like a large one.",
            next="What decides how many bytes a number takes.",
        ),
        Option(
            "stop-early",
            "Stop early, when validation gets no better",
            "Stopping early saves time. Until then each step needs as much memory as before.",
            next="What is kept from one step to the next.",
        ),
    )
)

helps = Exercise(
    id="out-of-memory-helps",
    title="What helps",
    points=3,
    prompt="""**Which of these changes make one training step need less memory on a GPU?** There are several. Wrong
picks cost as much as right ones earn.""",
    key=helps_quiz.key,
    checker=helps_quiz,
    next="For each change ask: which array gets smaller, or moves elsewhere?",
)

price_quiz = Match(
    (
        Pair(
            "smaller-batch", "A much smaller batch", to="noise", confused="detail",
            feedback="Each image keeps all of its pixels. What changes is over how many images a gradient is averaged.",
            next="What a gradient is averaged over.",
        ),
        Pair(
            "larger-stride", "A larger stride in the first layer", to="detail", confused="power",
            feedback="No weights are taken away, and no layers. What gets coarser is the grid of places they look at.",
            next="At how many places the window stands.",
        ),
        Pair(
            "fewer-layers", "Fewer layers", to="power", confused="rounding",
            feedback="Every number is as exact as before. There are fewer steps from the image to the answer.",
            next="What a layer can do with what the layers before it have found.",
        ),
        Pair(
            "half-precision", "Numbers of 16 bits", to="rounding", confused="noise",
            feedback="The gradient is averaged over as many images as before. But think of how a single number is "
            "kept.",
            next="How many digits a float16 number has, and what its smallest number is.",
        ),
        Pair(
            "more-devices", "Several GPUs, each with some of the layers", to="transfer", confused="power",
            feedback="All the layers are still there, only at different places.",
            next="How the output of one layer reaches the next.",
        ),
    ),
    (
        Item("noise", "Each step follows fewer examples, so steps point less surely in the right direction"),
        Item("detail", "Small things in the image may be missed"),
        Item("power", "The network can express less"),
        Item("rounding", "Very small numbers become zero, unless care is taken"),
        Item("transfer", "Numbers have to travel, and some hardware waits meanwhile"),
        Item("labels", "More images have to be labelled"),
    ),
)  # fmt: skip

price = Exercise(
    id="out-of-memory-price",
    title="What it costs",
    points=3,
    prompt="""Each of these five remedies makes a network fit into memory, and each has a price.

**Give each remedy its own price.** One price belongs to none of them.""",
    key=price_quiz.key,
    checker=price_quiz,
    next="What exactly becomes smaller with each remedy, and who needed it?",
)

SAMPLE = """First I would make the batch smaller, because the outputs that training keeps shrink in proportion and
the network stays as it is; the gradients get noisier. Then I would use 16-bit numbers, which halves almost
everything, if I take care of very small gradients. If that is not enough, I would use a larger stride or a pooling
layer early in the network, which loses detail, or leave out a layer, which makes the network weaker. Last I would
spread the layers over several GPUs, which costs hardware and time for moving numbers between them."""

words = Exercise(
    id="out-of-memory-words",
    title="Your plan",
    points=3,
    prompt="""Your network runs out of memory when you train it. **Name five things that you could try, in the order
in which you would try them**, and say for each why it helps. One sentence for each is enough.""",
    key=lambda params, slips: SAMPLE,
    checker=Prose(
        rubric=(
            Point("names five different things, each of which saves memory in a training step.", weight=2),
            Point("says why each helps: which numbers become fewer, shorter, or move elsewhere.", weight=2),
            Point("gives a reason for the order, such as what each costs."),
        ),
    ),
)

exercises = (first, batch, helps, remedies, price, words)

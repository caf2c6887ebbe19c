"""A dense classifier turned into convolutions, so that it takes images of any size."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.blueprint import Blueprint
from autograder.checkers.architecture import Architecture, Fact
from autograder.exercise import Exercise
from autograder.network import Network
from autograder.types import Misconception, Params, Slips

from .._lib.blocks import batches

SIDE, MAPS, UNITS, CLASSES = 7, 4, 10, 5


def draw(rng: Random) -> dict[str, Any]:
    return {"seed": rng.randrange(1000, 10_000)}


@lru_cache(16)
def weights(seed: int) -> list[NDArray[Any]]:
    """As the notebook draws them: kernel and bias of each Dense layer."""
    rng = np.random.default_rng(seed)
    shapes: list[tuple[int, ...]] = [(SIDE * SIDE * MAPS, UNITS), (UNITS,), (UNITS, CLASSES), (CLASSES,)]
    return [rng.normal(scale=0.2, size=shape) for shape in shapes]


def converted(params: Params, slips: Slips) -> Blueprint:
    kernel, bias, last_kernel, last_bias = weights(params["seed"])
    if "dense-kept" in slips:
        net = Blueprint((SIDE, SIDE, MAPS))
        x = net.dense(net.flatten(net.input), UNITS, "relu", given={"kernel": kernel, "bias": bias})
        net.dense(x, CLASSES, "softmax", given={"kernel": last_kernel, "bias": last_bias})
        return net
    if "maps-first" in slips:
        window = kernel.reshape(MAPS, SIDE, SIDE, UNITS).transpose(1, 2, 0, 3)
    else:
        window = kernel.reshape(SIDE, SIDE, MAPS, UNITS)
        window = window.transpose(1, 0, 2, 3) if "rows-and-columns" in slips else window
        window = window[::-1, ::-1] if "turned-round" in slips else window
    if "no-bias" in slips:
        bias, last_bias = 0 * bias, 0 * last_bias
    net = Blueprint((None, None, MAPS))
    padding = "same" if "same" in slips else "valid"
    relu, softmax = "" if "no-relu" in slips else "relu", "" if "no-softmax" in slips else "softmax"
    steps = SIDE if "tiles" in slips else 1
    x = net.conv(net.input, UNITS, SIDE, steps, padding, relu, given={"kernel": window, "bias": bias})
    if "averaged" in slips:
        x = net.global_average_pool(x, keepdims=True)
    net.conv(x, CLASSES, 1, 1, "valid", softmax, given={"kernel": last_kernel[None, None], "bias": last_bias})
    return net


def any_size(network: Network) -> bool:
    return network.input_shape[1:] == (None, None, MAPS)


def convolutions_only(network: Network) -> bool:
    kinds = {layer.kind for layer in network.layers if layer.parameters}
    return kinds == {"Conv2D"} and not network.of("Flatten", "Reshape")


def one_answer_a_place(network: Network) -> bool:
    return network.output_shape[1:] == (None, None, CLASSES)


def as_many_weights(network: Network) -> bool:
    return network.parameters == sum(weight.size for weight in weights(0))


def shares(network: Network) -> bool:
    last = network.last
    return last is not None and last.activation == "softmax"


exercise = Exercise(
    id="block-dense-as-conv",
    title="A dense classifier that slides",
    points=4,
    prompt="""The cell below makes a small classifier from your own seed, **{seed}**. It takes maps of shape
`(7, 7, 4)`: `Flatten`, `Dense(10)` with a ReLU, `Dense(5)` with a softmax.

**Turn it into a fully convolutional network, and hand in that model.** It has the same weights, in other shapes. It
takes maps of shape `(None, None, 4)`, of any size from 7 × 7 up. On 7 × 7 maps it gives the five numbers of the
classifier, as one place: `(1, 1, 5)`. On larger maps it gives what the classifier would say of **each** 7 × 7 window,
moved by 1: maps of 10 × 12 give `(4, 6, 5)`.

The model is judged by its layers, and by what it computes with its own weights on maps of several sizes.""",
    params=draw,
    effort=lambda params: 2,  # layers to convert
    key=converted,
    checker=Architecture(
        input_shape=(None, None, MAPS),
        max_parameters=10_000,
        inputs=batches((2, 7, 7, 4), (1, 9, 10, 4)),
        drawn=False,
        facts=(
            Fact(
                "any-size",
                "takes maps of any size",
                lambda n, v: any_size(n),
                "Give `keras.Input` a shape in which the sides are left open.",
            ),
            Fact("convolutions", "is made of convolutions", lambda n, v: convolutions_only(n)),
            Fact("weights", "has as many parameters as the classifier", lambda n, v: as_many_weights(n)),
            Fact("places", "gives five numbers for every window", lambda n, v: one_answer_a_place(n)),
            Fact("softmax", "ends with a softmax", lambda n, v: shares(n)),
        ),
        computes=Fact(
            "computes",
            "says what the classifier says, for every window",
            lambda n, v: True,
            "Compare both models on maps of 7 × 7 first.",
            weight=3,
        ),
    ),
    misconceptions=(
        Misconception(
            "dense-kept",
            "This is the classifier itself. A Dense layer after Flatten has a weight for each place, so it takes one "
            "size only.",
            "Which layer gives a number for a whole 7 × 7 window, and can then move on?",
        ),
        Misconception(
            "maps-first",
            "The weights of the first layer went into the wrong places: you unrolled them as if the maps came first. "
            "`Flatten` goes through an array in its own order, in which the last axis runs fastest.",
            "`np.arange(8).reshape(2, 2, 2)`: which index changes from one number to the next?",
        ),
        Misconception(
            "rows-and-columns",
            "In the kernel of your first layer rows and columns are exchanged.",
            "Which axis of an array comes first, rows or columns? Does the kernel of Conv2D have the same order?",
        ),
        Misconception(
            "turned-round",
            "The kernel of your first layer is turned by half a turn. Mathematicians turn it when they convolve; Keras "
            "lays it on the maps as it is.",
            "Compare both models on a 7 × 7 map with a single 1 in a corner.",
        ),
        Misconception(
            "no-bias",
            "The biases of the classifier are missing.",
            "`layer.get_weights()` of a Dense layer: what is in the list?",
        ),
        Misconception(
            "same",
            "Your first layer pads the maps with zeros, so it also answers for windows that hang over the edge. The "
            "classifier never saw such windows.",
            "Which padding makes one place of a 7 × 7 map?",
        ),
        Misconception(
            "tiles",
            "Your window moves by 7, so it skips most places. Only windows side by side are answered.",
            "How many windows of 7 × 7 fit into 10 × 12, if they may overlap?",
        ),
        Misconception(
            "averaged",
            "You take a mean over all windows. So one answer is left for the whole image, and nobody knows where "
            "it was.",
            "Which shape should come out for maps of 10 × 12?",
        ),
        Misconception(
            "no-softmax",
            "The softmax is missing at the end. The largest number is still in the same place, but these are no "
            "probabilities.",
            "Do the numbers of one place add up to 1?",
        ),
        Misconception(
            "no-relu",
            "The ReLU of the first layer is missing.",
            "The argument `activation` of your first layer.",
        ),
    ),
    next="Give both models the same 7 × 7 maps, and print the largest difference.",
)

"""A squeeze-and-excitation block."""

from __future__ import annotations

from autograder.blueprint import Blueprint
from autograder.checkers.architecture import Architecture, Fact
from autograder.exercise import Exercise
from autograder.network import Layer, Network
from autograder.types import Misconception, Params, Slips

from .._lib.blocks import activated, batches, has, takes_and_gives


def block(params: Params, slips: Slips) -> Blueprint:
    """Hu, Shen and Sun, Conference on Computer Vision and Pattern Recognition (2018), 7132-7141, section 3."""
    net = Blueprint((10, 10, 24))
    if "not-squeezed" in slips:
        x = net.input
    elif "largest" in slips:
        x = net.global_max_pool(net.input, keepdims=True)
    else:
        x = net.global_average_pool(net.input, keepdims=True)
    if "one-layer" not in slips:
        x = net.dense(x, 24 if "no-bottleneck" in slips else 6, "" if "no-relu" in slips else "relu")
    x = net.dense(x, 24, "softmax" if "softmax" in slips else "relu" if "relu-gate" in slips else "sigmoid")
    if "gate-alone" in slips:
        return net
    if "added" in slips:
        net.add(net.input, x)
    else:
        net.multiply(net.input, x)
    return net


def dense(network: Network) -> tuple[Layer, ...]:
    return network.of("Dense")


def squeezed(network: Network) -> bool:
    pools = network.of("GlobalAveragePooling2D")
    return len(pools) == 1 and bool(dense(network)) and pools[0] in network.before(dense(network)[0])


def bottleneck(network: Network) -> bool:
    found = dense(network)
    return len(found) == 2 and has(found[0], units=6) and activated(network, found[0], "relu")


def gate(network: Network) -> bool:
    found = dense(network)
    return bool(found) and has(found[-1], units=24) and activated(network, found[-1], "sigmoid")


def weighted(network: Network) -> bool:
    """One of the two ways that are multiplied is the input itself."""
    found = network.of("Multiply")
    ways = network.branches(found[0]) if len(found) == 1 else ()
    kinds = [{layer.kind for layer in way} for way in ways]
    return len(ways) == 2 and set() in kinds and any("Dense" in kind for kind in kinds)


exercise = Exercise(
    id="block-squeeze-excite",
    title="A squeeze-and-excitation block",
    points=3,
    prompt="""**Build a squeeze-and-excitation block with the functional API, and hand in the model.** It takes 24 maps,
of shape `(10, 10, 24)`, and gives back the same maps, each multiplied with a weight of its own:

1. **Squeeze:** the mean of each map, so that 24 numbers are left of an image.
2. **Excite:** a `Dense` layer of 6 units with a ReLU, then a `Dense` layer of 24 units with a sigmoid.
3. Every map of the input is multiplied with its number from step 2.

Train nothing. The block is judged by its layers, and by what it computes: its weights are replaced by others first.""",
    key=block,
    checker=Architecture(
        input_shape=(10, 10, 24),
        max_parameters=10_000,
        inputs=batches((3, 10, 10, 24)),
        facts=(
            takes_and_gives((10, 10, 24), (10, 10, 24)),
            Fact("squeeze", "takes the mean of each map before anything else", lambda n, v: squeezed(n)),
            Fact(
                "bottleneck",
                "has a narrow Dense layer with a ReLU between squeeze and excitation",
                lambda n, v: bottleneck(n),
            ),
            Fact("gate", "gives each of the 24 maps a weight between 0 and 1 of its own", lambda n, v: gate(n)),
            Fact("weighted", "multiplies the input with these weights", lambda n, v: weighted(n)),
        ),
    ),
    misconceptions=(
        Misconception(
            "not-squeezed",
            "Your Dense layers look at every place by itself. Without the squeeze, the block never sees the whole "
            "image, and every place gets weights of its own.",
            "Which shape do the tensors between your layers have?",
        ),
        Misconception(
            "largest",
            "You squeeze with the largest number of each map. One single place then decides for the whole image.",
            "What does the first step of the question ask for?",
        ),
        Misconception(
            "one-layer",
            "There is only one Dense layer. The narrow layer before it makes the block small, and lets maps be seen "
            "together that often occur together.",
            "Count the Dense layers in `model.summary()`.",
        ),
        Misconception(
            "no-bottleneck",
            "Your first Dense layer is as wide as the maps are many. So the block has four times the weights, and "
            "nothing makes it find out what belongs together.",
            "Compare the number of parameters with 6 units and with 24.",
        ),
        Misconception(
            "no-relu",
            "Nothing stands between your two Dense layers. Two linear steps in a row are one linear step.",
            "The argument `activation` of the first Dense layer.",
        ),
        Misconception(
            "softmax",
            "Your weights add up to 1. So one map can only be raised if others are pushed down, and with 24 maps all "
            "become very small. Several maps may matter at the same time.",
            "When do numbers have to compete with each other, and when are they questions of yes or no?",
        ),
        Misconception(
            "relu-gate",
            "Your weights can be as large as they like. A map should be let through, or held back, and not be "
            "made ever larger.",
            'Between which numbers should a weight lie that means "how much of it"?',
        ),
        Misconception(
            "added",
            "You add the weights to the maps. That shifts each map by a constant, and switches nothing off.",
            "What must be done with a map so that the weight 0 makes it vanish?",
        ),
        Misconception(
            "gate-alone",
            "Your model gives the weights themselves. The maps that they belong to are missing at the end.",
            "Which two tensors meet in the last step?",
        ),
    ),
    next="Print `model.summary()`, and go through it beside the three steps.",
)

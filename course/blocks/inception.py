"""An inception module."""

from __future__ import annotations

from autograder.blueprint import Blueprint, Node
from autograder.checkers.architecture import Architecture, Fact
from autograder.exercise import Exercise
from autograder.network import Layer, Network
from autograder.types import Misconception, Params, Slips

from .._lib.blocks import ACTIVATIONS, activated, batches, has, takes_and_gives

ONE, THREE, FIVE, POOL = "the first", "the second", "the third", "the fourth"


def module(params: Params, slips: Slips) -> Blueprint:
    """Szegedy et al., Conference on Computer Vision and Pattern Recognition (2015), 1-9, figure 2b."""
    net = Blueprint((12, 12, 20))
    relu = "" if "no-activation" in slips else "relu"

    def conv(x: Node, maps: int, side: int) -> Node:
        return net.conv(x, maps, side, activation=relu)

    one = conv(net.input, 8, 1)
    three = conv(net.input if "not-reduced" in slips else conv(net.input, 12, 1), 16, 3)
    five = conv(net.input if "not-reduced" in slips else conv(net.input, 4, 1), 6, 5)
    if "two-threes" in slips:
        five = conv(conv(conv(net.input, 4, 1), 6, 3), 6, 3)
    if "in-a-row" in slips:
        five = conv(conv(three, 4, 1), 6, 5)
    pooling = net.average_pool if "average" in slips else net.max_pool
    if "pool-last" in slips:
        pooled = pooling(conv(net.input, 10, 1), 3, 1, "same")
    else:
        pooled = pooling(net.input, 3, 1, "same")
        pooled = pooled if "pool-alone" in slips else conv(pooled, 10, 1)
    if "other-order" in slips:
        net.concatenate(pooled, five, three, one)
    elif "no-pool" in slips:
        net.concatenate(one, three, five)
    else:
        net.concatenate(one, three, five, pooled)
    return net


SHAPES: dict[str, list[tuple[str, int, int]]] = {
    ONE: [("Conv2D", 1, 8)],
    THREE: [("Conv2D", 1, 12), ("Conv2D", 3, 16)],
    FIVE: [("Conv2D", 1, 4), ("Conv2D", 5, 6)],
    POOL: [("MaxPooling2D", 3, 0), ("Conv2D", 1, 10)],
}
"""Of each branch: kind, side of the window, maps."""


def branches(network: Network) -> list[list[Layer]]:
    """Return the layers of each branch that compute, in the order in which they are put side by side."""
    joined = network.of("Concatenate")
    ways = network.branches(joined[0]) if len(joined) == 1 else ()
    return [[layer for layer in way if layer.kind not in ACTIVATIONS] for way in ways]


def shaped(layers: list[Layer]) -> list[tuple[str, int, int]]:
    return [
        (layer.kind, layer.pair("pool_size" if "Pooling" in layer.kind else "kernel_size")[0],
         layer.config.get("filters", 0))
        for layer in layers
    ]  # fmt: skip


def has_branch(name: str) -> Fact:
    said = {
        ONE: "a 1 × 1 convolution of 8 maps",
        THREE: "a 1 × 1 convolution of 12 maps, then a 3 × 3 convolution of 16 maps",
        FIVE: "a 1 × 1 convolution of 4 maps, then a 5 × 5 convolution of 6 maps",
        POOL: "3 × 3 max pooling, then a 1 × 1 convolution of 10 maps",
    }
    return Fact(
        name.removeprefix("the "),
        f"has {name} branch: {said[name]}",
        lambda network, variant: SHAPES[name] in [shaped(branch) for branch in branches(network)],
    )


def in_order(network: Network) -> bool:
    """Told by the last layer of each, so that a fault inside a branch counts once."""
    ends = [SHAPES[name][-1] for name in (ONE, THREE, FIVE, POOL)]
    places = [ends.index(end) for branch in branches(network) for end in shaped(branch)[-1:] if end in ends]
    return len(places) > 1 and places == sorted(places)


def side_by_side(network: Network) -> bool:
    """No branch reads what another has made."""
    found = branches(network)
    names = [layer.name for branch in found for layer in branch]
    return len(found) == 4 and len(set(names)) == len(names)


def active(network: Network) -> bool:
    found = network.of("Conv2D")
    return bool(found) and all(activated(network, conv, "relu") for conv in found)


def kept_size(network: Network) -> bool:
    found = network.of("Conv2D", "MaxPooling2D")
    return bool(found) and all(has(layer, strides=1) for layer in found)


exercise = Exercise(
    id="block-inception",
    title="An inception module",
    points=4,
    prompt="""**Build an inception module with the functional API, and hand in the model.** It takes maps of shape
`(12, 12, 20)`. Four branches all begin at the input:

| branch | layers |
|:---|:---|
| first | a 1 × 1 convolution of 8 maps |
| second | a 1 × 1 convolution of 12 maps, then a 3 × 3 convolution of 16 maps |
| third | a 1 × 1 convolution of 4 maps, then a 5 × 5 convolution of 6 maps |
| fourth | 3 × 3 max pooling, then a 1 × 1 convolution of 10 maps |

Every layer has stride 1 and padding `"same"`, also the pooling. Every convolution is followed by a ReLU. At the end the
maps of all branches are put side by side, **in the order of this table**, with `Concatenate`.

Train nothing. The module is judged by its layers, and by what it computes: its weights are replaced by others
first.""",
    key=module,
    checker=Architecture(
        input_shape=(12, 12, 20),
        max_parameters=100_000,
        inputs=batches((2, 12, 12, 20)),
        facts=(
            takes_and_gives((12, 12, 20), (12, 12, 40)),
            Fact("side-by-side", "joins four branches that all begin at the input", lambda n, v: side_by_side(n)),
            has_branch(ONE),
            has_branch(THREE),
            has_branch(FIVE),
            has_branch(POOL),
            Fact("order", "joins its branches in the order of the table", lambda n, v: in_order(n)),
            Fact("active", "has a ReLU after every convolution", lambda n, v: active(n)),
            Fact("strides", "moves every window by 1", lambda n, v: kept_size(n)),
        ),
    ),
    misconceptions=(
        Misconception(
            "not-reduced",
            "The 3 × 3 and 5 × 5 convolutions read the input itself. The small 1 × 1 convolutions before them are what "
            "makes the module cheap: they hand on fewer maps.",
            "Count the weights of a 5 × 5 convolution that reads 20 maps, and of one that reads 4.",
        ),
        Misconception(
            "in-a-row",
            "Your third branch begins where the second one ends. All branches should look at the same input.",
            "Draw the module: how many arrows leave the input?",
        ),
        Misconception(
            "two-threes",
            "You took two 3 × 3 convolutions in place of the 5 × 5 one. Later networks do so, and with good reason; "
            "the module asked for here has the larger window.",
            "How many weights have two 3 × 3 kernels, and how many has a 5 × 5 kernel?",
        ),
        Misconception(
            "average",
            "Your fourth branch takes means. A mean blurs what stands out in a window.",
            "`MaxPooling2D` and `AveragePooling2D` on one window of numbers.",
        ),
        Misconception(
            "pool-last",
            "In your fourth branch the convolution comes before the pooling. Then it must work out which patterns "
            "matter before it has seen what is strongest nearby.",
            "Read the fourth row of the table from left to right.",
        ),
        Misconception(
            "pool-alone",
            "Your fourth branch only pools. Pooling keeps the number of maps, so this branch alone hands on as many "
            "maps as came in, and a tower of such modules gets wider and wider.",
            "How many maps does your fourth branch add?",
        ),
        Misconception(
            "no-pool",
            "The branch with the pooling is missing.",
            "Count the tensors that you give to `Concatenate`.",
        ),
        Misconception(
            "other-order",
            "All branches are there, but they are joined from the last to the first. Whoever reads these maps must "
            "know which is which.",
            "The order of the list that `Concatenate` is given.",
        ),
        Misconception(
            "no-activation",
            "Your convolutions have no activation. A 1 × 1 convolution and a 3 × 3 one after it are then one linear "
            "step, which a 3 × 3 convolution could do alone.",
            'The argument `activation="relu"`.',
        ),
    ),
    next="Print `model.summary()`, and look for each row of the table.",
)

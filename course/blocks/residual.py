"""A residual block whose shortcut has to change the shape."""

from __future__ import annotations

from autograder.blueprint import Blueprint, Node
from autograder.checkers.architecture import Architecture, Fact
from autograder.exercise import Exercise
from autograder.network import Layer, Network
from autograder.types import Misconception, Params, Slips

from .._lib.blocks import ACTIVATIONS, activated, batches, convolutions, has, takes_and_gives


def block(params: Params, slips: Slips) -> Blueprint:
    """He, Zhang, Ren and Sun, Conference on Computer Vision and Pattern Recognition (2016), 770-778, figure 2."""
    net = Blueprint((8, 8, 16))

    def conv(x: Node, side: int, strides: int) -> Node:
        made = net.conv(x, 32, side, strides)
        return made if "not-normalized" in slips else net.batch_norm(made)

    strides = (1, 2) if "second-strides" in slips else (2, 1)
    x = conv(net.input, 3, 2 if "one-convolution" in slips else strides[0])
    if "one-convolution" not in slips:
        x = conv(x if "no-activation-between" in slips else net.activation(x, "relu"), 3, strides[1])
    if {"activation-too-early", "activation-twice"} & slips:
        x = net.activation(x, "relu")
    if "no-shortcut" not in slips:
        if "pooled-shortcut" in slips:
            short = conv(net.max_pool(net.input), 1, 1)
        else:
            short = conv(net.input, 3 if "wide-shortcut" in slips else 1, 2)
        if "activation-on-shortcut" in slips:
            short = net.activation(short, "relu")
        x = net.concatenate(x, short) if "concatenated" in slips else net.add(x, short)
    if not {"activation-too-early", "no-last-activation"} & slips:
        net.activation(x, "relu")
    return net


Way = tuple[Layer, ...]


def ways(network: Network) -> tuple[Way, Way]:
    """Return the long way and the shortcut, both without the sum. Without a sum, everything is the long way."""
    sums = network.of("Add")
    found = network.branches(sums[0]) if len(sums) == 1 else ()
    if len(found) != 2:
        return network.layers, ()
    short, long = sorted(found, key=lambda way: len(convolutions(way, 3)))
    return long, short


def long_convolutions(network: Network) -> list[Layer]:
    return convolutions(ways(network)[0], 3)


def two_convolutions(network: Network) -> bool:
    found = long_convolutions(network)
    return len(found) == 2 and found[0] in network.before(found[1]) and all(has(conv, filters=32) for conv in found)


def stride_first(network: Network) -> bool:
    found = long_convolutions(network)
    return bool(found) and has(found[0], strides=2) and all(has(conv, strides=1) for conv in found[1:])


def normalized(network: Network) -> bool:
    found = network.of("Conv2D")
    return bool(found) and all(
        [reader.kind for reader in network.readers(conv)] == ["BatchNormalization"] for conv in found
    )


def activation_between(network: Network) -> bool:
    found = long_convolutions(network)
    return len(found) > 1 and all(activated(network, conv, "relu") for conv in found[:-1])


def goes_round(network: Network) -> bool:
    """The sum joins two ways that part at the input."""
    long, short = ways(network)
    return bool(short) and {c.name for c in network.of("Conv2D")} <= {layer.name for layer in (*long, *short)}


def projected(network: Network) -> bool:
    works = [layer for layer in ways(network)[1] if layer.kind not in ("BatchNormalization", *ACTIVATIONS)]
    return [layer.kind for layer in works] == ["Conv2D"] and has(works[0], kernel_size=1, strides=2, filters=32)


def bare_sum(network: Network) -> bool:
    """No activation between the last convolution of a way and the sum."""
    long, short = ways(network)
    last = [convolution for way in (long, short) for convolution in [c for c in way if c.kind == "Conv2D"][-1:]]
    return bool(short) and not any(activated(network, conv, "relu") for conv in last)


def activation_last(network: Network) -> bool:
    last = network.last
    return last is not None and last.activation == "relu" and last.name not in {x.name for x in ways(network)[1]}


exercise = Exercise(
    id="block-residual",
    title="A residual block",
    points=4,
    prompt="""**Build a residual block with the functional API, and hand in the model.** It takes maps of shape
`(8, 8, 16)` and makes 32 maps of half the height and width.

- The main way: a 3 × 3 convolution with stride 2, batch normalization, ReLU, a 3 × 3 convolution with stride 1, batch
  normalization. Both convolutions make 32 maps, with padding `"same"`.
- The shortcut begins at the input of the block. It has to give the same shape as the main way: a 1 × 1 convolution with
  stride 2 and 32 maps, and batch normalization.
- Both are added, and then comes one more ReLU.

Train nothing. Whether the convolutions have a bias is up to you. The block is judged by its layers, and by what it
computes: its weights are replaced by others first.""",
    key=block,
    checker=Architecture(
        input_shape=(8, 8, 16),
        max_parameters=100_000,
        inputs=batches((2, 8, 8, 16)),
        facts=(
            takes_and_gives((8, 8, 16), (4, 4, 32)),
            Fact("main-way", "has two 3 × 3 convolutions of 32 maps on its main way", lambda n, v: two_convolutions(n)),
            Fact("stride", "halves the maps with the first 3 × 3 convolution", lambda n, v: stride_first(n)),
            Fact("normalized", "normalizes right after each convolution", lambda n, v: normalized(n)),
            Fact("between", "has a ReLU between the two 3 × 3 convolutions", lambda n, v: activation_between(n)),
            Fact(
                "shortcut",
                "adds a shortcut that begins at the input of the block",
                lambda n, v: goes_round(n),
                weight=2,
            ),
            Fact("projection", "changes the shape on the shortcut in the way asked for", lambda n, v: projected(n)),
            Fact("bare-sum", "adds both ways as they are, with no activation just before", lambda n, v: bare_sum(n)),
            Fact("last", "ends with a ReLU, after the sum", lambda n, v: activation_last(n)),
        ),
    ),
    misconceptions=(
        Misconception(
            "no-shortcut",
            "There is no shortcut. Without it, this is an ordinary stack of convolutions: the gradient has only one "
            "way back, and the block has to learn everything, even to do nothing.",
            "Which two tensors meet at the end of a residual block?",
        ),
        Misconception(
            "concatenated",
            "You put both ways side by side. So there are twice as many maps, and the main way no longer learns the "
            "difference to the input.",
            "Why is it called a residual, a difference?",
        ),
        Misconception(
            "one-convolution",
            "There is only one convolution on the main way. The shortcut should go round two of them.",
            "Count the 3 × 3 convolutions in `model.summary()`.",
        ),
        Misconception(
            "second-strides",
            "Your second convolution halves the maps. Then the first one works on four times as many places as needed.",
            "Look at the shapes in `model.summary()`, layer by layer.",
        ),
        Misconception(
            "not-normalized",
            "There is no batch normalization. In very deep networks the numbers then grow or vanish from block "
            "to block.",
            "Look for `BatchNormalization` in `model.summary()`.",
        ),
        Misconception(
            "no-activation-between",
            "Nothing stands between your two convolutions but a normalization. Two linear steps in a row are one "
            "linear step: the second convolution adds little.",
            "What can two convolutions do that one larger convolution cannot?",
        ),
        Misconception(
            "activation-too-early",
            "You apply the last ReLU before the two ways are added, and none after. So the main way can only add to "
            "the input, and never take anything away.",
            "Which values can come out of a ReLU? And which are needed to make a number smaller?",
        ),
        Misconception(
            "activation-twice",
            "There is one ReLU too many: at the end of the main way, before the sum. So the main way can only add to "
            "the input, and never take anything away.",
            "Which values can come out of a ReLU? And which are needed to make a number smaller?",
        ),
        Misconception(
            "activation-on-shortcut",
            "There is a ReLU on the shortcut. It should hand on what it gets as unchanged as the shapes allow.",
            "What is lost of a negative number in a ReLU?",
        ),
        Misconception(
            "no-last-activation",
            "No activation follows the sum. The next block would begin with a convolution, so that linear steps meet.",
            "Write down the last three layers of your block.",
        ),
        Misconception(
            "pooled-shortcut",
            "Your shortcut pools before it convolves. That works, too, but it is another block: here the 1 × 1 "
            "convolution itself moves by 2.",
            "The argument `strides` of `Conv2D`.",
        ),
        Misconception(
            "wide-shortcut",
            "The convolution on your shortcut has a 3 × 3 kernel. It costs nine times the parameters, only to fit the "
            "shape.",
            "How many weights has a 3 × 3 kernel from 16 to 32 maps, and how many has a 1 × 1 kernel?",
        ),
    ),
    next="Print `model.summary()`, and go through it beside the list in the question.",
)

"""A separable convolution: its parameters, and the layers that it is made of."""

from __future__ import annotations

from random import Random
from typing import Any

from autograder.blueprint import Blueprint
from autograder.checkers.architecture import Architecture, Fact
from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise
from autograder.network import Layer, Network
from autograder.types import Misconception, Params, Slips, Variant

from .._lib.blocks import activated, batches, has


def draw(rng: Random) -> dict[str, Any]:
    return {"kernel": rng.choice([3, 5]), "maps": rng.randrange(6, 15), "filters": rng.randrange(16, 40)}


def draw_large(rng: Random) -> dict[str, Any]:
    return {"kernel": rng.choice([3, 5, 7]), "maps": rng.randrange(32, 129), "filters": rng.randrange(64, 257)}


def count(params: Params, slips: Slips) -> int:
    area, maps, filters = params["kernel"] ** 2, params["maps"], params["filters"]
    if "ordinary" in slips:
        return int(area * maps * filters + filters)
    depth = 0 if "pointwise-alone" in slips else area * filters if "depth-of-output" in slips else area * maps
    point = (area if "wide-pointwise" in slips else 1) * maps * filters
    biases = 0 if "no-bias" in slips else maps + filters if "bias-twice" in slips else filters
    return int(depth + point + biases)


def block(params: Params, slips: Slips) -> Blueprint:
    """Chollet, Conference on Computer Vision and Pattern Recognition (2017), 1251-1258."""
    net = Blueprint((6, 6, params["maps"]))
    side, filters = params["kernel"], params["filters"]
    last = "" if "no-activation" in slips else "relu"
    if "ordinary" in slips:
        net.conv(net.input, filters, side, activation=last)
    elif "pointwise-first" in slips:
        net.depthwise(net.conv(net.input, filters, 1), side, activation=last)
    elif "depthwise-alone" in slips:
        net.depthwise(net.input, side, activation=last)
    else:
        between = "relu" if "activation-between" in slips else ""
        x = net.depthwise(net.input, side, padding="valid" if "valid" in slips else "same", activation=between)
        net.conv(x, filters, side if "wide-pointwise" in slips else 1, activation=last)
    return net


def shapes(network: Network, variant: Variant) -> bool:
    maps, filters = variant.params["maps"], variant.params["filters"]
    return network.input_shape[1:] == (6, 6, maps) and network.output_shape[1:] == (6, 6, filters)


def work(network: Network) -> list[Layer]:
    return [layer for layer in network.layers if layer.parameters]


def depthwise(network: Network, variant: Variant) -> bool:
    """The first step; a SeparableConv2D is both of them."""
    found = work(network)[:1]
    return [layer.kind for layer in found] in (["DepthwiseConv2D"], ["SeparableConv2D"]) and has(
        found[0], kernel_size=variant.params["kernel"]
    )


def pointwise(network: Network, variant: Variant) -> bool:
    found = work(network)[-1:]
    if not found or not has(found[0], filters=variant.params["filters"]):
        return False
    return found[0].kind == "SeparableConv2D" or (found[0].kind == "Conv2D" and has(found[0], kernel_size=1))


def linear_between(network: Network) -> bool:
    found = work(network)
    return 1 <= len(found) <= 2 and not any(
        layer.activation or activated(network, layer, "relu") for layer in found[:-1]
    )


def active(network: Network) -> bool:
    last = network.last
    return last is not None and last.activation == "relu"


def small(network: Network, variant: Variant) -> bool:
    """Each bias may be there or not."""
    p = variant.params
    weights = p["kernel"] ** 2 * p["maps"] + p["maps"] * p["filters"]
    return bool(weights <= network.parameters <= weights + p["maps"] + p["filters"])


parameters = Exercise(
    id="block-separable-parameters",
    title="The parameters of a separable convolution",
    points=2,
    prompt="""A separable convolution reads **{maps} maps** and makes **{filters} maps**. Its windows are
**{kernel} × {kernel}**. It is `SeparableConv2D({filters}, {kernel})` in Keras: the depthwise step has no bias, and each
of the maps that come out in the end has one. **How many parameters does it have?**""",
    params=draw_large,
    key=count,
    effort=lambda params: 5,  # a square, two products, two sums
    checker=Numeric(exact=True),
    misconceptions=(
        Misconception(
            "ordinary",
            "You counted an ordinary convolution, where each filter has a window for every map that comes in. A "
            "separable one looks at each map by itself first, and then mixes the maps.",
            "What are the two steps, and what does each of them need?",
        ),
        Misconception(
            "pointwise-alone",
            "You counted the second step only. The windows of the first step have weights, too.",
            "What are the two steps, and what does each of them need?",
        ),
        Misconception(
            "depth-of-output",
            "You gave the first step one window for each map that goes out. It works on the maps that come in.",
            "Draw both steps as boxes, and write beside each arrow how many maps it carries.",
        ),
        Misconception(
            "wide-pointwise",
            "You gave the second step the large window, too. It only mixes the maps, each place by itself.",
            "How large is the window of a pointwise convolution?",
        ),
        Misconception(
            "no-bias",
            "The biases are missing. Each map that goes out has one.",
            "The question says which biases there are.",
        ),
        Misconception(
            "bias-twice",
            "You gave biases to both steps. In `SeparableConv2D` there are none between the two.",
            "The question says which biases there are.",
        ),
    ),
    next="Count the weights of the first step, of the second step, and the biases, each by itself.",
)

exercise = Exercise(
    id="block-separable",
    title="A separable convolution",
    points=3,
    prompt="""**Build a separable convolution, and hand in the model.** It takes maps of shape `(6, 6, {maps})` and
gives `(6, 6, {filters})`:

1. a depthwise step with **{kernel} × {kernel}** windows, one for each map, padding `"same"`;
2. a pointwise step that mixes the maps and makes **{filters}** of them;
3. a ReLU at the very end. Between the two steps there is **no** activation.

You may use `DepthwiseConv2D` and a `Conv2D`, or `SeparableConv2D`, which is both. Whether there are biases is up to
you.

Train nothing. The model is judged by its layers, and by what it computes: its weights are replaced by others
first.""",
    params=draw,
    effort=lambda params: 2,  # layers to build
    key=block,
    checker=Architecture(
        max_parameters=50_000,
        inputs=lambda variant, rng: batches((2, 6, 6, variant.params["maps"]))(variant, rng),
        facts=(
            Fact("shapes", "takes and gives maps of the shapes asked for", shapes, "`model.summary()` shows both."),
            Fact("depthwise", "looks at each map by itself first, with a window of the size asked for", depthwise),
            Fact("pointwise", "then mixes the maps, place by place, and makes as many as asked for", pointwise),
            Fact("between", "has no activation between the two steps", lambda n, v: linear_between(n)),
            Fact("last", "ends with a ReLU", lambda n, v: active(n)),
            Fact("small", "has no more parameters than the two steps need", small),
        ),
    ),
    misconceptions=(
        Misconception(
            "ordinary",
            "This is an ordinary convolution: each filter looks at all maps and at a whole window at once. A separable "
            "one does this in two steps, with far fewer weights.",
            "Compare your number of parameters with the one that you computed in the last question.",
        ),
        Misconception(
            "pointwise-first",
            "Your two steps have changed places: the maps are mixed first, and each mix is looked at by itself "
            "afterwards. That costs more, because there are more maps then.",
            "Read the list in the question from the top.",
        ),
        Misconception(
            "depthwise-alone",
            "Your maps are never mixed. Each one that goes out knows of a single one that came in.",
            "How many maps does your model give?",
        ),
        Misconception(
            "wide-pointwise",
            "Your second step has a large window, too, so it is an ordinary convolution again, with all its weights.",
            "Which window sees one place only?",
        ),
        Misconception(
            "activation-between",
            "There is an activation between the two steps. The author of Xception tried it, and his networks learned "
            "less well: what is cut off there is lost before the maps are mixed.",
            "`SeparableConv2D` applies its activation once. When?",
        ),
        Misconception(
            "valid",
            "Your maps shrink at the edges.",
            "The argument `padding`.",
        ),
        Misconception(
            "no-activation",
            "There is no activation at the end.",
            "What is the third step in the list?",
        ),
    ),
    next="Print `model.summary()`, and compare each row with the list in the question.",
)

exercises = (parameters, exercise)

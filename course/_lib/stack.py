"""The arithmetic of a stack of convolutions, written once, with the slips that people make on the way.

A stack is a dict of JSON values: height, width, channels and batch of the images, and layers, a list of dicts with
filters, kernel (a side, or [height, width]), stride and padding ("same" or "valid"). Each key takes the stack and a set
of slips, which combine: `count_parameters(stack, frozenset({"no-bias", "reversed"}))`.

Sizes follow Keras: ceil(n / stride) for "same", ceil((n - kernel + 1) / stride) for "valid". Memory is in megabytes of
10^6 bytes, with float32 numbers, and counts what a framework cannot do without: at prediction the two neighbouring
layers (the image is the first one) that are largest together; in training all of them, for every image of the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import prod
from random import Random
from typing import Any

from autograder.types import Misconception, Params, Slips

Layer = Mapping[str, Any]
NONE: Slips = frozenset()

_SLIPS = (
    Misconception(
        "no-bias",
        "You counted the weights of the kernels only. Each feature map has one more parameter, which is added to every "
        "one of its outputs: its bias.",
        "What a Conv2D layer trains: `layer.weights` lists a kernel and a bias.",
    ),
    Misconception(
        "input-channels",
        "You let every layer look at the channels of the image. Only the first layer sees the image; each later one "
        "sees all the feature maps of the layer before it.",
        "How a convolution reads its input: through its whole depth.",
    ),
    Misconception(
        "reversed",
        "You went through the layers from the last to the first. The image enters the first layer of the list, and the "
        "order decides how many maps each layer sees.",
        "Draw the stack as a chain of boxes, and write next to each arrow how many maps it carries.",
    ),
    Misconception(
        "no-kernel-area",
        "You counted one weight for each pair of an input map and an output map. A kernel has a weight for every "
        "position of its window, so a wider kernel costs more.",
        "What a kernel looks like as an array: rows, columns, maps in, maps out.",
    ),
    Misconception(
        "bias-per-input",
        "You gave a bias to every pair of an input map and an output map. The sums over all input maps are added up "
        "first, and one bias is added to the result: one for each output map.",
        "The formula of one output of a convolution: where does the bias stand?",
    ),
    Misconception(
        "filters-times-kernels",
        "You multiplied the number of filters by the size of the kernel, as if a filter were flat. A filter reaches "
        "through all the maps of its input, so its depth counts, too.",
        "What a kernel looks like as an array: rows, columns, maps in, maps out.",
    ),
    Misconception(
        "stride-ignored",
        "You let the window move by one position at every layer. With a larger stride it skips positions, and the maps "
        "that come out are smaller.",
        "What the stride of a convolution does to the size of its output.",
    ),
    Misconception(
        "valid-for-same",
        'You shrank every layer as if it had no padding. With "same" padding, zeros around the input let the window '
        "start at the very edge, so that only the stride makes the output smaller.",
        'The two kinds of padding, "same" and "valid", worked through on seven pixels.',
    ),
    Misconception(
        "floor-for-ceiling",
        "You rounded down where the stride does not divide evenly. The window also takes the last position that it "
        "reaches, even if a full step no longer follows, so the number is rounded up.",
        "Mark on paper at which of seven pixels a window of stride 2 starts, and count.",
    ),
    Misconception(
        "all-layers",
        "You added up all layers. When a network only predicts, a layer's output can be forgotten as soon as the next "
        "layer has used it: no more than two neighbours are needed at once.",
        "Why prediction needs less memory than training.",
    ),
    Misconception(
        "two-layers",
        "You counted two layers, which is enough to predict. Training goes back through the network afterwards, and "
        "for that it keeps the output of every layer.",
        "Why training needs more memory than prediction: the backward pass.",
    ),
    Misconception(
        "parameters-forgotten",
        "You counted the images and the outputs of the layers. The parameters lie in memory all the time, too.",
        "A list of everything that must be in memory at once.",
    ),
    Misconception(
        "input-forgotten",
        "You left out the images themselves. The first layer needs them again when the gradients are computed, so they "
        "stay in memory like the output of a layer.",
        "A list of everything that must be in memory at once.",
    ),
    Misconception(
        "bits-for-bytes",
        "You counted a float32 number as 32 bytes. It has 32 bits.",
        "How many bits are a byte?",
    ),
    Misconception(
        "mebibytes",
        "You divided by 1,024 twice, which gives mebibytes (MiB). A megabyte (MB) is a million bytes.",
        "Decimal and binary prefixes: MB and MiB.",
    ),
    Misconception(
        "bytes",
        "You gave the number of bytes. The question asks for megabytes.",
        "Decimal and binary prefixes: MB and MiB.",
    ),
    Misconception(
        "batch-forgotten",
        "You counted a single image. The outputs of the layers are needed for every image of the batch at once.",
        "What grows with the size of a batch, and what doesn't.",
    ),
    Misconception(
        "batch-on-parameters",
        "You multiplied the parameters by the size of the batch, too. All images share the same parameters.",
        "What grows with the size of a batch, and what doesn't.",
    ),
    Misconception(
        "width-first",
        "You gave the width before the height. Arrays of images have rows first, so the height comes before the width.",
        "The order of the axes of an image array: `image.shape`.",
    ),
    Misconception(
        "channels-first",
        "You gave the number of maps first. Keras puts it last unless it is told otherwise: height, width, channels.",
        "The order of the axes of an image array: `image.shape`.",
    ),
)


def slips(*ids: str) -> tuple[Misconception, ...]:
    """Return the slips of these ids, for an exercise to list."""
    known = {slip.id: slip for slip in _SLIPS}
    return tuple(known[name] for name in ids)


IN_PARAMETERS = slips(
    "no-bias", "input-channels", "reversed", "no-kernel-area", "bias-per-input", "filters-times-kernels"
)  # fmt: skip
IN_SHAPES = slips("stride-ignored", "valid-for-same", "floor-for-ceiling", "reversed", "width-first", "channels-first")
IN_MEMORY = slips("stride-ignored", "valid-for-same", "parameters-forgotten", "bits-for-bytes", "mebibytes", "bytes")
IN_PREDICTION = (*IN_MEMORY, *slips("all-layers"))
IN_TRAINING = (*IN_MEMORY, *slips("two-layers", "input-forgotten", "batch-forgotten", "batch-on-parameters"))
ROUNDING = slips("floor-for-ceiling")
"""Shows in the memory of drawn stacks, whose sizes are odd; in that of the fixed one it drowns in the tolerance."""


def count_parameters(stack: Params, slips: Slips = NONE) -> int:
    """Return how many parameters all layers have together: kernel area x maps in x maps out, and a bias a map."""
    total, maps = 0, stack["channels"]
    for layer in _layers(stack, slips):
        seen = stack["channels"] if "input-channels" in slips else maps
        depth = 1 if "filters-times-kernels" in slips else seen
        area = 1 if "no-kernel-area" in slips else prod(_kernel(layer))
        filters = layer["filters"]
        biases = 0 if "no-bias" in slips else seen * filters if "bias-per-input" in slips else filters
        total += area * depth * filters + biases
        maps = filters
    return int(total)


def shapes(stack: Params, slips: Slips = NONE) -> list[tuple[int, int, int]]:
    """Return height, width and channels of the image and of the output of each layer."""
    found = [(stack["height"], stack["width"], stack["channels"])]
    for layer in _layers(stack, slips):
        height, width, _ = found[-1]
        rows, columns = _kernel(layer)
        found.append((_steps(height, rows, layer, slips), _steps(width, columns, layer, slips), layer["filters"]))
    return found


def output_shape(stack: Params, slips: Slips = NONE) -> tuple[int, ...]:
    """Return height, width and channels of what comes out of the last layer."""
    height, width, channels = shapes(stack, slips)[-1]
    if "width-first" in slips:
        height, width = width, height
    return (channels, height, width) if "channels-first" in slips else (height, width, channels)


def memory_to_predict(stack: Params, slips: Slips = NONE) -> float:
    """Return the megabytes that one image needs."""
    layers = _activations(stack, slips)
    return _megabytes((sum(layers) if "all-layers" in slips else _largest_pair(layers)) + _held(stack, slips), slips)


def memory_to_train(stack: Params, slips: Slips = NONE) -> float:
    """Return the megabytes that one step on a batch needs, without gradients and an optimizer's own numbers."""
    layers = _activations(stack, slips)
    images = 1 if "batch-forgotten" in slips else stack["batch"]
    copies = stack["batch"] if "batch-on-parameters" in slips else 1
    kept = _largest_pair(layers) if "two-layers" in slips else sum(layers)
    return _megabytes(images * kept + copies * _held(stack, slips), slips)


def _layers(stack: Params, slips: Slips) -> Sequence[Layer]:
    layers: Sequence[Layer] = stack["layers"]
    return layers[::-1] if "reversed" in slips else layers


def _kernel(layer: Layer) -> tuple[int, int]:
    kernel = layer["kernel"]
    return (kernel, kernel) if isinstance(kernel, int) else (kernel[0], kernel[1])


def _steps(size: int, kernel: int, layer: Layer, slips: Slips) -> int:
    """Return at how many positions along one axis the window starts."""
    padded = layer["padding"] == "same" and "valid-for-same" not in slips
    starts = size if padded else size - kernel + 1
    stride = 1 if "stride-ignored" in slips else layer["stride"]
    return int(starts // stride if "floor-for-ceiling" in slips else -(-starts // stride))


def _activations(stack: Params, slips: Slips) -> list[int]:
    sizes = [prod(shape) for shape in shapes(stack, slips)]
    return sizes[1:] if "input-forgotten" in slips else sizes


def _largest_pair(layers: Sequence[int]) -> int:
    return max(map(sum, pairwise(layers)), default=sum(layers))


def _held(stack: Params, slips: Slips) -> int:
    return 0 if "parameters-forgotten" in slips else count_parameters(stack, slips)


def _megabytes(numbers: int, slips: Slips) -> float:
    of_each = 32 if "bits-for-bytes" in slips else 4
    return numbers * of_each / (2**20 if "mebibytes" in slips else 1 if "bytes" in slips else 10**6)


def steps_to_parameters(stack: Params) -> int:
    """Return how many sums and products a person writes down to count the parameters."""
    return 4 * len(stack["layers"]) + len(stack["layers"]) - 1  # area, times maps, plus bias, times filters; then add


def steps_to_shape(stack: Params) -> int:
    """As above, for the shape of the output: on each side, what the window loses, and what the stride skips."""
    return sum(2 * ((layer["padding"] == "valid") + (layer["stride"] > 1)) for layer in stack["layers"])


def steps_to_memory(stack: Params) -> int:
    """As above, for the memory, to predict or to train: every shape, its product, the parameters, and their sum."""
    maps = len(stack["layers"]) + 1
    # 2 products for each set of maps and a sum for each next one; plus the parameters, times the bytes, in MB.
    return steps_to_shape(stack) + 2 * maps + maps - 1 + steps_to_parameters(stack) + 3


def draw_stack(rng: Random) -> dict[str, Any]:
    """Draw a stack that is as much work as any other: four layers, of which one shrinks for lack of padding and three
    by their stride; an image with odd sides, one much longer; the two largest neighbours are layers, not the image."""
    while True:
        stack = _draw(rng)
        sizes = [prod(shape) for shape in shapes(stack)]
        if sizes[0] + sizes[1] < _largest_pair(sizes):
            return stack


def _draw(rng: Random) -> dict[str, Any]:
    wide, narrow = sorted(rng.sample([3, 5, 7], 2), reverse=True)
    (stride, padding), (next_stride, next_padding) = rng.sample([(2, "same"), (1, "valid")], 2)
    sides = [rng.randrange(61, 85, 2), rng.randrange(101, 125, 2)]
    rng.shuffle(sides)
    return {
        "height": sides[0],
        "width": sides[1],
        "channels": rng.choice([3, 4]),
        "batch": rng.choice([8, 12, 16, 20, 24]),
        "layers": [
            _layer(8 * rng.randint(3, 6), wide, 2, "same"),
            _layer(8 * rng.randint(8, 12), narrow, stride, padding),
            _layer(8 * rng.randint(13, 15), 3, next_stride, next_padding),
            _layer(8 * rng.randint(16, 24), 3, 2, "same"),
        ],
    }


def _layer(filters: int, kernel: int, stride: int, padding: str) -> dict[str, Any]:
    return {"filters": filters, "kernel": kernel, "stride": stride, "padding": padding}


def show(stack: Params) -> dict[str, str]:
    """Return what a prompt may say about a stack: the image in words, the layers as a Markdown table."""
    rows = [
        f'| {place} | {layer["filters"]} | {_by(_kernel(layer))} | {layer["stride"]} | "{layer["padding"]}" |'
        for place, layer in enumerate(stack["layers"], start=1)
    ]
    table = ["| layer | feature maps | kernel | stride | padding |", "|---|---|---|---|---|", *rows]
    image = f"{stack['height']} rows, {stack['width']} columns and {stack['channels']} channels"
    return {"image": image, "layers": "\n".join(table)}


def _by(kernel: tuple[int, int]) -> str:
    return f"{kernel[0]} × {kernel[1]}"


FIXED: Mapping[str, Any] = {
    "height": 200,
    "width": 300,
    "channels": 3,
    "batch": 50,
    "layers": [_layer(filters, 3, 2, "same") for filters in (100, 200, 400)],
}
"""The network of which three exercises ask, the same for everyone."""

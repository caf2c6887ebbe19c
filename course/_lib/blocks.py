"""What blocks of layers are judged by: inputs that are drawn, and questions about their layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checkers.architecture import Fact
from autograder.network import Layer, Network
from autograder.types import Variant

ACTIVATIONS = ("Activation", "ReLU", "Relu", "Sigmoid", "Softmax", "LeakyReLU")


def batches(*shapes: tuple[int, ...]) -> Callable[[Variant, Random], Iterator[NDArray[np.float32]]]:
    """Return what Architecture takes as inputs: one batch of each of these shapes, of numbers around zero."""

    def draw(variant: Variant, rng: Random) -> Iterator[NDArray[np.float32]]:
        for shape in shapes:
            yield np.random.default_rng(rng.getrandbits(64)).standard_normal(shape).astype(np.float32)

    return draw


def takes_and_gives(taken: tuple[int, ...], given: tuple[int, ...]) -> Fact:
    return Fact(
        "shapes",
        f"takes {taken} and gives {given} for each image",
        lambda network, variant: network.input_shape[1:] == taken and network.output_shape[1:] == given,
        "`model.summary()` shows both.",
    )


def convolutions(layers: Iterable[Layer], side: int) -> list[Layer]:
    """Return the ordinary convolutions with a square kernel of this side."""
    return [layer for layer in layers if layer.kind == "Conv2D" and layer.pair("kernel_size") == (side, side)]


def has(layer: Layer, **settings: Any) -> bool:
    """Whether these are its settings; a number stands for a pair of it, too."""
    return all(
        layer.config.get(name) == value or layer.pair(name) == (value, value) for name, value in settings.items()
    )


def activated(network: Network, layer: Layer, name: str) -> bool:
    """Whether this activation comes right after the layer, as part of it or as the only one to read it, perhaps after
    a batch normalization."""
    while not layer.activation:
        readers = network.readers(layer)
        if len(readers) != 1 or readers[0].kind not in (*ACTIVATIONS, "BatchNormalization"):
            return False
        layer = readers[0]
    return layer.activation == name

"""What the weights of a handed-in model tell of how its backbone was treated, and the keys of the exercises on that.

Only weights are believed: whether a layer says that it is trainable, or what a history reports, proves nothing. Each
weight is compared with the backbone's own, which the data pack `backbone` brings along as sketches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from autograder.network import Layer, Network
from autograder.types import Params, Slips, Variant

MAX_PARAMETERS = 3_000_000  # MobileNetV2 without its top has 2,257,984
STILL = 1e-5  # relative; a weight that moved less has not been trained
FAR = 0.5  # relative; a kernel that moved further is no longer what it was
FIRST_FREE = 7  # from this block on, fine-tuning may move weights

Known = Mapping[str, Mapping[str, Any]]

_KINDS = {"gamma": "BatchNormalization", "beta": "BatchNormalization"}


def known(variant: Variant) -> Known:
    """The backbone's weights, in its order: {"Conv1/kernel": {"shape": [...], "sketch": [...]}, ...}."""
    assert variant.hidden is not None
    found: Known = variant.hidden.extras["backbone"]
    return found


def classes(variant: Variant) -> int:
    assert variant.hidden is not None
    return len(variant.hidden.extras["pictures"]["classes"])


def early(name: str) -> bool:
    """Whether a weight lies before the blocks that fine-tuning may move."""
    layer = name.partition("/")[0]
    if layer.startswith("block_"):
        return int(layer.split("_")[1]) < FIRST_FREE
    return not layer.startswith("Conv_1")


def is_kernel(name: str) -> bool:
    return name.endswith("kernel")


def is_statistic(name: str) -> bool:
    return name.rpartition("/")[2].startswith("moving_")


# ---------------------------------------------------------------------------------------------------------- the facts


def moved(network: Network, variant: Variant, which: Callable[[str], bool]) -> list[float]:
    """How far the weights of one kind have moved; those that the model lacks are left out."""
    return [apart for name, apart in network.moved(known(variant)).items() if which(name)]


def still(which: Callable[[str], bool]) -> Callable[[Network, Variant], bool]:
    """A fact: there are weights of this kind, and none of them has moved."""

    def holds(network: Network, variant: Variant) -> bool:
        found = moved(network, variant, which)
        return bool(found) and max(found) <= STILL

    return holds


def whole(network: Network, variant: Variant) -> bool:
    return len(network.moved(known(variant))) == len(known(variant))


def pretrained(network: Network, variant: Variant) -> bool:
    """Weights that were drawn anew are at least as far from the backbone's as those are long."""
    found = moved(network, variant, is_kernel)
    return bool(found) and float(np.median(found)) < 0.8


def gentle(network: Network, variant: Variant) -> bool:
    found = moved(network, variant, is_kernel)
    return bool(found) and max(found) <= FAR


def late_moved(network: Network, variant: Variant) -> bool:
    found = moved(network, variant, lambda name: is_kernel(name) and not early(name))
    return bool(found) and max(found) > STILL


def own_layers(network: Network, variant: Variant) -> list[Layer]:
    """Layers with weights that are not the backbone's."""
    names = known(variant)
    return [layer for layer in network.layers if layer.weights and not any(name in names for name in layer.weights)]


def outputs(network: Network, variant: Variant) -> bool:
    return network.output_shape == (None, classes(variant))


def head(network: Network, variant: Variant) -> bool:
    """The model ends with layers of the student's own, computed from the backbone, whose biases are no longer zero."""
    last, names = network.last, known(variant)
    if last is None or not any(name in names for layer in network.before(last) for name in layer.weights):
        return False
    own = [layer for layer in own_layers(network, variant) if layer.kind in ("Dense", "Conv2D")]
    biases = [weight for layer in own for name, weight in layer.weights.items() if name.endswith("/bias")]
    return bool(own) and all(any(weight.sketch) for weight in biases)


# ----------------------------------------------------------------------------------------------------------- the keys


@dataclass(frozen=True)
class Handed:
    """A model as somebody would hand it in who does what `shift` says to each weight of the backbone.

    shift: how far a weight moves, relative to its size. drawn: the backbone starts from weights drawn by chance.
    """

    shift: Callable[[str], float] = lambda name: 0.0
    drawn: bool = False
    keep: Callable[[str], bool] = lambda name: True
    own_network: bool = False
    trained: bool = True
    more_classes: int = 0

    def facts(self, variant: Variant) -> dict[str, Any]:
        layers: list[dict[str, Any]] = [_told("input", "InputLayer", [], {})]
        weights = {} if self.own_network else {n: w for n, w in known(variant).items() if self.keep(n)}
        for name in dict.fromkeys(weight.partition("/")[0] for weight in weights):
            held = {n: self._changed(n, w) for n, w in weights.items() if n.partition("/")[0] == name}
            kind = "BatchNormalization" if f"{name}/gamma" in held else "Conv2D"
            kind = "DepthwiseConv2D" if name.endswith("depthwise") else kind
            layers.append(_told(name, kind, [layers[-1]["name"]], held))
        if self.own_network:
            layers.append(_told("conv2d", "Conv2D", ["input"], {"conv2d/bias": {"shape": [8], "sketch": [0.1] * 8}}))
        n = classes(variant) + self.more_classes
        biases = [0.1 if self.trained else 0.0] * n
        layers.append(_told("pool", "GlobalAveragePooling2D", [layers[-1]["name"]], {}))
        layers.append(_told("dense", "Dense", ["pool"], {
            "dense/kernel": {"shape": [1280, n], "sketch": [0.1] * 32}, "dense/bias": {"shape": [n], "sketch": biases},
        }))  # fmt: skip
        return {
            "parameters": sum(layer["parameters"] for layer in layers), "input_shape": [None, 96, 96, 3],
            "output_shape": [None, n], "layers": layers,
        }  # fmt: skip

    def outputs(self, given: Any, draw: Any) -> Any:
        raise NotImplementedError("these exercises draw no inputs")

    def _changed(self, name: str, weight: Mapping[str, Any]) -> dict[str, Any]:
        sketch = np.array(weight["sketch"])
        if self.drawn:
            sketch = np.resize(np.random.default_rng(len(name)).normal(0, 1, 32), sketch.shape)
        by = self.shift(name)
        return {"shape": weight["shape"], "sketch": (sketch * (1 + by) + (1e-6 * (by > 0))).tolist()}


def _told(name: str, kind: str, reads: list[str], weights: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name, "class": kind, "from": reads, "trainable": True, "config": {},
        "parameters": sum(prod(weight["shape"]) for weight in weights.values()),
        "weights": [{"name": own, **weight} for own, weight in weights.items()],
    }  # fmt: skip


def key_of(handed: Mapping[str, Handed], right: Handed) -> Callable[[Params, Slips], Handed]:
    """The key of an exercise: the right way, or what a slip makes of it."""
    return lambda params, slips: handed[min(slips)] if slips else right

"""A model as it was handed over: its layers and how they are joined, read from facts that nobody has to believe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import dist, hypot
from typing import Any

_SAME = {
    "Convolution2D": "Conv2D", "SeparableConvolution2D": "SeparableConv2D", "MaxPool2D": "MaxPooling2D",
    "AvgPool2D": "AveragePooling2D", "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
}  # fmt: skip
_ACTIVATIONS = {"ReLU": "relu", "Relu": "relu", "Sigmoid": "sigmoid", "Softmax": "softmax", "LeakyReLU": "leaky_relu"}


@dataclass(frozen=True)
class Weight:
    shape: tuple[int | None, ...]
    sketch: tuple[float, ...]  # handin.weights.sketch


@dataclass(frozen=True)
class Layer:
    """An operation written as x + y is an Add like any other."""

    name: str
    kind: str  # the name of its class in Keras
    parameters: int = 0
    trainable: bool = True
    shape: tuple[int | None, ...] = ()  # of its output, the batch first; () where it has several
    reads: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, Weight] = field(default_factory=dict)  # "Conv1/kernel"

    def pair(self, setting: str) -> tuple[Any, Any]:
        """A setting for rows and columns, such as kernel_size: (3, 3) for 3, too."""
        value = self.config.get(setting)
        if isinstance(value, list) and value:
            return value[0], value[-1]
        return value, value

    @property
    def activation(self) -> str:
        """ "relu", whether it is a layer of its own or named in another; "" for none."""
        named = self.config.get("activation")
        if named is None and self.kind in _ACTIVATIONS:
            named = _ACTIVATIONS[self.kind]
        return "" if named == "linear" else _text(named).lower()


@dataclass(frozen=True)
class Network:
    """Layers stand in the order in which the file names them, those of a model inside it in its place."""

    layers: tuple[Layer, ...] = ()
    parameters: int = 0
    input_shape: tuple[int | None, ...] = ()
    output_shape: tuple[int | None, ...] = ()

    @classmethod
    def read(cls, facts: Mapping[str, Any]) -> Network:
        """Read Evidence.facts. Never raises: what is not as it should be is left out."""
        layers = tuple(map(_layer, _dicts(facts.get("layers"))))
        return cls(layers, _count(facts.get("parameters")), _shape(facts.get("input_shape")),
                   _shape(facts.get("output_shape")))  # fmt: skip

    @cached_property
    def _by_name(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.layers}

    def of(self, *kinds: str) -> tuple[Layer, ...]:
        """Return the layers of these kinds, in their order."""
        return tuple(layer for layer in self.layers if layer.kind in kinds)

    def before(self, layer: Layer) -> tuple[Layer, ...]:
        """Return everything that the layer is computed from, in order."""
        found, waiting = set[str](), list(layer.reads)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self._by_name:
                found.add(name)
                waiting += self._by_name[name].reads
        return tuple(known for known in self.layers if known.name in found)

    def readers(self, layer: Layer) -> tuple[Layer, ...]:
        """Return the layers that read this one."""
        return tuple(other for other in self.layers if layer.name in other.reads)

    def branches(self, merge: Layer) -> tuple[tuple[Layer, ...], ...]:
        """Return the ways that lead to a layer with several inputs, each from where all of them part.

        A shortcut that computes nothing is an empty branch. InputLayer is never part of one.
        """
        ways = []
        for name in merge.reads:
            last = self._by_name.get(name)
            ways.append((*self.before(last), last) if last is not None else ())
        shared = set.intersection(*({layer.name for layer in way} for way in ways)) if ways else set()
        return tuple(
            tuple(layer for layer in way if layer.name not in shared and layer.kind != "InputLayer") for way in ways
        )

    @property
    def last(self) -> Layer | None:
        """The layer that nothing reads; None where there is not exactly one."""
        read = {name for layer in self.layers for name in layer.reads}
        ends = [layer for layer in self.layers if layer.name not in read]
        return ends[0] if len(ends) == 1 else None

    def moved(self, known: Mapping[str, Any]) -> dict[str, float]:
        """Return how far each known weight has moved, relative to its size: 0 for one that is as it was.

        known: {"Conv1/kernel": {"shape": [...], "sketch": [...]}}. Weights that the network lacks are left out.
        """
        found: dict[str, float] = {}
        for name, weight in self._weights():
            if name in known and name not in found and list(weight.shape) == list(known[name]["shape"]):
                found[name] = _distance(weight.sketch, known[name]["sketch"])
        return found

    def _weights(self) -> Iterator[tuple[str, Weight]]:
        for layer in self.layers:
            yield from layer.weights.items()


def _distance(new: Sequence[float], old: Sequence[float]) -> float:
    if len(new) != len(old):
        return float("inf")
    apart = dist(new, old)
    return apart / max(hypot(*old), 1e-12) if apart else 0.0


def _layer(told: Mapping[str, Any]) -> Layer:
    kind, reads, config = _text(told.get("class")), told.get("from"), told.get("config")
    return Layer(
        name=_text(told.get("name")),
        kind=_SAME.get(kind, kind),
        parameters=_count(told.get("parameters")),
        trainable=told.get("trainable") is not False,
        shape=_shape(told.get("output_shape")),
        reads=tuple(map(_text, reads)) if type(reads) is list else (),
        config=config if type(config) is dict else {},
        weights={
            _text(weight.get("name")): Weight(_shape(weight.get("shape")), _numbers(weight.get("sketch")))
            for weight in _dicts(told.get("weights"))
        },
    )


def _dicts(value: Any) -> list[dict[str, Any]]:
    # By exact type: looking at anything else may run code of its own.
    return [item for item in value if type(item) is dict] if type(value) is list else []


def _text(value: Any) -> str:
    return value if type(value) is str else ""


def _count(value: Any) -> int:
    return value if type(value) is int and value >= 0 else 0


def _shape(value: Any) -> tuple[int | None, ...]:
    return tuple(n if type(n) is int else None for n in value) if type(value) is list else ()


def _numbers(value: Any) -> tuple[float, ...]:
    if type(value) is not list:
        return ()
    return tuple(float(n) for n in value if type(n) in (int, float) and abs(n) < 1e300)

"""A small network written down in NumPy: its layers as Keras would describe them, and what it computes.

The key of an exercise whose answer is a model. Nothing is trained; weights are drawn as handin.weights draws them, or
given. Sizes and numbers follow Keras (channels last); tests hold both side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from autograder.types import Variant
from handin.weights import sketch

Array = NDArray[Any]
Draw = Callable[[tuple[int, ...]], Array]
"""Gives the weights of a shape."""

Shape = tuple[int | None, ...]  # without the batch; None for a side that may have any length
Shapes = dict[str, tuple[int, ...]]
Pair = int | tuple[int, int]

_FUNCTIONS: Mapping[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "softmax": lambda x: _shares(np.exp(x - x.max(-1, keepdims=True))),
}  # fmt: skip


@dataclass(frozen=True)
class Node:
    """What a layer makes; give it to the next one."""

    name: str
    shape: Shape


@dataclass
class _Step:
    name: str
    kind: str
    reads: tuple[str, ...]
    shape: Shape
    config: dict[str, Any]
    weights: Shapes
    given: Mapping[str, Array]
    apply: Callable[[list[Array], dict[str, Array]], Array]


@dataclass
class Blueprint:
    """Draw it as with Keras's functional API: `x = net.conv(net.input, 8, 3)`. The last layer made is the output."""

    input_shape: Shape
    input: Node = field(init=False)
    _steps: list[_Step] = field(init=False, default_factory=list)
    _facts: dict[str, Any] = field(init=False, default_factory=dict)  # once they have been asked for
    _numbers: Any = field(init=False, default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.input = self._add("InputLayer", (), self.input_shape, {}, {}, lambda x, w: x[0])

    # -- what it is ------------------------------------------------------------------------------------------------

    def facts(self, variant: Variant) -> dict[str, Any]:
        """Return what the second sandbox would say of this model."""
        if self._facts:
            return self._facts
        layers = [self._told(step) for step in self._steps]
        self._facts = {
            "parameters": sum(layer["parameters"] for layer in layers),
            "input": "as given",
            "input_shape": [None, *self.input_shape],
            "output_shape": [None, *self._steps[-1].shape],
            "layers": layers,
        }
        return self._facts

    def outputs(self, given: Array, draw: Draw) -> Array:
        """Return what the network makes of a batch; weights that were not given are drawn. ValueError for a batch of
        another shape than the network takes."""
        _fit(np.shape(given), self.input_shape)
        made: dict[str, Array] = {}
        for step in self._steps:
            weights = {name: _drawn(name, shape, step, draw) for name, shape in step.weights.items()}
            read = [made[name] for name in step.reads] or [np.asarray(given, np.float64)]
            made[step.name] = step.apply(read, weights)
        return np.asarray(made[self._steps[-1].name], np.float32)

    def _told(self, step: _Step) -> dict[str, Any]:
        weights = [
            {"name": f"{step.name}/{name}", "shape": list(shape),
             "sketch": sketch(step.given[name]) if name in step.given else []}
            for name, shape in step.weights.items()
        ]  # fmt: skip
        return {
            "name": step.name, "class": step.kind, "trainable": True, "output_shape": [None, *step.shape],
            "parameters": sum(prod(shape) for shape in step.weights.values()), "from": list(step.reads),
            "config": step.config, "weights": weights,
        }  # fmt: skip

    # -- layers ----------------------------------------------------------------------------------------------------

    def conv(
        self, x: Node, filters: int, kernel: Pair, strides: Pair = 1, padding: str = "same", activation: str = "",
        bias: bool = True, given: Mapping[str, Array] | None = None,
    ) -> Node:  # fmt: skip
        """Conv2D. given: its "kernel" (rows, columns, maps in, maps out) and "bias", where they are not drawn."""
        sides, steps, depth = _pair(kernel), _pair(strides), x.shape[-1]
        assert depth is not None
        weights = _weights((*sides, depth, filters), filters if bias else 0)

        def apply(read: list[Array], w: dict[str, Array]) -> Array:
            windows = _windows(read[0], sides, steps, padding)
            summed = np.tensordot(windows, w["kernel"], axes=([4, 5, 3], [0, 1, 2]))
            return _activated(summed + w.get("bias", 0), activation)

        config = _config(filters=filters, kernel_size=list(sides), strides=list(steps), padding=padding,
                         use_bias=bias, activation=activation)  # fmt: skip
        shape = (*_after(x.shape, sides, steps, padding), filters)
        return self._add("Conv2D", (x,), shape, config, weights, apply, given)

    def depthwise(
        self, x: Node, kernel: Pair, strides: Pair = 1, padding: str = "same", activation: str = "", bias: bool = True
    ) -> Node:
        """DepthwiseConv2D, one kernel for each map."""
        sides, steps, depth = _pair(kernel), _pair(strides), x.shape[-1]
        assert depth is not None
        weights = _weights((*sides, depth, 1), depth if bias else 0)

        def apply(read: list[Array], w: dict[str, Array]) -> Array:
            windows = _windows(read[0], sides, steps, padding)
            return _activated(
                np.einsum("nijckl,klc->nijc", windows, w["kernel"][..., 0]) + w.get("bias", 0), activation
            )

        config = _config(kernel_size=list(sides), strides=list(steps), padding=padding, use_bias=bias,
                         depth_multiplier=1, activation=activation)  # fmt: skip
        shape = (*_after(x.shape, sides, steps, padding), depth)
        return self._add("DepthwiseConv2D", (x,), shape, config, weights, apply)

    def separable(
        self, x: Node, filters: int, kernel: Pair, strides: Pair = 1, padding: str = "same", activation: str = ""
    ) -> Node:
        """SeparableConv2D: a depthwise convolution without bias, and a pointwise one."""
        sides, steps, depth = _pair(kernel), _pair(strides), x.shape[-1]
        assert depth is not None
        weights: Shapes = {"depthwise_kernel": (*sides, depth, 1), "pointwise_kernel": (1, 1, depth, filters)}
        weights["bias"] = (filters,)

        def apply(read: list[Array], w: dict[str, Array]) -> Array:
            windows = _windows(read[0], sides, steps, padding)
            deep = np.einsum("nijckl,klc->nijc", windows, w["depthwise_kernel"][..., 0])
            return _activated(deep @ w["pointwise_kernel"][0, 0] + w["bias"], activation)

        config = _config(filters=filters, kernel_size=list(sides), strides=list(steps), padding=padding,
                         use_bias=True, depth_multiplier=1, activation=activation)  # fmt: skip
        shape = (*_after(x.shape, sides, steps, padding), filters)
        return self._add("SeparableConv2D", (x,), shape, config, weights, apply)

    def dense(
        self, x: Node, units: int, activation: str = "", bias: bool = True, given: Mapping[str, Array] | None = None
    ) -> Node:
        """Dense, along the last axis."""
        depth = x.shape[-1]
        assert depth is not None
        weights = _weights((depth, units), units if bias else 0)
        config = _config(units=units, use_bias=bias, activation=activation)
        return self._add(
            "Dense", (x,), (*x.shape[:-1], units), config, weights,
            lambda read, w: _activated(read[0] @ w["kernel"] + w.get("bias", 0), activation), given,
        )  # fmt: skip

    def batch_norm(self, x: Node) -> Node:
        """BatchNormalization; the identity, as it is under drawn weights."""
        weights: Shapes = {}
        for name in ("gamma", "beta", "moving_mean", "moving_variance"):
            weights[name] = (x.shape[-1] or 0,)
        return self._add("BatchNormalization", (x,), x.shape, {}, weights, lambda read, w: read[0])

    def activation(self, x: Node, name: str) -> Node:
        return self._add("Activation", (x,), x.shape, {"activation": name}, {}, lambda r, w: _activated(r[0], name))

    def add(self, *nodes: Node) -> Node:
        return self._add("Add", nodes, _joint(nodes), {}, {}, lambda read, w: sum(read[1:], start=read[0]))

    def multiply(self, *nodes: Node) -> Node:
        return self._add("Multiply", nodes, _joint(nodes), {}, {}, lambda read, w: prod(read[1:], start=read[0]))

    def concatenate(self, *nodes: Node) -> Node:
        """Along the last axis."""
        depth = sum(node.shape[-1] or 0 for node in nodes)
        return self._add(
            "Concatenate", nodes, (*nodes[0].shape[:-1], depth), {"axis": -1}, {}, lambda r, w: np.concatenate(r, -1)
        )

    def max_pool(self, x: Node, size: Pair = 2, strides: Pair | None = None, padding: str = "valid") -> Node:
        return self._pool("MaxPooling2D", np.nanmax, x, size, strides, padding)

    def average_pool(self, x: Node, size: Pair = 2, strides: Pair | None = None, padding: str = "valid") -> Node:
        return self._pool("AveragePooling2D", np.nanmean, x, size, strides, padding)

    def _pool(
        self, kind: str, of: Callable[..., Array], x: Node, size: Pair, strides: Pair | None, padding: str
    ) -> Node:
        sides, steps = _pair(size), _pair(size if strides is None else strides)

        def apply(read: list[Array], w: dict[str, Array]) -> Array:
            return of(_windows(read[0], sides, steps, padding, np.nan), axis=(-2, -1))  # padding takes no part

        config = _config(pool_size=list(sides), strides=list(steps), padding=padding)
        return self._add(kind, (x,), (*_after(x.shape, sides, steps, padding), x.shape[-1]), config, {}, apply)

    def global_average_pool(self, x: Node, keepdims: bool = False) -> Node:
        return self._global_pool("GlobalAveragePooling2D", np.mean, x, keepdims)

    def global_max_pool(self, x: Node, keepdims: bool = False) -> Node:
        return self._global_pool("GlobalMaxPooling2D", np.max, x, keepdims)

    def _global_pool(self, kind: str, of: Callable[..., Array], x: Node, keepdims: bool) -> Node:
        shape = (1, 1, x.shape[-1]) if keepdims else x.shape[-1:]
        return self._add(
            kind, (x,), shape, {"keepdims": keepdims}, {},
            lambda read, w: of(read[0], axis=(1, 2), keepdims=keepdims),
        )  # fmt: skip

    def flatten(self, x: Node) -> Node:
        size = prod(side or 0 for side in x.shape)
        return self._add("Flatten", (x,), (size,), {}, {}, lambda read, w: read[0].reshape(len(read[0]), size))

    def reshape(self, x: Node, *shape: int) -> Node:
        config = {"target_shape": list(shape)}
        return self._add("Reshape", (x,), shape, config, {}, lambda read, w: read[0].reshape(len(read[0]), *shape))

    def _add(
        self,
        kind: str,
        nodes: Sequence[Node],
        shape: Shape,
        config: dict[str, Any],
        weights: Shapes,
        apply: Callable[[list[Array], dict[str, Array]], Array],
        given: Mapping[str, Array] | None = None,
    ) -> Node:
        name = f"{kind.lower()}_{next(self._numbers)}"
        reads = tuple(node.name for node in nodes)
        self._facts = {}
        self._steps.append(_Step(name, kind, reads, shape, config, weights, given or {}, apply))
        return Node(name, shape)


def _fit(given: tuple[int, ...], wanted: Shape) -> None:
    if len(given) != len(wanted) + 1 or any(w not in (None, g) for g, w in zip(given[1:], wanted, strict=True)):
        raise ValueError(f"a batch of shape {given} was given, and {(None, *wanted)} is wanted")


def _drawn(name: str, shape: tuple[int, ...], step: _Step, draw: Draw) -> Array:
    return np.asarray(step.given[name] if name in step.given else draw(shape), np.float64)


def _shares(x: Array) -> Array:
    return np.asarray(x / x.sum(-1, keepdims=True))


def _pair(value: Pair) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def _weights(kernel: tuple[int, ...], biases: int) -> Shapes:
    shapes: Shapes = {"kernel": kernel}
    if biases:
        shapes["bias"] = (biases,)
    return shapes


def _config(**settings: Any) -> dict[str, Any]:
    if "activation" in settings:
        settings["activation"] = settings["activation"] or "linear"
    return settings


def _activated(x: Array, name: str) -> Array:
    return _FUNCTIONS[name](x) if name else x


def _joint(nodes: Sequence[Node]) -> Shape:
    """The shape of a sum. ValueError where the maps do not fit, as in Keras; an axis of length 1 is repeated."""
    joint = []
    for sides in zip(*(node.shape for node in nodes), strict=True):
        longest = {side for side in sides if side != 1}
        if len(longest) > 1:
            raise ValueError(f"shapes {[node.shape for node in nodes]} cannot be joined")
        joint.append(longest.pop() if longest else 1)
    return tuple(joint)


def _after(shape: Shape, sides: tuple[int, int], steps: tuple[int, int], padding: str) -> tuple[int | None, int | None]:
    rows, columns = (
        None if length is None else -(-(length if padding == "same" else length - side + 1) // step)
        for length, side, step in zip(shape[:2], sides, steps, strict=True)
    )
    return rows, columns


def _windows(x: Array, sides: tuple[int, int], steps: tuple[int, int], padding: str, fill: float = 0.0) -> Array:
    """Return (n, rows, columns, maps, *sides): what the window sees at each place."""
    if padding == "same":
        around = [(0, 0)] * 4
        for axis, (side, step) in enumerate(zip(sides, steps, strict=True), start=1):
            missing = max((-(-x.shape[axis] // step) - 1) * step + side - x.shape[axis], 0)
            around[axis] = (missing // 2, missing - missing // 2)
        x = np.pad(x, around, constant_values=fill)
    return sliding_window_view(x, sides, axis=(1, 2))[:, :: steps[0], :: steps[1]]

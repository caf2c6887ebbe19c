"""The weights of a model: drawn, so that what it computes can be compared whoever built it, and sketched, so that it is
seen which of them training has changed.

Models are Keras's, but nothing here imports Keras.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod, sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

SKETCH = 32
_ONES, _ZEROS = ("gamma", "scale"), ("beta", "moving_mean")


def drawn(shape: Sequence[int], seed: int) -> NDArray[Any]:
    """Return float32 numbers that depend on shape and seed alone; equal shapes get equal numbers.

    So it does not matter in which order a model makes its layers. Kernels are scaled by their fan-in. Biases are zero:
    before a batch normalization a bias is of no use, and whoever leaves it out there builds the same block.
    """
    import numpy as np

    scale = 1 / sqrt(prod(shape[:-1])) if len(shape) > 1 else 0.0
    return (np.random.default_rng([seed, *shape]).standard_normal(tuple(shape)) * scale).astype(np.float32)


def fill(model: Any, seed: int) -> None:
    """Replace every weight of the model by a drawn one. A batch normalization becomes the identity."""
    for layer in leaves(model):
        layer.set_weights([_filled(layer, weight, seed) for weight in layer.weights])


def _filled(layer: Any, weight: Any, seed: int) -> NDArray[Any]:
    import numpy as np

    if weight.name in _ONES:
        return np.ones(weight.shape, np.float32)
    if weight.name in _ZEROS:
        return np.zeros(weight.shape, np.float32)
    if weight.name == "moving_variance":  # the layer divides by sqrt(variance + epsilon)
        return np.full(weight.shape, 1 - layer.epsilon, np.float32)
    return drawn(weight.shape, seed)


def sketch(array: Any) -> list[float]:
    """Return at most 32 numbers of an array, evenly spread over it and rounded to six digits; what is no number is 0.

    Two arrays with the same sketch are all but certainly the same, if training was all that happened to one of them: a
    step of an optimizer moves every number that it moves at all by more than the rounding.
    """
    import numpy as np

    flat = np.asarray(array, np.float64).ravel()
    taken = flat[np.linspace(0, flat.size - 1, min(SKETCH, flat.size)).astype(int)] if flat.size else flat
    return [float(f"{value:.6g}") for value in np.nan_to_num(taken, posinf=0.0, neginf=0.0)]


def leaves(model: Any) -> Iterator[Any]:
    """Yield the layers of a model in their order; of a model inside it, the layers of that one."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from leaves(layer)
        else:
            yield layer

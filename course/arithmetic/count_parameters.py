"""A function that counts the parameters of any stack."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from autograder.checkers.function import Function, Group
from autograder.exercise import Exercise
from autograder.types import Call, Params, Slips

from .._lib import stack


def reference(params: Params, slips: Slips) -> Callable[[int, list[dict[str, Any]]], int]:
    return lambda channels, layers: stack.count_parameters({"channels": channels, "layers": layers}, slips)


def cases(layers: int, kernels: str) -> Callable[[Random], Iterator[Call]]:
    def draw(rng: Random) -> Iterator[Call]:
        for channels in rng.sample([1, 2, 3, 4, 6], 3):
            yield Call((channels, [{"filters": rng.randint(5, 90), "kernel": kernel(rng)} for _ in range(layers)]))

    def kernel(rng: Random) -> int | tuple[int, int]:
        match kernels:
            case "odd":
                return rng.choice([1, 3, 5, 7])
            case "even":
                return rng.choice([2, 4, 6])
            case _:
                rows, columns = rng.sample([1, 2, 3, 5, 7], 2)
                return rows, columns

    return draw


exercise = Exercise(
    id="count-parameters",
    title="A function that counts parameters",
    points=4,
    prompt="""**Write a function `count_parameters(channels, layers)` that returns how many parameters a stack of
convolutional layers has**, as a whole number. `channels` is the number of channels of the images. `layers` is a list of
dicts in the order in which the image passes them, one for each layer:

- `"filters"`: how many feature maps the layer makes;
- `"kernel"`: a whole number for a square kernel, or a tuple `(rows, columns)`.

Every layer has a bias. A stack without layers has no parameters.""",
    key=reference,
    checker=Function(
        signature="count_parameters(channels, layers)",
        groups=(
            Group("a single layer", cases(1, "odd"), weight=2),
            Group("several layers", cases(4, "odd"), weight=3),
            Group("kernels with an even side", cases(2, "even")),
            Group("kernels that are not square", cases(3, "oblong"), weight=2),
            Group("a stack without layers", (Call((3, [])),)),
        ),
    ),
    misconceptions=stack.IN_PARAMETERS,
    next="Try your function on the network of the first exercise, whose parameters you have counted by hand.",
)

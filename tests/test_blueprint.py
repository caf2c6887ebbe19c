"""A Blueprint against Keras itself, and what it does without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from autograder.blueprint import Blueprint, Node
from autograder.types import Probe, Variant
from handin import weights
from tests.kernel_models import Case, handed_in

ASKED = Variant("asked", {}, None, "0" * 16)
NETS = 60


class Twin:
    """The same network twice: as a Blueprint, and as source text for Keras."""

    def __init__(self, *shape: int) -> None:
        self.net = Blueprint(shape)
        self.lines = [f"x0 = keras.Input({shape})"]
        self.named = {self.net.input.name: "x0"}

    def made(self, node: Node, source: str, *reads: Node) -> Node:
        name = self.named[node.name] = f"x{len(self.named)}"
        read = [self.named[one.name] for one in reads]
        self.lines.append(f"{name} = {source}({read[0] if len(read) == 1 else '[' + ', '.join(read) + ']'})")
        return node

    def source(self, last: Node) -> str:
        return "\n".join([*self.lines, f"model = keras.Model(x0, {self.named[last.name]})"])


def window(rng: Random) -> dict[str, Any]:
    """Sides and strides; Keras has no depthwise convolution whose strides differ."""
    return {"kernel": rng.choice([1, 2, 3, (2, 3), (3, 1)]), "strides": rng.choice([1, 1, 2, 3]),
            "padding": rng.choice(["same", "valid"])}  # fmt: skip


def conv(t: Twin, x: Node, rng: Random) -> Node:
    w, act, bias = window(rng), rng.choice(["", "relu", "relu6", "sigmoid", "tanh", "softmax"]), rng.random() < 0.5
    strides = rng.choice([w["strides"], (1, 2)])
    made = t.net.conv(x, maps := rng.randint(1, 6), w["kernel"], strides, w["padding"], act, bias)
    return t.made(made, f"layers.Conv2D({maps}, {w['kernel']}, {strides}, {w['padding']!r}, activation={act or None!r},"
                        f" use_bias={bias})", x)  # fmt: skip


def depthwise(t: Twin, x: Node, rng: Random) -> Node:
    w, bias = window(rng), rng.random() < 0.5
    made = t.net.depthwise(x, w["kernel"], w["strides"], w["padding"], "relu", bias)
    return t.made(made, f"layers.DepthwiseConv2D({w['kernel']}, {w['strides']}, {w['padding']!r}, activation='relu',"
                        f" use_bias={bias})", x)  # fmt: skip


def separable(t: Twin, x: Node, rng: Random) -> Node:
    w, maps = window(rng), rng.randint(2, 6)  # TensorFlow 2.21 on a CPU fails to run one from 1 map to 1 map
    made = t.net.separable(x, maps, w["kernel"], w["strides"], w["padding"], "tanh")
    source = f"layers.SeparableConv2D({maps}, {w['kernel']}, {w['strides']}, {w['padding']!r}, activation='tanh')"
    return t.made(made, source, x)


def pool(t: Twin, x: Node, rng: Random) -> Node:
    w, kind = window(rng), rng.choice(["max", "average"])
    strides = rng.choice([None, w["strides"]])
    of, name = (t.net.max_pool, "MaxPooling2D") if kind == "max" else (t.net.average_pool, "AveragePooling2D")
    return t.made(
        of(x, w["kernel"], strides, w["padding"]), f"layers.{name}({w['kernel']}, {strides}, {w['padding']!r})", x
    )


def dense(t: Twin, x: Node, rng: Random) -> Node:
    units, bias = rng.randint(1, 6), rng.random() < 0.5
    return t.made(t.net.dense(x, units, "sigmoid", bias), f"layers.Dense({units}, 'sigmoid', use_bias={bias})", x)


def parted(t: Twin, x: Node, rng: Random) -> Node:
    kind = rng.choice(["Add", "Multiply", "Concatenate"])
    other = t.made(t.net.activation(x, "tanh"), "layers.Activation('tanh')", x)
    join = {"Add": t.net.add, "Multiply": t.net.multiply, "Concatenate": t.net.concatenate}[kind]
    return t.made(join(x, other), f"layers.{kind}()", x, other)


def squeezed(t: Twin, x: Node, rng: Random) -> Node:
    """An axis of length 1 is repeated."""
    kind, of = rng.choice([("Average", t.net.global_average_pool), ("Max", t.net.global_max_pool)])
    small = t.made(of(x, True), f"layers.Global{kind}Pooling2D(keepdims=True)", x)
    return t.made(t.net.multiply(x, small), "layers.Multiply()", x, small)


def normalized(t: Twin, x: Node, rng: Random) -> Node:
    return t.made(t.net.batch_norm(x), "layers.BatchNormalization()", x)


def flat(t: Twin, x: Node, rng: Random) -> Node:
    """The end of a network: one axis is left."""
    kind = rng.choice(["flatten", "reshape", "average", "max"])
    size = int(np.prod([side or 0 for side in x.shape]))
    if kind == "flatten":
        return t.made(t.net.flatten(x), "layers.Flatten()", x)
    if kind == "reshape":
        return t.made(t.net.reshape(x, size), f"layers.Reshape(({size},))", x)
    of = t.net.global_average_pool if kind == "average" else t.net.global_max_pool
    return t.made(of(x), f"layers.Global{kind.title()}Pooling2D()", x)


STEPS: list[Callable[[Twin, Node, Random], Node]] = [
    conv, depthwise, separable, pool, dense, parted, squeezed, normalized
]  # fmt: skip


def twin(seed: int) -> tuple[Twin, Node]:
    """A random small network; every kind of layer begins one."""
    rng = Random(seed)
    made = Twin(rng.randint(6, 11), rng.randint(6, 11), rng.randint(1, 4))
    node = made.net.input
    for step in [STEPS[seed % len(STEPS)], *rng.choices(STEPS, k=rng.randint(0, 3))]:
        if min(node.shape[0] or 0, node.shape[1] or 0) > 3:
            node = step(made, node, rng)
    return made, flat(made, node, rng) if rng.random() < 0.3 else node


@pytest.mark.tensorflow
def test_it_computes_what_keras_computes_and_says_the_same_of_its_layers(tmp_path: Path) -> None:
    twins, cases = [twin(seed) for seed in range(NETS)], []
    for seed, (made, last) in enumerate(twins):
        batch = np.random.default_rng(seed).standard_normal((3, *(side or 0 for side in made.net.input_shape)))
        probe = Probe("asked", "model", "v", inputs=(batch.astype(np.float32),), fill=seed)
        cases.append(Case(made.source(last), probe))
    for seed, (case, (made, _), found) in enumerate(zip(cases, twins, handed_in(cases, tmp_path), strict=True)):
        given: Any = case.probe.inputs[0]
        ours = made.net.outputs(given, lambda shape, seed=seed: weights.drawn(shape, seed))  # type: ignore[misc]
        theirs: Any = found.calls[0].value
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=case.source)
        told = made.net.facts(ASKED)
        for name in ("parameters", "input_shape", "output_shape"):
            assert told[name] == found.facts[name], case.source
        for mine, other in zip(told["layers"], found.facts["layers"], strict=True):
            assert mine["class"] == other["class"]
            assert mine["output_shape"] == other["output_shape"], case.source
            assert mine["parameters"] == other["parameters"], case.source
            assert len(mine["from"]) == len(other["from"]), case.source
            if mine["class"] != "InputLayer":
                assert mine["config"].items() <= other["config"].items(), (mine, other)
            assert [w["shape"] for w in mine["weights"]] == [w["shape"] for w in other["weights"]], case.source
            assert [w["name"].split("/")[1] for w in mine["weights"]] == [
                w["name"].split("/")[1] for w in other["weights"]
            ]


def test_drawn_weights_depend_on_shape_and_seed_alone() -> None:
    one, other = weights.drawn((3, 3, 2, 4), 1), weights.drawn((3, 3, 2, 4), 1)
    assert np.array_equal(one, other)
    assert not np.array_equal(one, weights.drawn((3, 3, 2, 4), 2))


def test_whether_a_convolution_has_a_bias_makes_no_difference_under_drawn_weights() -> None:
    given = np.random.default_rng(0).standard_normal((1, 5, 5, 2))
    made = []
    for bias in (True, False):
        net = Blueprint((5, 5, 2))
        net.conv(net.input, 3, 3, bias=bias)
        made.append(net.outputs(given, lambda shape: weights.drawn(shape, 4)))
    assert np.array_equal(made[0], made[1])


def test_weights_that_are_given_are_used() -> None:
    net = Blueprint((2, 2, 1))
    net.conv(net.input, 1, 2, padding="valid", given={"kernel": np.ones((2, 2, 1, 1)), "bias": np.array([10.0])})
    assert net.outputs(np.arange(4.0).reshape(1, 2, 2, 1), weights_are_not_drawn).tolist() == [[[[16.0]]]]


def weights_are_not_drawn(shape: tuple[int, ...]) -> Any:
    raise AssertionError(shape)


@pytest.mark.parametrize("shape", [(1, 4, 5, 3), (1, 5, 5, 2), (5, 5, 3), (1, 25, 3)])
def test_a_batch_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    net = Blueprint((5, 5, 3))
    net.flatten(net.input)
    with pytest.raises(ValueError, match="is wanted"):
        net.outputs(np.zeros(shape), weights_are_not_drawn)


def test_sides_that_are_left_open_take_maps_of_any_size() -> None:
    net = Blueprint((None, None, 2))
    net.max_pool(net.input, 2)
    assert net.facts(ASKED)["output_shape"] == [None, None, None, 2]
    assert [net.outputs(np.ones((1, n, 6, 2)), weights_are_not_drawn).shape for n in (4, 7)] == [
        (1, 2, 3, 2),
        (1, 3, 3, 2),
    ]


def test_maps_that_do_not_fit_cannot_be_added() -> None:
    net = Blueprint((4, 4, 2))
    with pytest.raises(ValueError, match="cannot be joined"):
        net.add(net.input, net.max_pool(net.input))

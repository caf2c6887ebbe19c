from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.blueprint import Blueprint
from autograder.network import Layer, Network
from autograder.types import Variant
from handin.weights import sketch

ASKED = Variant("asked", {}, None, "0" * 16)


def read(net: Blueprint) -> Network:
    return Network.read(net.facts(ASKED))


def names(layers: Any) -> list[str]:
    return [layer.kind for layer in layers]


@pytest.fixture
def shortcut() -> Network:
    """Two convolutions, and a shortcut round the second one."""
    net = Blueprint((8, 8, 4))
    first = net.conv(net.input, 4, 3)
    second = net.activation(net.conv(first, 4, 3), "relu")
    net.flatten(net.add(second, first))
    return read(net)


def test_layers_are_found_by_kind_in_their_order(shortcut: Network) -> None:
    assert [layer.name for layer in shortcut.of("Conv2D")] == ["conv2d_2", "conv2d_3"]
    assert names(shortcut.of("Flatten", "Add")) == ["Add", "Flatten"]
    assert shortcut.of("Dense") == ()


def test_what_a_layer_is_computed_from_is_everything_before_it(shortcut: Network) -> None:
    assert names(shortcut.before(shortcut.of("Add")[0])) == ["InputLayer", "Conv2D", "Conv2D", "Activation"]
    assert shortcut.before(shortcut.of("InputLayer")[0]) == ()


def test_branches_part_where_the_last_common_layer_stands_and_a_shortcut_is_an_empty_one(shortcut: Network) -> None:
    assert [names(way) for way in shortcut.branches(shortcut.of("Add")[0])] == [["Conv2D", "Activation"], []]


def test_a_sum_of_three_has_three_branches() -> None:
    net = Blueprint((8, 8, 4))
    ways = [net.conv(net.input, 4, 1), net.max_pool(net.input, 3, 1, "same"), net.input]
    net.add(*ways)
    network = read(net)
    assert [names(way) for way in network.branches(network.of("Add")[0])] == [["Conv2D"], ["MaxPooling2D"], []]


def test_readers_are_the_layers_that_read_it_directly(shortcut: Network) -> None:
    assert names(shortcut.readers(shortcut.of("Conv2D")[0])) == ["Conv2D", "Add"]


def test_the_last_layer_is_the_one_that_nothing_reads(shortcut: Network) -> None:
    assert shortcut.last is not None
    assert shortcut.last.kind == "Flatten"


def test_a_network_with_two_ends_has_no_last_layer() -> None:
    net = Blueprint((8, 8, 4))
    net.conv(net.input, 4, 3)
    net.conv(net.input, 4, 3)
    assert read(net).last is None


@pytest.mark.parametrize(
    ("layer", "activation"),
    [
        (Layer("a", "Conv2D", config={"activation": "relu"}), "relu"),
        (Layer("a", "Conv2D", config={"activation": "linear"}), ""),
        (Layer("a", "Activation", config={"activation": "softmax"}), "softmax"),
        (Layer("a", "ReLU", config={"max_value": 6}), "relu"),
        (Layer("a", "Dense", config={"activation": "ReLU"}), "relu"),  # a layer given as activation
        (Layer("a", "Flatten"), ""),
    ],
)
def test_an_activation_has_one_name_wherever_it_stands(layer: Layer, activation: str) -> None:
    assert layer.activation == activation


@pytest.mark.parametrize(("value", "pair"), [([3, 5], (3, 5)), (3, (3, 3)), (None, (None, None)), ([], ([], []))])
def test_a_setting_can_be_read_for_rows_and_columns(value: Any, pair: tuple[Any, Any]) -> None:
    assert Layer("a", "Conv2D", config={"kernel_size": value}).pair("kernel_size") == pair


def test_another_name_of_the_same_class_is_the_same_kind() -> None:
    assert Network.read({"layers": [{"name": "a", "class": "MaxPool2D"}]}).layers[0].kind == "MaxPooling2D"


def known(weight: Any) -> dict[str, Any]:
    return {"conv2d_2/kernel": {"shape": list(weight.shape), "sketch": sketch(weight)}}


def test_a_weight_that_was_trained_has_moved_and_one_that_was_not_has_not() -> None:
    before = np.random.default_rng(0).standard_normal((3, 3, 2, 4))
    after = before + 1e-3
    net = Blueprint((8, 8, 2))
    net.conv(net.input, 4, 3, given={"kernel": after})
    assert read(net).moved(known(after)) == {"conv2d_2/kernel": 0}
    assert 0 < read(net).moved(known(before))["conv2d_2/kernel"] < 0.01


def test_weights_of_another_shape_and_unknown_ones_are_left_out() -> None:
    net = Blueprint((8, 8, 2))
    net.conv(net.input, 4, 3, given={"kernel": np.ones((3, 3, 2, 4))})
    assert read(net).moved(known(np.ones((3, 3, 2, 5)))) == {}
    assert read(net).moved({}) == {}


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"layers": None},
        {"layers": object()},
        {"layers": [1, "a", None, []]},
        {"layers": [{"name": 3, "class": ["Conv2D"], "from": "abc", "config": 7, "weights": 8, "parameters": -1}]},
        {"layers": [{"weights": [{"name": None, "shape": "x", "sketch": [float("inf"), "a"]}]}]},
        {"parameters": True, "input_shape": "3", "output_shape": [1, "a"]},
    ],
)
def test_facts_that_make_no_sense_are_read_without_a_word(facts: dict[str, Any]) -> None:
    network = Network.read(facts)
    assert network.parameters == 0
    assert all(layer.parameters == 0 for layer in network.layers)


def test_a_network_that_reads_itself_does_not_hang() -> None:
    layers = [{"name": "a", "class": "Add", "from": ["b"]}, {"name": "b", "class": "Add", "from": ["a"]}]
    network = Network.read({"layers": layers})
    assert names(network.before(network.layers[0])) == ["Add", "Add"]
    assert network.last is None

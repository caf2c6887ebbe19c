from __future__ import annotations

from itertools import pairwise
from math import prod
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course._lib import stack
from course._lib.stack import FIXED, count_parameters, memory_to_predict, memory_to_train, output_shape, shapes

SLIPS = [slip.id for slip in stack._SLIPS]
KEYS = (count_parameters, output_shape, memory_to_predict, memory_to_train)

kernels = st.integers(1, 7) | st.lists(st.integers(1, 7), min_size=2, max_size=2)
layers = st.fixed_dictionaries(
    {
        "filters": st.integers(1, 64),
        "kernel": kernels,
        "stride": st.integers(1, 3),
        "padding": st.sampled_from(["same", "valid"]),
    }
)
sides = st.integers(200, 400)  # enough for four layers without padding
stacks = st.fixed_dictionaries(
    {
        "height": sides,
        "width": sides,
        "channels": st.integers(1, 4),
        "batch": st.integers(1, 64),
        "layers": st.lists(layers, min_size=1, max_size=4),
    }
)
some_slips = st.frozensets(st.sampled_from(SLIPS), max_size=4)


def test_the_fixed_network_has_its_well_known_figures() -> None:
    assert count_parameters(FIXED) == 903_400
    assert shapes(FIXED) == [(200, 300, 3), (100, 150, 100), (50, 75, 200), (25, 38, 400)]
    assert round(memory_to_predict(FIXED), 1) == 12.6
    assert round(memory_to_train(FIXED), 1) == 565.6
    assert sum(prod(shape) for shape in shapes(FIXED)[1:]) * 50 * 4 == 526_000_000
    assert prod(shapes(FIXED)[0]) * 50 * 4 == 36_000_000


@given(stacks)
def test_parameters_are_those_of_each_layer_alone(network: dict[str, Any]) -> None:
    seen = [network["channels"], *(layer["filters"] for layer in network["layers"])]
    alone = [
        {**network, "channels": maps, "layers": [layer]} for maps, layer in zip(seen, network["layers"], strict=False)
    ]
    assert count_parameters(network) == sum(map(count_parameters, alone))


@given(stacks)
def test_a_layer_has_a_weight_for_each_position_and_pair_of_maps_and_a_bias_a_map(
    network: dict[str, Any],
) -> None:
    total, maps = 0, network["channels"]
    for layer in network["layers"]:
        rows, columns = (layer["kernel"],) * 2 if isinstance(layer["kernel"], int) else layer["kernel"]
        total += rows * columns * maps * layer["filters"] + layer["filters"]
        maps = layer["filters"]
    assert count_parameters(network) == total


@given(stacks)
def test_sizes_are_the_positions_at_which_a_window_starts(network: dict[str, Any]) -> None:
    for (before, after), layer in zip(pairwise(shapes(network)), network["layers"], strict=True):
        sides = (layer["kernel"],) * 2 if isinstance(layer["kernel"], int) else layer["kernel"]
        for size, found, side in zip(before, after, sides, strict=False):
            end = size if layer["padding"] == "same" else size - side + 1
            assert found == len(range(0, end, layer["stride"]))


@given(stacks)
def test_memory_counts_each_number_once(network: dict[str, Any]) -> None:
    maps = [height * width * channels for height, width, channels in shapes(network)]
    weights = count_parameters(network)
    pairs = [maps[i] + maps[i + 1] for i in range(len(maps) - 1)]
    assert memory_to_predict(network) == pytest.approx((max(pairs) + weights) * 4 / 1e6)
    assert memory_to_train(network) == pytest.approx((sum(maps) * network["batch"] + weights) * 4 / 1e6)


@given(stacks, st.lists(st.sampled_from(SLIPS), max_size=4, unique=True), st.randoms())
def test_the_order_of_slips_does_not_matter(network: dict[str, Any], slips: list[str], rng: Random) -> None:
    shuffled = rng.sample(slips, len(slips))
    for key in KEYS:
        assert key(network, frozenset(slips)) == key(network, frozenset(shuffled))


@given(stacks, some_slips)
def test_no_slip_changes_the_type_of_an_answer(network: dict[str, Any], slips: frozenset[str]) -> None:
    assert type(count_parameters(network, slips)) is int
    assert [type(entry) for entry in output_shape(network, slips)] == [int, int, int]
    assert type(memory_to_predict(network, slips)) is float
    assert type(memory_to_train(network, slips)) is float


@given(stacks)
def test_forgetting_never_makes_an_answer_larger(network: dict[str, Any]) -> None:
    for slip in ("no-bias", "no-kernel-area", "filters-times-kernels"):
        assert count_parameters(network, frozenset({slip})) <= count_parameters(network)
    for slip in ("parameters-forgotten", "input-forgotten", "batch-forgotten", "mebibytes", "floor-for-ceiling"):
        assert memory_to_train(network, frozenset({slip})) <= memory_to_train(network)


def test_every_slip_of_the_family_belongs_to_an_exercise() -> None:
    used = [*stack.IN_PARAMETERS, *stack.IN_SHAPES, *stack.IN_PREDICTION, *stack.IN_TRAINING, *stack.ROUNDING]
    assert {slip.id for slip in used} == set(SLIPS)


@given(st.integers())
def test_drawn_stacks_are_equally_hard(seed: int) -> None:
    drawn = stack.draw_stack(Random(seed))
    assert stack.steps_to_parameters(drawn) == 19
    assert stack.steps_to_shape(drawn) == 8
    assert stack.steps_to_memory(drawn) == 44
    assert drawn["height"] != drawn["width"]
    assert min(min(shape) for shape in shapes(drawn, frozenset({"valid-for-same"}))) > 0
    assert 195_000 < count_parameters(drawn) < 440_000  # all six digits long
    assert 1 < memory_to_predict(drawn) < 3.1


def test_steps_are_those_of_the_worked_solution() -> None:
    network = {
        "height": 9, "width": 9, "channels": 1, "batch": 2,
        "layers": [{"filters": 2, "kernel": 3, "stride": 2, "padding": "valid"}],
    }  # fmt: skip
    assert stack.steps_to_parameters(network) == len(["3 * 3", "* 1", "+ 1", "* 2"])
    assert stack.steps_to_shape(network) == 2 * len(["9 - 2", "7 / 2"])
    shapes_and_sizes, pair, parameters, rest = 4 + 2 * 2, 1, 4, 3
    assert stack.steps_to_memory(network) == shapes_and_sizes + pair + parameters + rest


def test_a_shown_stack_names_every_number_of_its_layers() -> None:
    shown = stack.show(FIXED)
    assert shown["image"] == "200 rows, 300 columns and 3 channels"
    assert '| 3 | 400 | 3 × 3 | 2 | "same" |' in shown["layers"]

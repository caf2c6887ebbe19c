"""Masks, judged by how far areas overlap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checkers.overlap import SHIFTED, TRANSPOSED, Misread, Overlap, overlaps
from autograder.types import Evidence, HiddenSet, Variant

MASKS = np.random.default_rng(0).integers(0, 4, (40, 8, 8)).astype(np.uint8)
CHECKER = Overlap(steps={"full": ((0.4, 0.5), (0.8, 1.0))}, classes=4, input_shape=(8, 8, 3))
VARIANT = Variant("areas", {}, MASKS, "d" * 16, hidden=HiddenSet("shapes", "full", Path("none.npy"), MASKS, "0" * 16))


def handed(named: Any, **facts: Any) -> Evidence:
    return replace(CHECKER.answer(VARIANT), value=named) if not facts else replace(
        CHECKER.answer(VARIANT), value=named, facts={**CHECKER.answer(VARIANT).facts, **facts}
    )  # fmt: skip


def test_the_overlap_of_two_areas_is_their_common_part_over_all_of_them() -> None:
    mask, named = np.zeros((1, 4, 4), int), np.zeros((1, 4, 4), int)
    mask[0, :2, :2] = 1  # 4 pixels
    named[0, :2, 1:3] = 1  # 4 pixels, 2 in common: 2/6; background 10 in common of 14
    assert overlaps(named, mask, 2) == pytest.approx([(2 / 6 + 10 / 14) / 2])


def test_a_class_that_is_nowhere_in_an_image_does_not_count() -> None:
    mask = np.zeros((1, 4, 4), int)
    assert overlaps(mask, mask, 7) == pytest.approx([1.0])


@given(st.integers(0, 2**32 - 1))
def test_the_overlap_lies_between_none_and_all_and_has_no_direction(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 3, (2, 5, 6, 6))
    found = overlaps(one, other, 3)
    assert ((found >= 0) & (found <= 1)).all()
    assert found == pytest.approx(overlaps(other, one, 3))
    assert overlaps(one, one, 3) == pytest.approx(np.ones(5))


def test_the_right_masks_earn_full_marks() -> None:
    assert CHECKER.check(CHECKER.answer(VARIANT), VARIANT).score == 1


def test_masks_of_which_half_the_pixels_are_right_earn_part_of_it_and_say_where_the_next_step_is() -> None:
    named = np.where(np.random.default_rng(1).random(MASKS.shape) < 0.75, MASKS, 0)
    verdict = CHECKER.check(handed(named.astype(np.uint8)), VARIANT)
    assert verdict.score == 0.5
    assert "The next step is at 80.00 %" in verdict.message
    assert verdict.facts["low"] < verdict.facts["accuracy"] < verdict.facts["high"]
    assert verdict.facts["measure"] == "mean intersection over union"


def test_the_same_class_everywhere_earns_nothing_and_says_why() -> None:
    verdict = CHECKER.check(handed(np.zeros_like(MASKS)), VARIANT)
    assert verdict.score == 0
    assert "same class for every pixel" in verdict.message


@pytest.mark.parametrize(
    ("named", "facts"),
    [
        (MASKS[:, ::2, ::2], {}),
        (MASKS[:10], {}),
        (MASKS, {"output_shape": [None, 8, 8, 1]}),
        (MASKS, {"output_shape": "x"}),
    ],
    ids=["smaller", "fewer", "one number a pixel", "no shape"],
)
def test_predictions_of_another_shape_earn_nothing_and_are_told_what_is_wanted(named: Any, facts: Any) -> None:
    verdict = CHECKER.check(handed(named, **facts), VARIANT)
    assert verdict.score == 0
    assert "4 numbers for every pixel" in verdict.message


@pytest.mark.parametrize("value", [None, "masks", MASKS.astype(float), [[1]]])
def test_what_is_no_array_of_classes_earns_nothing(value: Any) -> None:
    assert CHECKER.check(handed(value), VARIANT).score == 0


@pytest.mark.parametrize("how", [TRANSPOSED, SHIFTED])
def test_who_misreads_masks_is_told_so(how: str) -> None:
    believed = replace(VARIANT, key=Misread(how))
    evidence = replace(CHECKER.answer(believed), probe=CHECKER.probe(VARIANT).digest)
    assert CHECKER.check(evidence, VARIANT).score == 0
    assert CHECKER.explains(evidence, believed)
    assert not CHECKER.explains(CHECKER.answer(VARIANT), believed)


def test_a_model_with_too_many_parameters_earns_nothing() -> None:
    assert "parameters" in CHECKER.check(handed(MASKS, parameters=10**9), VARIANT).message


def test_only_the_place_of_the_largest_number_is_asked_for() -> None:
    assert CHECKER.probe(VARIANT).pick

"""Arrays that come back from the second sandbox. No sandbox is started here."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from autograder.sandbox.budget import BudgetError
from autograder.sandbox.inside.frames import pack
from autograder.sandbox.inside.predict import RefusedError, fit_input
from autograder.sandbox.predictor import LAYERS, Returned

ROWS = np.arange(6, dtype="<f4").reshape(3, 2)


def announced(facts: Any = None) -> bytes:
    return pack({"facts": True}, json.dumps(facts or {}).encode())


def result(shape: Any, data: bytes, number: int = 0, dtype: str = "<f4") -> bytes:
    return pack({"result": number, "shape": shape, "dtype": dtype}) + pack({"part": 0}, data)


END = pack({"end": 1})


def test_predictions_come_back_as_they_were() -> None:
    returned = Returned([3], numbers=100_000)
    returned.feed(announced() + result([3, 2], ROWS.tobytes()) + END)
    assert returned.complete
    assert np.array_equal(returned.results[0], ROWS)


def test_several_results_come_back_in_order_and_a_failed_one_says_why() -> None:
    returned = Returned([3, 1, 2], numbers=100_000)
    returned.feed(announced() + result([3, 2], ROWS.tobytes()) + pack({"result": 1, "failed": "input: it fails"}))
    returned.feed(result([2, 3], bytes(range(6)), 2, "|u1") + END)
    assert returned.complete
    first, second, third = returned.results
    assert np.array_equal(first, ROWS)
    assert second == "input: it fails"
    assert np.array_equal(third, np.arange(6, dtype=np.uint8).reshape(2, 3))


@pytest.mark.parametrize("shape", [[2, 3], [3, 10**9], "x", [3, -2], [3, True], [3, 1, 1, 1, 1, 1]])
def test_a_shape_that_does_not_fit_is_refused(shape: Any) -> None:
    returned = Returned([3], numbers=100_000)
    with pytest.raises(BudgetError):
        returned.feed(announced() + result(shape, ROWS.tobytes() * 2))


@pytest.mark.parametrize(
    "sent",
    [
        result([3, 2], ROWS.tobytes()),  # before its facts
        announced() + result([3, 2], ROWS.tobytes()) + result([3, 2], ROWS.tobytes()),  # one too many
        announced() + announced({"parameters": 7}) + announced(),
        announced() + pack({"result": 0, "shape": [3, 2], "dtype": "|O"}),
        announced() + pack({"part": 0}, b"1234"),
        announced() + result([3, 2], ROWS.tobytes() + b"1"),
    ],
    ids=["early", "many", "facts", "object", "part", "long"],
)
def test_what_was_not_announced_is_refused(sent: bytes) -> None:
    returned = Returned([3], numbers=100_000)
    with pytest.raises(BudgetError):
        returned.feed(sent)


def test_too_few_bytes_are_not_complete() -> None:
    returned = Returned([3], numbers=100_000)
    returned.feed(announced() + result([3, 2], ROWS.tobytes()[:-4]) + END)
    assert not returned.complete


def test_facts_may_be_longer_than_a_header() -> None:
    layers = [{"name": f"conv2d_{n}", "weights": [{"sketch": [0.5] * 32}]} for n in range(LAYERS)]
    returned = Returned([], numbers=100_000)
    returned.feed(announced({"layers": layers}) + pack({"end": 0}))
    assert returned.facts["layers"] == layers


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"[" * 100_000], ids=["empty", "list", "cut", "deep"])
def test_facts_that_are_no_object_are_refused(data: bytes) -> None:
    with pytest.raises(BudgetError):
        Returned([3], numbers=100_000).feed(pack({"facts": True}, data))


def test_facts_have_the_types_they_should_have() -> None:
    layers = [1, {"name": "a\x1b[31mb", "class": "Dense", "config": {"rate": 0.5, "units": 10**30}}]
    returned = Returned([3], numbers=100_000)
    returned.feed(announced({"parameters": "many", "layers": layers}))
    assert returned.facts["parameters"] == 0
    assert returned.facts["layers"] == [{"name": "a [31mb", "class": "Dense", "config": {"rate": 0.5, "units": None}}]


@pytest.mark.parametrize(
    ("wanted", "shape", "said"),
    [
        ((None, 4, 4), (2, 4, 4), "as given"),
        ((None, 4, 4, 1), (2, 4, 4), "a channel axis was added"),
        ((None, None, None, 1), (2, 4, 4), "a channel axis was added"),
        ((None, 4, 4), (2, 4, 4, 1), "the channel axis was dropped"),
        ((None, 16), (2, 4, 4), "each image was flattened"),
    ],
)
def test_honest_input_shapes_are_met(wanted: tuple[int | None, ...], shape: tuple[int, ...], said: str) -> None:
    fitted, words = fit_input(np.zeros(shape), wanted)
    assert words == said
    assert all(w is None or w == s for w, s in zip(wanted[1:], fitted.shape[1:], strict=True))


def test_an_input_that_would_need_a_guess_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"^input: takes"):
        fit_input(np.zeros((2, 4, 4)), (None, 4, 4, 3))

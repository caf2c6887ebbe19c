"""Arrays that come back from the second sandbox. No sandbox is started here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.sandbox.box import BudgetError
from autograder.sandbox.inside.frames import pack
from autograder.sandbox.inside.predict import RefusedError, fit_input
from autograder.sandbox.predictor import Returned

ROWS = np.arange(6, dtype="<f4").reshape(3, 2)


def frames(shape: Any, data: bytes, facts: Any = None) -> bytes:
    return pack({"facts": facts or {}, "shape": shape}) + pack({"part": 0}, data) + pack({"end": len(data)})


def test_predictions_come_back_as_they_were() -> None:
    returned = Returned(3)
    returned.feed(frames([3, 2], ROWS.tobytes()))
    assert returned.complete
    assert np.array_equal(returned.array(), ROWS)


@pytest.mark.parametrize("shape", [[2, 3], [3], [3, 10**9], "x", [3, -2], [3, True], [3, 2, 1, 1, 1]])
def test_a_shape_that_does_not_fit_is_refused(shape: Any) -> None:
    returned = Returned(3)
    with pytest.raises(BudgetError):
        returned.feed(frames(shape, ROWS.tobytes() * 2))


def test_too_few_bytes_are_not_complete() -> None:
    returned = Returned(3)
    returned.feed(frames([3, 2], ROWS.tobytes()[:-4]))
    assert not returned.complete


def test_facts_have_the_types_they_should_have() -> None:
    returned = Returned(3)
    returned.feed(frames([3, 2], ROWS.tobytes(), {"parameters": "many", "layers": [1, {"name": [], "class": "Dense"}]}))
    assert returned.facts["parameters"] == 0
    assert returned.facts["layers"] == [{"name": "", "class": "Dense"}]


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

"""Credit in steps and along ramps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checkers.steps import Credit, Steps, credit, sound

STEPS: Steps = ((0.5, 0.4), (0.8, 0.7), (0.9, 1.0))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.49, Credit(0.0, None, 0.5)),
        (0.5, Credit(0.4, 0.5, 0.8)),
        (0.85, Credit(0.7, 0.8, 0.9)),
        (0.9, Credit(1.0, 0.9, None)),
    ],
)
def test_a_step_is_reached_at_its_very_value(value: float, expected: Credit) -> None:
    assert credit(STEPS, value) == expected


def test_between_two_steps_a_ramp_rises_in_a_straight_line() -> None:
    assert credit(STEPS, 0.65, ramp=True).score == pytest.approx(0.55)


@given(st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_more_never_earns_less(one: float, other: float, ramp: bool) -> None:
    less, more = sorted((one, other))
    assert credit(STEPS, less, ramp).score <= credit(STEPS, more, ramp).score


@pytest.mark.parametrize(
    "steps", [(), ((0.5, 1.0), (0.4, 1.0)), ((0.5, 0.5), (0.5, 1.0)), ((0.5, 0.9),), ((0.5, 0.9), (0.6, 0.8))]
)
def test_steps_that_do_not_rise_to_full_credit_are_refused(steps: Steps) -> None:
    with pytest.raises(ValueError, match="must rise"):
        sound({"full": steps})

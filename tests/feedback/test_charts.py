from __future__ import annotations

import math
import re
import sys
from subprocess import run
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.feedback import charts, history
from tests.feedback.inert import inspect
from tests.feedback.samples import HISTORY, HOSTILE

STEPS = [(0.9, 0.25), (0.96, 0.5), (0.99, 1.0)]


def test_the_same_data_give_the_same_bytes() -> None:
    def draw() -> str:
        return charts.credit("accuracy", 0.97, 0.966, 0.974, STEPS) + charts.learning(history.read(HISTORY).of("loss"))

    assert draw() == draw()


def test_a_chart_has_a_title_a_description_and_ids_of_its_own() -> None:
    one = inspect(charts.learning(history.read(HISTORY).of("accuracy")), whole=False)
    two = inspect(charts.learning(history.read(HISTORY).of("loss")), whole=False)
    assert not one.faults
    assert not two.faults
    assert not set(one.ids) & set(two.ids)
    assert "Learning curve: accuracy" in one.text
    assert any("from 95.7" in text for text in one.text)


def test_a_chart_names_roles_for_its_colours_and_stays_small() -> None:
    chart = charts.credit("accuracy", 0.97, 0.966, 0.974, STEPS)
    assert "var(--chart-one" in chart
    assert "#040404" not in chart
    assert len(chart) < 40_000


def test_everything_that_a_chart_refers_to_is_in_it() -> None:
    seen = inspect(charts.items([(1, 0.5, 0.3), (2, 0.9, -0.2), (3, 0.7, 0.6)]), whole=False)
    assert seen.targets
    assert {target.removeprefix("#") for target in seen.targets} <= set(seen.ids)


@pytest.mark.parametrize(
    "reported",
    [
        None, "loss", 3, [], {}, {"loss": []}, {"loss": "0.1"}, {"loss": None}, {"loss": {"0": 1}}, {1: [1]},
        {"loss": ["a", None, [1], {}, True]}, {"loss": [math.nan, math.inf]}, {HOSTILE: [1.0]},
        {"loss": [10**400, 1e300]},
    ],
)  # fmt: skip
def test_a_history_without_numbers_has_no_curve(reported: Any) -> None:
    assert not history.read(reported).of("loss")


def test_what_is_no_number_is_left_out_and_counted() -> None:
    read = history.read({"loss": [1.0, math.nan, "x", 0.5, math.inf]})
    assert read.broken == 3
    assert "NaN" not in charts.learning(read.of("loss"))


def test_a_million_epochs_are_drawn_with_a_few_hundred_points() -> None:
    read = history.read({"loss": [1.0 / (i + 1) for i in range(1_000_000)], "val_loss": [1.0]})
    assert read.epochs == 1_000_000
    assert max(len(curve.values) for curve in read.curves) <= history.DRAWN
    assert len(read.table) <= history.TABLED
    assert len(charts.learning(read.of("loss"))) < 60_000


def test_one_epoch_has_one_mark_on_its_axis() -> None:
    assert len(re.findall(r"-xtick_\d+", charts.learning(history.read({"loss": [0.5]}).of("loss")))) == 1


number = st.one_of(st.floats(), st.integers(), st.none(), st.text(max_size=3), st.booleans())


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(st.sampled_from(["loss", "val_loss", "accuracy", "val_acc"]), st.lists(number, max_size=6)))
def test_any_history_is_drawn_or_not_but_never_raises(reported: dict[str, Any]) -> None:
    for metric in ("loss", "accuracy"):
        curves = history.read(reported).of(metric)
        if curves:
            assert not inspect(charts.learning(curves), whole=False).faults


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted), st.booleans())
def test_any_interval_is_drawn(values: list[float], ramp: bool) -> None:
    low, accuracy, high = values
    assert not inspect(charts.credit("accuracy", accuracy, low, high, STEPS, ramp), whole=False).faults


def test_every_share_of_the_points_finds_its_column() -> None:
    assert "2 from 0 to 10 %" in charts.distribution([0.0, 0.05, 1.0])
    assert "1 from 90 to 100 %" in charts.distribution([0.0, 0.05, 1.0])


def test_matplotlib_is_loaded_only_when_something_is_drawn() -> None:
    code = (
        "import sys, autograder.feedback.page, autograder.analytics.report_page; sys.exit('matplotlib' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0

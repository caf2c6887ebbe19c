from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.analytics import summary
from autograder.analytics.decided import decided
from autograder.analytics.spreadsheet import COLUMNS
from autograder.analytics.summary import to_csv
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.types import Evidence, Given, Remark, Report, Variant, Verdict
from tests.feedback.samples import HOSTILE, reports

EXERCISE = Exercise("q0", "Q", 1.0, "", lambda params, slips: 1, None)  # type: ignore[arg-type] # no checker: it raises


def report(student: str, *fractions: float | None) -> Report:
    names = [f"q{i}" for i in range(len(fractions))]
    verdicts = {name: Verdict(f, "m") for name, f in zip(names, fractions, strict=True)}
    return Report("a", student, verdicts, dict.fromkeys(names, 2.0), {name: name.upper() for name in names})


def by_hand(points: Mapping[tuple[str, str], float], *, outdated: bool = False) -> dict[tuple[str, str], Given]:
    return {place: Given(given, outdated) for place, given in points.items()}


def test_what_waits_for_a_person_is_neither_earned_nor_decided() -> None:
    (score,) = summary.scores([report("ada", 0.5, None)])
    assert (score.earned, score.decided, score.possible, score.waiting) == (1.0, 2.0, 4.0, ("q1",))
    assert score.fraction == 0.5


def test_points_that_a_person_gave_take_the_place_of_ours() -> None:
    ada, ben = report("ada", 0.5, None), report("ben", 0.5, None)
    found = decided([ada, ben], by_hand({("ada", "q1"): 1.5, ("ada", "q0"): 9.0, ("eve", "q0"): 0.0}))
    assert [verdict.score for verdict in found[0].verdicts.values()] == [1.0, 0.75] and found[1] == ben
    (score, _) = summary.scores(found)
    assert (score.earned, score.waiting) == (3.5, ())


def test_what_a_person_was_to_do_is_no_remark_once_it_was_done() -> None:
    guided = replace(report("ada", None), verdicts={"q0": Verdict(None, "m", note="Grade by hand.\n- 50%: a")})
    assert summary.remarks(decided([guided], by_hand({("ada", "q0"): 1.0}))) == []


def test_what_was_handed_in_anew_after_a_person_graded_it_is_not_decided() -> None:
    both = by_hand({("ada", "q0"): 1.5, ("ada", "q1"): 1.5}, outdated=True)
    found = decided([report("ada", 0.5, None, 1.0)], both)
    (score,) = summary.scores(found)
    assert (score.earned, score.waiting) == (2.0, ("q0", "q1"))
    told = "Handed in anew since a person gave 1.5 of 2."
    assert [note.text for note in summary.waiting(found)] == [told, told]


def test_what_was_noted_about_an_answer_that_a_person_scores_otherwise_stays() -> None:
    noted = replace(report("ada", 0.0), verdicts={"q0": Verdict(0.0, "m", note="raised: KeyError")})
    assert [note.text for note in summary.remarks(decided([noted], by_hand({("ada", "q0"): 1.0})))] == [
        "raised: KeyError"
    ]


def test_a_lost_submission_counts_in_no_mean() -> None:
    class_ = [report("ada", 1.0, 1.0), replace(report("bao", 0.0, 0.0), lost="worker died")]
    assert [item.mean for item in summary.items(class_)] == [2.0, 2.0]
    assert summary.scores(class_)[1].fraction is None
    assert [(note.student, note.text) for note in summary.lost(class_)] == [("bao", "worker died")]


def test_mean_and_median_are_points_and_difficulty_a_fraction() -> None:
    item = summary.items([report("a", 1.0), report("b", 0.5), report("c", 0.0), report("d", 0.0)])[0]
    assert (item.n, item.mean, item.median, item.difficulty) == (4, 0.75, 0.5, 0.375)


def test_statuses_are_counted() -> None:
    old = replace(report("e", 1.0), verdicts={"q0": Verdict(None, "", needs_run=True)})
    item = summary.items([report("a", 1.0), report("b", 0.5), report("c", 0.0), report("d", None), old])[0]
    assert item.statuses == {"full": 1, "part": 1, "none": 1, "waiting": 1, "rerun": 1}


def test_discrimination_needs_ten_scores() -> None:
    item = summary.items([report(str(i), i % 2, i % 2) for i in range(9)])[0]
    assert item.discrimination is None
    assert item.why == "too few scores (9)"


def test_discrimination_needs_that_not_all_score_alike() -> None:
    items = summary.items([report(str(i), 1.0, i % 2) for i in range(12)])
    assert [item.why for item in items] == ["all scored alike", "all alike in the rest"]


def test_an_item_that_goes_with_the_rest_discriminates() -> None:
    agree, _, against = summary.items([report(str(i), i % 2, i % 2, 1 - i % 2) for i in range(12)])
    assert agree.discrimination is None  # the two others cancel out: the rest is the same for all
    assert against.discrimination == pytest.approx(-1.0)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=10, max_size=30))
def test_discrimination_is_pearsons_correlation(pairs: list[tuple[float, float]]) -> None:
    worth, why = summary.discrimination(pairs)
    xs, ys = np.array(pairs).T
    if worth is None:
        assert why
        assert min(xs.std(), ys.std()) < 1e-6
    elif min(xs.std(), ys.std()) > 1e-4:
        assert worth == pytest.approx(float(np.corrcoef(xs, ys)[0, 1]), abs=1e-6)


def test_misconceptions_are_counted_with_who() -> None:
    slip = Verdict(0.0, "The bias is missing.", misconception="no-bias")
    class_ = [replace(report(name, 0.0), verdicts={"q0": slip}) for name in ("ada", "bao")] + [report("cy", 1.0)]
    (found,) = summary.misconceptions(class_)
    assert (found.misconception, found.students, found.told) == ("no-bias", ("ada", "bao"), "The bias is missing.")


def test_what_waits_and_what_was_repaired_is_listed_with_its_reason() -> None:
    odd = replace(
        report("ada", None, 1.0),
        verdicts={"q0": Verdict(None, "m", note="ambiguous"), "q1": Verdict(1.0, "m", note="slow")},
        remarks=(Remark("for ada", "copy of q0"),),
    )
    assert [note.text for note in summary.waiting([odd])] == ["ambiguous"]
    assert [note.text for note in summary.remarks([odd])] == ["copy of q0", "slow"]


def test_what_the_judge_could_not_judge_is_a_failure_of_ours_and_waits_for_nobody() -> None:
    broken = judge(EXERCISE, Variant("q0", {}, 1, "d"), Evidence("ok"))
    class_ = [replace(report("ada", 1.0), verdicts={"q0": broken})]
    assert [note.student for note in summary.broken(class_)] == ["ada"]
    assert not summary.waiting(class_)


def test_the_spreadsheet_quotes_every_cell_and_runs_none() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(reports()))))
    assert set(rows[0]) == set(COLUMNS)
    assert {row["student"] for row in rows} >= {"ada", "'=cmd('calc')"}
    assert not [cell for row in rows for cell in row.values() if cell.lstrip().startswith(("=", "+", "-", "@"))]
    assert all(line.startswith('"') and line.endswith('"') for line in to_csv(reports()).strip().split("\r\n"))


@pytest.mark.parametrize("attack", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1", '=HYPERLINK("x")'])
def test_a_formula_in_a_name_becomes_text(attack: str) -> None:
    text = to_csv([replace(report(attack, 1.0), titles={"q0": attack})])
    row = next(csv.DictReader(io.StringIO(text)))
    assert row["student"].startswith("'")
    assert row["title"].startswith("'")


def test_a_lost_submission_has_no_score_in_the_spreadsheet() -> None:
    (row,) = csv.DictReader(io.StringIO(to_csv([replace(report("ada", 0.0), lost="disk full")])))
    assert (row["status"], row["earned"], row["note"]) == ("lost", "", "disk full")


def test_a_hostile_report_is_one_line_for_each_answer() -> None:
    hostile = replace(report(HOSTILE + "\r\n", 0.5, None), titles={"q0": HOSTILE, "q1": "\x00\ud800"})
    text = to_csv([hostile])
    text.encode("utf-8")
    assert len(list(csv.reader(io.StringIO(text)))) == 3

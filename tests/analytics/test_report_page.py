from __future__ import annotations

from dataclasses import replace

from autograder.analytics.report_page import render
from autograder.types import Report, Verdict
from tests.feedback.inert import Inspector, in_order, inspect
from tests.feedback.samples import HOSTILE, TITLES, hostile, reports


def said(seen: Inspector) -> str:
    return " ".join("".join(seen.text).split())


def test_the_page_of_a_class_is_inert_and_its_headings_in_order() -> None:
    seen = inspect(render([*reports(), hostile(), replace(hostile(), lost=HOSTILE)], HOSTILE, TITLES))
    assert not seen.faults
    assert in_order(seen.headings)
    assert len(seen.ids) == len(set(seen.ids))
    assert {t.removeprefix("#") for t in seen.targets if t.startswith("#")} <= set(seen.ids)


def test_what_we_lost_comes_first_and_loud() -> None:
    page = render(reports(), "Course", TITLES)
    assert page.index("Failed on our side: 1 submission, 1 answer") < page.index("Students and exercises")
    assert "No space left on device" in page
    assert "ZeroDivisionError" in page


def test_without_failures_of_ours_there_is_no_box() -> None:
    assert '<h2 id="lost"' not in render([r for r in reports() if r.assignment == "arithmetic"], "Course", TITLES)


def test_staff_see_misconceptions_what_waits_and_what_was_tampered_with() -> None:
    text = said(inspect(render(reports(), "Course", TITLES)))
    assert "no bias" in text
    assert "The batch of images itself is missing from your sum." in text
    assert "layers: Lambda (my_layer)" in text
    assert "model.predict was replaced" in text
    assert "Needs a run" in text
    assert "Wait for a person31" in text  # 29 texts, an ambiguous number, a Lambda layer


def test_every_student_has_a_row_and_every_exercise_a_column() -> None:
    class_ = [r for r in reports() if r.assignment == "mnist"]
    page = render(class_, "Course", TITLES)
    heat = page[page.index('class="heat"') : page.index('class="items"')]
    assert heat.count('<th scope="row">') == len(class_)
    assert heat.count("<abbr") == 4


def test_a_small_class_is_told_that_it_is_too_small() -> None:
    assert "too few scores (3)" in said(inspect(render(reports()[:6], "Course", TITLES)))


def test_no_reports_give_a_page_that_says_so() -> None:
    assert "nothing to report yet" in render([], "Course", {})


def test_nothing_decided_yet_gives_a_page() -> None:
    empty = Report("x", "ada", {}, {}, {})
    assert not inspect(render([empty], "Course", {})).faults


def test_the_same_reports_give_the_same_page() -> None:
    assert render(reports(), "Course", TITLES) == render(reports(), "Course", TITLES)


def test_staff_see_which_exercises_the_students_own_kernels_judged() -> None:
    verdict = Verdict(1.0, "All tests of this cell passed.", facts={"own_kernel": True})
    plain = Report("x", "ada", {"a": verdict, "b": Verdict(1.0, "Right.")}, {"a": 1, "b": 1}, {"a": "A", "b": "B"})
    assert said(inspect(render([plain], "Course", {}))).count("judged by tests in the student's own kernel") == 1

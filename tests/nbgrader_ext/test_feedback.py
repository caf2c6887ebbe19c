from __future__ import annotations

import re

import pytest

from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader


def test_the_page_shows_verdict_and_words_and_points_of_a_person(school: School) -> None:
    school.hand_in("ada", off=1, why="Because it is.")
    school.grade("ada")
    school.by_hand("ada", "why", points=3.25, comment="Well *said*.")
    school.by_hand("ada", "double", comment="Look at the sign.")
    assert school.feedback("ada")["success"]
    page = school.page("ada")
    assert school.report("ada").verdicts["double"].message.split(".")[0] in page
    assert "Look at the sign." in page and "3.25" in page and "Double" in page and "A tiny course" in page


def test_once_a_person_has_given_points_the_page_no_longer_says_that_one_will(school: School) -> None:
    school.hand_in("ada", why="Because it is.")
    school.grade("ada")
    assert school.feedback("ada")["success"] and "A member of staff reads and grades it." in school.page("ada")
    school.by_hand("ada", "why", points=3)
    assert school.feedback("ada")["success"] and "A member of staff reads and grades it." not in school.page("ada")


def test_the_page_shows_the_verdicts_of_today(school: School) -> None:
    school.hand_in("ada", off=1)
    school.grade("ada")
    school.feedback("ada")
    before = school.page("ada")
    school.hand_in("ada")
    school.grade("ada", force=True)
    school.feedback("ada")
    assert school.page("ada") != before


def test_extra_credit_and_lateness_are_on_the_page(school: School) -> None:
    school.hand_in("ada", when="2026-01-11 12:00:00 UTC")
    with (school.root / "nbgrader_config.py").open("a") as file:
        file.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with school.book() as gradebook:
        gradebook.update_or_create_assignment("sums", duedate="2026-01-10 12:00:00 UTC")
    school.grade("ada")
    school.by_hand("ada", "seven", extra=2)
    assert school.feedback("ada")["success"]
    page = re.sub(r"<[^>]+>", " ", school.page("ada"))
    assert re.search(r"3\s*/\s*1\b|3\s+of\s+1\b", page), page  # one point, and two extra
    assert re.search(r"\b4\b[^.]{0,60}late|late[^.]{0,60}\b4\b", page), page  # the four points of the machine are off


def test_what_a_student_printed_is_inert(school: School) -> None:
    notebook = school.fetch()
    notebook["cells"][0]["source"] = "<script>alert(1)</script> <img src=x onerror=alert(2)>"
    import json

    school.hand_in("ada", content=json.dumps(notebook).encode())
    school.grade("ada")
    school.feedback("ada")
    assert "<script>alert" not in school.page("ada") and "<img src=x" not in school.page("ada")


def test_a_lost_grading_holds_back_this_page_only(school: School) -> None:
    for name in ("ada", "bob"):
        school.hand_in(name)
    school.engine.lose = {"ada"}
    school.grade("ada", "bob")
    # a folder as an earlier, crashed nbgrader would have left it
    place = school.root / "autograded" / "ada" / "sums"
    place.mkdir(parents=True)
    (place / "sums.ipynb").write_bytes((school.root / "autograded" / "bob" / "sums" / "sums.ipynb").read_bytes())
    result = school.feedback("*")
    assert not result["success"] and "held back" in result["log"]
    assert not (school.root / "feedback" / "ada" / "sums" / "sums.html").exists()
    assert "Double" in school.page("bob")


def test_without_verdicts_the_page_says_what_to_run(school: School) -> None:
    import shutil

    school.hand_in("ada")
    school.grade("ada")
    shutil.rmtree(school.root / "records" / "reports")
    result = school.feedback("ada")
    assert not result["success"] and "nbgrader autograde sums --student ada" in result["log"]


def test_the_pages_files_lie_where_the_exchange_looks(school: School) -> None:
    school.hand_in("ada", when="2026-01-10 12:00:00 UTC")
    (school.root / "submitted" / "ada" / "sums" / "submission_secret.txt").write_text("secret")
    school.grade("ada")
    school.feedback("ada")
    place = school.root / "feedback" / "ada" / "sums"
    assert {path.name for path in place.iterdir()} == {"sums.html", "timestamp.txt", "submission_secret.txt"}

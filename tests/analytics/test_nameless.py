"""Whoever writes the course sees answers, and not whose they are."""

from __future__ import annotations

from autograder.analytics.nameless import nameless
from autograder.analytics.report_page import render
from autograder.types import Remark, Report, Verdict


def report(student: str, *, lost: str | None = None, note: str = "", remark: str = "") -> Report:
    verdicts = {"q": Verdict(None, f"Read as given by {student}.", note=note)}
    remarks = (Remark("", remark),) if remark else ()
    return Report("sums", student, verdicts, {"q": 1.0}, {"q": "Q"}, remarks, lost=lost)


def test_no_name_is_left_also_where_an_error_or_a_file_tells_it() -> None:
    found = nameless([
        report("ada", lost="records/receipts/sums/ada.json is damaged"),
        report("ben.b", note="a question of ben.b", remark="Ben.B_homework.ipynb taken as sums.ipynb"),
        report("ben", note="adamant"),
    ])  # fmt: skip
    page = render(found, "Course", {"sums": "Sums"})
    assert not [name for name in ("ada.json", "ben", "Ben") if name in page]
    assert "adamant" in page and "is damaged" in page and "taken as sums.ipynb" in page
    assert {one.student for one in found} == {"student 1", "student 2", "student 3"}


def test_one_student_has_one_number_in_all_assignments() -> None:
    first, second, other = nameless([report("ada"), report("ada"), report("eve")])
    assert first.student == second.student != other.student


def test_of_nobody_there_is_nothing() -> None:
    assert nameless([]) == []

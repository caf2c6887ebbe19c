"""Grades are posted in a step of their own, and what was posted is known afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from autograder import progress
from autograder.course import load_course
from autograder.errors import AutograderError
from autograder.nbgrader_ext.exchange import Exchange
from autograder.nbgrader_ext.post import NO_WAY, Posting, post, postings
from autograder.nbgrader_ext.release_feedback import ReleaseFeedback
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|[.]html):ResourceWarning"),
]


@pytest.fixture
def hall(school: Any, tmp_path: Path) -> Hall:
    """Ada and Ben have handed in and are graded; what waits for a person is decided for Ada alone."""
    made = Hall(school, tmp_path)
    made.school.in_toml('feedback = "by-hand"')
    made.submit("ada")
    made.submit("ben")
    made.once()
    school.by_hand("ada", "why", points=1)
    return made


def found(hall: Hall) -> dict[str, Posting]:
    return {one.student: one for one in postings(load_course(hall.root), "sums")}


def posts(hall: Hall) -> dict[str, str]:
    return {one.student: why for one, why in post(load_course(hall.root), "sums", list(found(hall).values()))}


def test_a_grade_is_posted_once_and_its_page_says_that_it_is_the_grade(hall: Hall) -> None:
    assert found(hall)["ada"].is_new
    assert posts(hall)["ada"] == ""
    (page,) = hall.fetch_feedback("ada")
    assert "This is your grade, posted on" in page
    assert found(hall)["ada"].before is not None and not found(hall)["ada"].is_new
    assert "ada" not in posts(hall)


def test_a_grade_that_changed_is_posted_again_and_its_page_says_nothing_until_then(hall: Hall) -> None:
    posts(hall)
    before = found(hall)["ada"].score
    hall.school.by_hand("ada", "seven", points=0.5)
    assert hall.school.feedback("ada")["success"] and "This is your grade" not in hall.school.page("ada")
    again = found(hall)["ada"]
    assert again.is_new and again.before is not None and (again.before.score, again.score) == (before, before - 0.5)
    assert posts(hall)["ada"] == ""
    assert "This is your grade" in hall.fetch_feedback("ada")[0]


def test_what_waits_for_a_person_or_is_not_due_is_not_posted(hall: Hall) -> None:
    hall.school.by_hand("ada", "seven", points=1)
    with hall.school.book() as gradebook:
        grade = gradebook.find_grade("seven", "sums", "sums", "ada")
        grade.needs_manual_grade = True
        gradebook.db.commit()
    assert "waits for a person" in found(hall)["ada"].open
    hall.school.in_toml("due = 2999-01-01")
    assert found(hall)["ada"].open == "it is not due yet"
    assert "ada" not in posts(hall)


def test_what_we_failed_to_grade_is_not_posted(hall: Hall) -> None:
    hall.engine.lose.add("ada")
    hall.submit("ada", 8)
    hall.once()
    assert "a newer submission is not graded yet" in found(hall)["ada"].open


def test_where_a_page_cannot_be_laid_nothing_counts_as_posted(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise AutograderError("the disk is full")

    monkeypatch.setattr(Exchange, "write_feedback", fails)
    assert posts(hall)["ada"] == "the disk is full"
    monkeypatch.undo()
    assert found(hall)["ada"].is_new


def test_one_page_that_cannot_be_laid_holds_up_no_other(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_files = ReleaseFeedback.copy_files

    def full(self: Any) -> None:
        if self.coursedir.student_id == "ada":
            raise OSError(28, "No space left on device")
        copy_files(self)

    hall.school.by_hand("ben", "why", points=1)
    monkeypatch.setattr(ReleaseFeedback, "copy_files", full)
    said = posts(hall)
    assert "No space left" in said["ada"] and said["ben"] == ""
    assert found(hall)["ada"].is_new and not found(hall)["ben"].is_new


def test_who_posts_and_is_stopped_posts_again(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Exchange, "release_feedback", killed)
        posts(hall)
    assert posts(hall)["ada"] == ""
    assert "This is your grade" in hall.fetch_feedback("ada")[0] and not found(hall)["ada"].is_new


def test_lateness_is_taken_off_what_a_person_gave_before_it_is_posted(hall: Hall) -> None:
    due = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
    hall.school.in_toml(f"due = {due}\nlate = {{ per_day = 10 }}")
    assert "lateness costs something else" in found(hall)["ada"].open and "ada" not in posts(hall)
    grade_all(hall)
    before = found(hall)["ada"]
    hall.school.by_hand("ada", "seven", points=0.5)
    assert "lateness costs something else" in found(hall)["ada"].open and "ada" not in posts(hall)
    grade_all(hall)
    after = found(hall)["ada"]
    assert (before.open, after.open) == ("", "") and before.score - after.score == pytest.approx(0.4)
    assert posts(hall)["ada"] == ""


def test_what_is_not_judged_on_what_is_kept_for_the_end_is_not_posted(hall: Hall) -> None:
    due = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
    hall.school.in_toml(f'due = {due}\nlate = "accept"\nfinal = true')
    assert "kept for the end" in found(hall)["ada"].open
    grade_all(hall)
    assert found(hall)["ada"].open == ""


def grade_all(hall: Hall) -> None:
    progress.grade_all(hall.root, ["sums"], None, 1, quiet=True, engine=hall.engine)


def test_who_came_without_a_secret_is_named(hall: Hall) -> None:
    for step in ("submitted", "autograded"):
        (hall.root / step / "ada" / "sums" / "submission_secret.txt").unlink()
    assert posts(hall)["ada"] == NO_WAY


def test_a_name_that_nobody_has_is_said(hall: Hall) -> None:
    with pytest.raises(AutograderError, match="zoe: nothing is graded"):
        postings(load_course(hall.root), "sums", ["zoe"])

"""Dates, extensions, lateness, and when feedback is handed out."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import load_course
from autograder.errors import CourseError, Fault
from autograder.schedule import Schedule, read, schedule_of
from tests.fakes import tiny_course

BERLIN = ZoneInfo("Europe/Berlin")
DUE = datetime(2026, 12, 1, 18, tzinfo=UTC)
BEFORE, AFTER = DUE - timedelta(minutes=1), DUE + timedelta(minutes=1)
DAY = timedelta(days=1)


def of(text: str) -> Schedule:
    faults: list[Fault] = []
    found = read(tomllib.loads(text), "sums", BERLIN, faults)
    assert faults == []
    return found


def test_a_date_without_a_zone_is_meant_in_the_courses_own() -> None:
    assert of("due = 2026-12-01T18:00:00").due == datetime(2026, 12, 1, 17, tzinfo=UTC)
    assert of("due = 2026-12-01T18:00:00Z").due == DUE


def test_a_day_means_its_end() -> None:
    due = of("due = 2026-12-01").due
    assert due is not None and due + timedelta(microseconds=1) == datetime(2026, 12, 2, tzinfo=BERLIN)


def test_who_has_an_extension_is_due_then_and_others_as_before() -> None:
    found = of('due = 2026-12-01T18:00:00Z\n[extensions]\nada = 2026-12-04T18:00:00Z\nben = "2 days"\neve = "1 day"')
    assert [found.due_for(name) for name in ("ada", "ben", "eve", "bob")] == [DUE + n * DAY for n in (3, 2, 1, 0)]


def test_without_a_due_date_nothing_is_late_or_over_or_closed() -> None:
    assert not Schedule().is_over("ada", AFTER) and Schedule().takes("ada", AFTER)
    assert Schedule().days_late("ada", AFTER) == 0 and Schedule().handing("ada", 1000, AFTER) == "full"


def test_what_is_late_is_taken_until_it_closes_or_not_at_all() -> None:
    assert of("due = 2026-12-01T18:00:00Z").takes("ada", DUE + 300 * DAY)
    closing = of("due = 2026-12-01T18:00:00Z\ncloses = 2026-12-03T18:00:00Z\n[extensions]\nada = '5 days'")
    assert closing.takes("bob", AFTER) and not closing.takes("bob", AFTER + 2 * DAY)
    assert closing.takes("ada", AFTER + 2 * DAY) and not closing.takes("ada", AFTER + 5 * DAY)
    refusing = of("due = 2026-12-01T18:00:00Z\nlate = 'refuse'\n[extensions]\nada = '5 days'")
    assert refusing.takes("bob", DUE) and not refusing.takes("bob", AFTER) and refusing.takes("ada", AFTER)


def test_the_day_on_which_clocks_change_is_one_day() -> None:
    back, forward = of("due = 2026-10-24T18:00:00"), of("due = 2026-03-28T18:00:00")
    for found, day in ((back, 25), (forward, 29)):
        assert found.due is not None
        at = found.due.replace(day=day)
        late = [found.days_late("ada", (at + more).astimezone(UTC)) for more in (timedelta(0), timedelta(minutes=1))]
        assert late == [1, 2]
    hour_twice = of("due = 2026-10-25T02:30:00")
    assert hour_twice.days_late("ada", datetime(2026, 10, 25, 1, 10, tzinfo=UTC)) == 1  # 02:10 for the second time


def test_nbgraders_moments_without_a_zone_are_utc() -> None:
    found = of("due = 2026-12-01T18:00:00Z\nlate = 'refuse'")
    assert found.takes("ada", datetime(2026, 12, 1, 18)) and not found.takes("ada", datetime(2026, 12, 1, 18, 1))


@given(st.floats(0.1, 100), st.floats(0.1, 100), st.floats(0, 1000), st.timedeltas(-5 * DAY, 50 * DAY))
def test_a_penalty_grows_by_begun_days_and_never_beyond_its_limit_or_the_score(
    per_day: float, at_most: float, score: float, after: timedelta
) -> None:
    found = Schedule(due=DUE, per_day=per_day, at_most=at_most)
    taken = found.penalty("ada", DUE + after, score)
    assert 0 <= taken <= score * at_most / 100 + 1e-9
    assert taken <= found.penalty("ada", DUE + after + DAY, score) + 1e-9
    if after <= timedelta(0):
        assert taken == 0


@pytest.mark.parametrize(("after", "days"), [(timedelta(0), 0), (timedelta(seconds=1), 1), (DAY, 1), (DAY * 1.01, 2)])
def test_a_day_counts_when_it_has_begun(after: timedelta, days: int) -> None:
    assert Schedule(due=DUE).days_late("ada", DUE + after) == days
    assert Schedule(due=DUE, per_day=10).penalty("ada", DUE + after, 20) == 2 * days


@pytest.mark.parametrize(
    ("feedback", "early", "later"),
    [("at-once", "full", "full"), ("coarse", "coarse", "full"), ("after-due", "no", "full"), ("by-hand", "no", "no")],
)
def test_feedback_is_handed_out_as_the_assignment_says(feedback: str, early: str, later: str) -> None:
    found = Schedule(due=DUE, feedback=feedback)
    assert (found.handing("ada", 0, BEFORE), found.handing("ada", 0, AFTER)) == (early, later)


def test_when_attempts_are_used_up_feedback_waits_for_the_due_date() -> None:
    found = Schedule(due=DUE, attempts=2)
    assert [found.handing("ada", used, BEFORE) for used in (0, 1, 2, 3)] == ["full", "full", "no", "no"]
    assert found.handing("ada", 3, AFTER) == "full"


def test_what_is_kept_for_the_end_is_used_after_the_students_own_due_date() -> None:
    found = Schedule(due=DUE, final=True, extensions={"ada": DUE + DAY})
    assert [found.is_final(name, AFTER) for name in ("ada", "bob")] == [False, True]
    assert not Schedule(due=DUE).is_final("bob", AFTER)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('due = "tomorrow"', "due = 'tomorrow' is no date. Write due = 2026-12-01T18:00:00, without quotes"),
        ("due = 2026-12-02\ncloses = 2026-12-01", "closes before it is due"),
        ("due = 2026-12-01\nlate = 10", "late = 10"),
        ("due = 2026-12-01\nlate = { per_day = 0 }", "late = {'per_day': 0}"),
        ("due = 2026-12-01\nlate = { at_most = 10 }", "late = {'at_most': 10}"),
        ("due = 2026-12-01\nattempts = 0", "attempts = 0. Give a whole number above 0"),
        ("due = 2026-12-01\nfinal = 1", "final = 1. Use true or false"),
        ('feedback = "now"', "feedback = 'now'. Use one of at-once, coarse, after-due, by-hand"),
        ('feedback = "after-due"', 'feedback = "after-due" means nothing without a due date'),
        ("final = true", "final means nothing without a due date"),
        ("attempts = 3", "attempts means nothing without a due date"),
        ("due = 2026-12-01\nattempts = 3", "attempts limits nothing while late work costs nothing"),
        ("due = 2026-12-01\nfinal = true", "final limits nothing while late work costs nothing"),
        ('due = 2026-12-01\nfeedback = "coarse"', 'feedback = "coarse" limits nothing while late work costs nothing'),
        ("due = 2026-12-01\nextensions.ada.byron = 2026-12-05", "A name with a dot stands in quotes"),
        ("due = 2026-12-01\nextensions = { ada = 3 }", "extensions: ada = 3. Give a date"),
        ("due = 2026-12-01\nextensions = { ada = 2026-11-01 }", "ada is due before the others"),
        ("due = 2026-12-01\nextensions = 3", "extensions = 3 is no table"),
    ],
)
def test_what_cannot_be_meant_is_a_fault(text: str, words: str, tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    toml = root / "course" / "course.toml"
    toml.write_text(toml.read_text().replace('title = "Sums"', f'title = "Sums"\n{text}'))
    with pytest.raises(CourseError) as found:
        load_course(root)
    assert words in str(found.value) and "[assignments.sums]" in str(found.value)


def test_a_zone_that_is_none_is_a_fault(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    toml = root / "course" / "course.toml"
    toml.write_text(toml.read_text().replace('salt = "test"', 'salt = "test"\ntimezone = "Berlin"'))
    with pytest.raises(CourseError, match="timezone is 'Berlin'"):
        load_course(root)


def test_it_is_read_without_loading_the_course_too(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    toml = root / "course" / "course.toml"
    toml.write_text(
        toml.read_text()
        .replace('salt = "test"', 'salt = "test"\ntimezone = "Europe/Berlin"')
        .replace('title = "Sums"', 'title = "Sums"\ndue = 2026-12-01T18:00:00\nattempts = 3\nlate = "accept"')
    )
    assert schedule_of(root, "sums") == load_course(root).assignment("sums").schedule
    assert schedule_of(root, "sums").due == datetime(2026, 12, 1, 17, tzinfo=UTC)
    with pytest.raises(CourseError, match="autograder check"):
        schedule_of(root, "others")

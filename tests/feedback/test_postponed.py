from __future__ import annotations

from datetime import UTC, datetime

from autograder.feedback.postponed import postponed
from tests.feedback.inert import inspect

UNTIL = datetime(2026, 1, 1, 15, 40, tzinfo=UTC)


def test_it_says_when_and_that_nothing_is_lost_and_is_inert_whatever_the_name() -> None:
    page = postponed("<script>alert(1)</script>", "Sums", "A course", 20, UNTIL)
    assert "after 15:40 UTC" in page and "20 or more within an hour" in page
    assert inspect(page).faults == []

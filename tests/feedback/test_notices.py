from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from autograder.feedback.notices import About, closed, postponed, waiting
from tests.feedback.inert import inspect

UNTIL = datetime(2026, 1, 1, 15, 40, tzinfo=UTC)
ABOUT = About("<script>alert(1)</script>", "Sums", "A course")
PAGES = {
    "postponed": (postponed(ABOUT, 20, UNTIL), "graded after 15:40 UTC", "20 or more within an hour"),
    "until then": (waiting(ABOUT, UNTIL, None), "Feedback comes after 1 January 2026, 15:40 UTC", "It counts"),
    "used up": (waiting(ABOUT, UNTIL, 5), "Feedback comes after 1 January 2026", "had feedback on 5 submissions"),
    "by hand": (waiting(ABOUT, None, None), "when the course staff hand it out", "what you hand in last counts"),
    "closed": (
        closed(ABOUT, UNTIL + timedelta(hours=1), UNTIL),
        "too late",
        "Until 1 January 2026, 15:40 UTC it could",
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_it_says_when_and_that_nothing_is_lost_and_is_inert_whatever_the_name(name: str) -> None:
    page, *said = PAGES[name]
    assert all(words in page for words in said)
    assert inspect(page).faults == []

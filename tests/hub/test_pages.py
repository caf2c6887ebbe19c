"""The course's own pages in Chromium: for a screen reader, for a narrow window, and without scripts."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from autograder.hub.demo import Demo
from tests.browser import violations
from tests.hub.people import ELSEWHERE, GRADER, INSTRUCTOR, STAFF

pytestmark = pytest.mark.hub

SERVICE = "/services/cnn/"


def logged_in(chromium: Any, hub: Demo, name: str = STAFF, service: str = SERVICE, **how: Any) -> Any:
    page = chromium.new_context(**how).new_page()
    page.goto(f"{hub.url}/hub/login?next={service}")
    page.fill("#username_input", name)
    page.fill("#password_input", hub.passwords[name])
    page.click("#login_submit")
    page.wait_for_url(re.compile("/(course|gradebook)$"))
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_telephone(chromium: Any, hub: Demo, scheme: str) -> None:
    narrow = {"width": 320, "height": 700}  # as wide as 1280 at 400 %
    page = logged_in(chromium, hub, color_scheme=scheme, viewport=narrow, bypass_csp=True)
    page.get_by_role("button", name="Check: arithmetic").click()
    found = {}
    refused = {"formgrader/gradebook": 403, "course/none/check": 404}  # pages, too
    for place in (None, "course", "course/arithmetic/check", "report", *refused):
        if place:
            answer = page.goto(f"{hub.url}{SERVICE}{place}")
            assert answer.status == refused.get(place, 200), place
        found[place] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
    page.context.close()
    assert not any(found.values()), found


def test_all_of_it_works_without_scripts(chromium: Any, hub: Demo) -> None:
    page = logged_in(chromium, hub, java_script_enabled=False)
    button, until = page.get_by_role("button", name="Check: concepts"), time.monotonic() + 60
    while button.is_disabled():  # something of another test is running
        assert time.monotonic() < until
        page.reload()
    button.click()
    while "Running" in page.get_by_role("status").inner_text():
        assert time.monotonic() < until
        page.get_by_role("link", name="Load this page again").click()
        time.sleep(0.5)
    assert "No fault" in page.get_by_role("status").inner_text()
    page.context.close()


@pytest.mark.parametrize(
    ("name", "service", "place", "shown", "hidden"),
    [
        (GRADER, SERVICE, "gradebook", ["Manual Grading"], ["Manage Assignments", "Manage Students"]),
        (INSTRUCTOR, SERVICE, "manage_assignments", ["Manage Students"], ["Add new assignment..."]),
        (ELSEWHERE, "/services/rnn/", "manage_assignments", ["Add new assignment...", "Manage Students"], []),
    ],
    ids=["a grader", "an instructor", "who may do all"],
)
def test_the_formgrader_shows_no_button_that_a_role_does_not_allow(
    chromium: Any, hub: Demo, name: str, service: str, place: str, shown: list[str], hidden: list[str]
) -> None:
    page = logged_in(chromium, hub, name, service)
    page.goto(f"{hub.url}{service}formgrader/{place}")
    page.locator("#main-table").get_by_text("arithmetic", exact=True).wait_for()
    for words in shown:
        assert page.get_by_role("link", name=words).last.is_visible(), words
    for words in hidden:
        assert not page.get_by_role("link", name=words).is_visible(), words
    if place == "manage_assignments":
        assert bool(page.locator("td.edit a:visible").count()) == (not hidden)
    page.context.close()

"""From login to feedback, and from login to the report, with the keyboard alone. A picture of each step.

The pictures are in .hub/pictures-keyboard. Nothing here points or clicks: keys are pressed, and what has the focus is
looked at, as a person would look at it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from autograder.hub.demo import Demo, default_place_of
from tests.hub.people import ELSEWHERE, NO_MOUSE
from tests.hub.test_story import PATIENCE, Album
from tests.waiting import until

pytestmark = [pytest.mark.hub]

COURSE = "rnn"
SERVICE = f"/services/{COURSE}/"

_FOCUSED = """() => {
  let at = document.activeElement;
  while (at.contentDocument) at = at.contentDocument.activeElement;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
  return {
    name: (at.ariaLabel || at.innerText || at.value || "").trim(),
    kind: at.localName,
    form: at.closest(".handin-form")?.querySelector("legend").innerText ?? "",
    below: at.matches(".jp-Cell") ? at.querySelector(".handin-form legend")?.innerText ?? "" : "",
    value: at.value ?? "",
    ring: (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none",
    top: at.getBoundingClientRect().top,
  };
}"""


class Hands:
    """Somebody with a keyboard, in front of a browser of their own."""

    def __init__(self, page: Any, hub: Demo, name: str, album: Album) -> None:
        self.page, self._hub, self._name, self._album = page, hub, name, album

    def logs_in(self, going_to: str) -> None:
        self.page.goto(f"{self._hub.url}/hub/login?next={going_to}")  # the address bar is a keyboard's, too
        self.types(self._name)
        self.presses("Tab")
        self.types(self._hub.passwords[self._name])
        self.sees("the login")
        self.presses("Enter")
        self.page.wait_for_url(lambda url: "/login" not in url and "oauth" not in url)

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def types(self, words: str) -> None:
        self.page.keyboard.type(words)

    def focused(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(_FOCUSED)
        return found

    def comes_to(self, name: str, key: str = "Tab", **expected: Any) -> None:
        """Press a key until this has the focus; how many times, a person would not count."""
        met = []
        for _ in range(80):
            self.presses(key)
            at = self.focused()
            met.append(at["name"][:40])
            if at["name"] == name and expected.items() <= at.items():
                return
        raise AssertionError(f"{key} does not lead to {name!r}, but to {met}")

    def sees_where_it_is(self, what: str) -> None:
        """Take a picture of something of ours, in which the focus can be seen."""
        at = self.focused()
        assert at["ring"], at
        self.sees(what)

    def sees(self, what: str) -> None:
        self._album.take(self.page, f"{self._name.rpartition('-')[2]}: {what}")

    def commands(self, what: str) -> None:
        """Choose it in JupyterLab's command palette."""
        self.presses("Control+Shift+C")
        self.page.locator(".lm-CommandPalette-input:focus").wait_for()
        self.types(what)
        self.page.locator(".lm-CommandPalette-item.lm-mod-active").get_by_text(what).wait_for()
        self.presses("Enter")
        self.page.locator(".lm-CommandPalette-input:focus").wait_for(state="hidden")


@pytest.fixture
def hands(chromium: Any, hub: Demo) -> Iterator[Callable[[str], Hands]]:
    album = Album(default_place_of(sys.executable) / "pictures-keyboard")
    contexts = []

    def comes(name: str) -> Hands:
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce"))
        contexts[-1].set_default_timeout(PATIENCE)
        return Hands(contexts[-1].new_page(), hub, name, album)

    yield comes
    for one in contexts:
        one.close()


def test_staff_and_a_student_do_their_work_with_the_keyboard_alone(hub: Demo, hands: Callable[[str], Hands]) -> None:
    staff, student = hands(ELSEWHERE), hands(NO_MOUSE)
    staff.logs_in(SERVICE)
    staff.page.get_by_role("heading", name="Course", exact=True).wait_for()
    staff.presses("Tab")
    assert staff.focused()["name"] == "Skip to the content"
    staff.sees_where_it_is("the skip link")
    staff.presses("Enter")
    _does(staff, "Check", "No fault")
    _does(staff, "Release", "Done")

    student.logs_in("/hub/home")
    student.page.get_by_role("button", name="Start My Server").wait_for()
    student.comes_to("Start My Server")
    student.sees("the hub")
    student.presses("Enter")
    student.page.locator(".jp-Launcher").wait_for()
    student.page.locator("#jupyterlab-splash").wait_for(state="detached")
    student.commands("Assignment List")
    student.page.get_by_role("button", name="Fetch", exact=True).wait_for()
    student.comes_to("Fetch")
    student.sees("the assignment list")
    student.presses("Enter")
    student.page.get_by_role("button", name="Submit", exact=True).wait_for()
    _in_the_list(student, "concepts", "fetched")
    student.comes_to("layers")
    student.sees("the notebooks")
    student.presses("Enter")
    _works(student)
    _in_the_list(student, "Submit", "before submitting")
    feedback = hub.exchange / COURSE / "feedback"
    before = set(feedback.glob("*.html"))
    until(lambda: len(set(feedback.glob("*.html")) - before) == 2)  # a page for each notebook
    student.page.get_by_role("button", name="Fetch Feedback").wait_for()
    with student.page.expect_response(lambda answer: "fetch_feedback" in answer.url):
        _in_the_list(student, "Fetch Feedback", "the feedback can be fetched")
    student.page.get_by_text("(view feedback)").wait_for()
    _in_the_list(student, "(view feedback)", "the feedback is there")
    student.page.get_by_role("listitem", name="layers.html").wait_for()
    student.comes_to("layers.html", "Shift+Tab")
    student.presses("ArrowDown", "ArrowUp")  # which selects it
    student.sees("the folder of the feedback")
    student.presses("Enter")
    _reads(student)

    _reads_report(staff)


def _does(staff: Hands, what: str, ends: str) -> None:
    """Press a button of the course's page, wait for the end, and go back."""
    staff.comes_to(f"{what}: concepts", kind="button")
    staff.sees_where_it_is(f"before {what}")
    staff.presses("Enter")
    state = staff.page.get_by_role("status").locator("strong").filter(has_text=ends)
    state.wait_for(timeout=120_000)
    staff.comes_to("What it printed")
    staff.sees_where_it_is(f"after {what}")
    staff.comes_to("Back to the course")
    staff.presses("Enter")
    staff.page.get_by_role("heading", name="Course", exact=True).wait_for()


def _in_the_list(student: Hands, name: str, picture: str) -> None:
    """Go to something in the assignment list, and press it. The command brings the focus back there, too."""
    student.commands("Assignment List")
    student.comes_to(name)
    student.sees(picture)
    student.presses("Enter")


def _works(student: Hands) -> None:
    """Run one cell after the other; on the way answer a number and one of several options in the form."""
    student.page.locator(".jp-Cell.jp-mod-active:focus").wait_for()
    student.sees("the notebook")
    _runs_to(student, "A dense layer on your image")
    student.presses("Tab")
    student.types("903,400")
    assert student.focused()["form"] == "A dense layer on your image"
    student.sees_where_it_is("a number")
    student.presses("Shift+Enter")
    _runs_to(student, "A crack at another place")
    student.presses("Tab", "Space", "ArrowDown")
    chosen = student.focused()
    assert chosen["form"] == "A crack at another place" and chosen["value"]
    student.sees_where_it_is("a quiz")
    notebook = student.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    notebook.get_by_text(f'why_found = "{chosen["value"]}"').wait_for()
    student.presses("Shift+Enter", "Shift+Enter")
    notebook.get_by_text("handed in, not graded here").first.wait_for()
    with student.page.expect_response(lambda answer: answer.request.method == "PUT" and "layers" in answer.url):
        student.presses("Control+s")
    student.sees("saved")


def _runs_to(student: Hands, title: str) -> None:
    """Press Shift + Enter until the cell below this form has the focus."""
    for _ in range(30):
        for _ in range(10):  # a form is drawn when its cell comes into view
            if student.focused()["below"] == title:
                return
            student.page.wait_for_timeout(50)
        student.presses("Shift+Enter")
    raise AssertionError(f"No cell below {title!r}: {student.focused()}")


def _reads(student: Hands) -> None:
    """Read the feedback: skip link, an exercise from the table, and the place in the notebook that it speaks of."""
    viewer = student.page.locator(".jp-HTMLViewer:not(.lm-mod-hidden) iframe").content_frame
    viewer.get_by_role("heading", level=1).wait_for()
    student.comes_to("Skip to the exercises")
    student.sees_where_it_is("the feedback")
    student.presses("Enter")
    viewer.locator("#exercises:target").wait_for()
    levels = [int(one[1]) for one in viewer.locator("h1, h2, h3, h4").evaluate_all("all => all.map(h => h.localName)")]
    assert levels[0] == 1 and all(after <= before + 1 for before, after in pairwise(levels))
    student.comes_to("A crack at another place", "Shift+Tab")
    student.sees_where_it_is("a link to an exercise")
    student.presses("Enter")
    viewer.locator(".card:target", has_text="A crack at another place").wait_for()
    student.comes_to("See it in your notebook")
    student.sees_where_it_is("an exercise")
    student.presses("Enter")
    viewer.locator(".cell:target").wait_for()
    student.sees("the notebook as it was run")


def _reads_report(staff: Hands) -> None:
    """The page knows nothing of what was handed in before it is loaded again."""
    staff.presses("F5")
    staff.comes_to("Grade: concepts", kind="button")
    staff.comes_to("Report", "Shift+Tab")
    staff.sees_where_it_is("before the report")
    staff.presses("Enter")
    staff.page.get_by_role("heading", name="Class report").wait_for()
    staff.presses("Tab")
    assert staff.focused()["name"] == "Skip to the report"
    staff.sees_where_it_is("the report")
    staff.presses("Enter", "Tab")
    staff.sees_where_it_is("in the report")

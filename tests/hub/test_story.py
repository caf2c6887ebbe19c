"""From the release of an assignment to a student who reads what a person wrote, in a browser. A picture of each step.

The pictures are in .hub/pictures. One test, because each step needs the one before it.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.hub.demo import Demo, default_place_of
from tests.hub.people import INSTRUCTOR, STAFF, STUDENT

pytestmark = [pytest.mark.hub]

PATIENCE = 30_000


class Person:
    """Somebody in front of a browser of their own."""

    def __init__(self, chromium: Any, hub: Demo, name: str, album: Album) -> None:
        self._hub, self.name, self._album = hub, name, album
        self.context = chromium.new_context(viewport={"width": 1280, "height": 900})
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.broken: list[str] = []
        # nbgrader's page would fetch MathJax from elsewhere, which the gate forbids: formulas stay as they are written.
        self.page.on("pageerror", lambda e: None if "MathJax" in str(e) else self.broken.append(str(e)))
        self.page.on("response", lambda answer: self._note(answer))

    def _note(self, answer: Any) -> None:
        if answer.status >= 400 and f"/services/{COURSE}/" in answer.url:
            self.broken.append(f"{answer.status} {answer.url}")

    def logs_in(self, going_to: str) -> None:
        self.page.goto(f"{self._hub.url}/hub/login?next={going_to}")
        self.page.fill("#username_input", self.name)
        self.page.fill("#password_input", self._hub.passwords[self.name])
        self.page.click("#login_submit")

    def goes_to(self, place: str, page: Any = None) -> Any:
        return (page or self.page).goto(f"{self._hub.url}{place}")

    def sees(self, what: str, page: Any = None) -> None:
        self._album.take(page or self.page, f"{self.name.rpartition('-')[2]}: {what}")


class Album:
    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder, self._count = folder, 0

    def take(self, page: Any, title: str) -> None:
        self._count += 1
        name = f"{self._count:02} {title}".replace(":", "").replace(" ", "-")
        page.screenshot(path=self.folder / f"{name}.png")


COURSE = "cnn"
SERVICE = f"/services/{COURSE}/"


@pytest.fixture
def person(chromium: Any, hub: Demo) -> Iterator[Callable[[str], Person]]:
    album = Album(default_place_of(sys.executable) / "pictures")
    people: list[Person] = []

    def comes(name: str) -> Person:
        people.append(Person(chromium, hub, name, album))
        return people[-1]

    yield comes
    for one in people:
        one.sees("the end")
        one.context.close()


def test_release_submit_grade_and_feedback_in_the_browser(hub: Demo, person: Callable[[str], Person]) -> None:
    staff = person(STAFF)
    staff.logs_in(SERVICE)
    staff.page.get_by_role("heading", name="Course", exact=True).wait_for()
    staff.sees("the course")
    assert _does(staff, "Check", "arithmetic") == "No fault"
    staff.sees("checked")
    assert _does(staff, "Release", "arithmetic") == "Done"
    staff.sees("released")

    student = person(STUDENT)
    began = time.monotonic()
    student.logs_in(f"/hub/spawn/{STUDENT}")
    student.page.get_by_role("menuitem", name="Nbgrader").wait_for()
    student.page.locator("#jupyterlab-splash").wait_for(state="detached")
    student.page.locator(".jp-Launcher").wait_for()
    _measured("login to lab", began)
    student.sees("JupyterLab")
    student.page.get_by_role("menuitem", name="Nbgrader").click()
    entries = student.page.locator(".lm-Menu-itemLabel").all_inner_texts()
    assert "Assignment List" in entries and not {"Formgrader", "Create Assignment", "Courses"} & set(entries), entries
    student.sees("the menu")
    student.page.get_by_role("menuitem", name="Assignment List").click()
    student.page.get_by_role("button", name="Fetch", exact=True).wait_for()
    student.sees("the assignment list")
    student.page.get_by_role("button", name="Fetch", exact=True).click()
    student.page.locator("#fetched_assignments_list a.assignment-notebooks-link").click()
    student.page.get_by_role("button", name="Validate").wait_for()
    student.sees("fetched")
    student.page.locator("#fetched_assignments_list .nested_list_item a").click()
    _works(student)
    student.page.get_by_role("tab", name="Assignments").click()
    student.page.get_by_role("button", name="Validate").click()
    dialog = student.page.get_by_role("dialog")
    dialog.wait_for()
    student.sees("validated")
    dialog.get_by_role("button").last.click()
    began = time.monotonic()
    student.page.get_by_role("button", name="Submit", exact=True).click()
    feedback = hub.exchange / COURSE / "feedback"
    while not list(feedback.glob("*.html")):
        assert time.monotonic() - began < 60, "no feedback after a minute"
        time.sleep(0.05)
    _measured("submit to feedback", began)
    first = _reads_feedback(student, "the first feedback")
    assert "4 of 30 points, 3 still open" in first
    assert "A person will look at this" in first

    teacher = person(INSTRUCTOR)
    teacher.logs_in(SERVICE)
    teacher.page.get_by_role("heading", name="Course", exact=True).wait_for()
    teacher.sees("the course")
    teacher.goes_to(f"{SERVICE}formgrader/gradebook")
    teacher.page.get_by_role("link", name="arithmetic").wait_for()
    teacher.sees("the gradebook")
    teacher.page.get_by_role("link", name="arithmetic").click()
    teacher.page.get_by_role("link", name="arithmetic").last.click()
    teacher.page.get_by_role("link", name="Submission #1").wait_for()
    teacher.sees("the submissions")
    teacher.page.get_by_role("link", name="Submission #1").click()
    score = teacher.page.locator("#why-more")
    score.scroll_into_view_if_needed()
    teacher.sees("an answer in words")
    _saves(teacher, lambda: score.press_sequentially("2"), lambda: score.press("Tab"))
    comment = teacher.page.locator("#why-more-comment")
    _saves(
        teacher, lambda: comment.press_sequentially("Say what padding has to do with it."), lambda: comment.press("Tab")
    )
    teacher.sees("points and a comment")
    teacher.goes_to(f"{SERVICE}course")
    assert _does(teacher, "Give feedback", "arithmetic") == "Done"
    teacher.sees("feedback released")
    assert _does(teacher, "Post grades", "arithmetic") == "Done"
    teacher.sees("grades posted")
    teacher.goes_to(f"{SERVICE}report/arithmetic")
    teacher.page.get_by_role("heading", name="Class report").wait_for()
    teacher.sees("the report")

    assert STUDENT in teacher.page.content()
    staff.goes_to(f"{SERVICE}report/arithmetic")
    staff.page.get_by_role("heading", name="Class report").wait_for()
    assert STUDENT not in staff.page.content() and "student 1" in staff.page.content()
    staff.sees("the report")

    second = _reads_feedback(student, "the second feedback")
    assert "6 of 30 points" in second and "still open" not in second and "This is your grade" in second
    assert "Say what padding has to do with it." in second

    for place in ("", "course", "report", "formgrader/gradebook", "formgrader/manage_assignments"):
        assert student.goes_to(SERVICE + place).status == 403, place
    student.sees("no way in")
    for one in (staff, teacher):
        assert one.broken == []


def _works(student: Person) -> None:
    """Answer by the keyboard: a number, a quiz and a few words; run what was written; save."""
    page = student.page
    notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    notebook.get_by_role("heading", name="The arithmetic of a convolutional network").wait_for()
    page.wait_for_timeout(1000)
    assert page.get_by_role("dialog").count() == 0, "a dialog is in the way"
    student.sees("the notebook")
    _form(notebook, "Parameters of a small network").locator("input").first.focus()
    page.keyboard.type("903,400")
    page.keyboard.press("Tab")
    notebook.locator(".jp-CodeCell", has_text="parameters = ").first.locator(".cm-content").click()
    page.keyboard.press("Escape")
    page.get_by_role("menuitem", name="Run").click()
    page.get_by_role("menuitem", name="Run All Above Selected Cell").click()
    notebook.get_by_text("How many parameters does it train").wait_for()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    notebook.get_by_text("handed in, not graded here").first.wait_for()
    student.sees("an answer")
    options = _form(notebook, "Larger images").locator("input")
    options.first.focus()
    page.keyboard.press("Space")
    for _ in range(options.count()):
        if options.locator("xpath=self::*[@value='outputs']").is_checked():
            break
        page.keyboard.press("ArrowDown")
    student.sees("a quiz")
    prose = notebook.locator(".jp-MarkdownCell", has_text="YOUR ANSWER HERE").last
    notebook.locator(".jp-WindowedPanel-outer").first.evaluate("place => place.scrollTo(0, place.scrollHeight)")
    prose.dblclick()
    prose.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Because each filter has weights for all maps that come in.")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1000)
    student.sees("an answer in words")


def _form(notebook: Any, title: str) -> Any:
    """Return the form of an exercise; a cell that is far from view is not in the page."""
    found = notebook.locator(".handin-form", has=notebook.page.get_by_text(title, exact=True)).first
    place = notebook.locator(".jp-WindowedPanel-outer").first
    for _ in range(60):
        if found.count():
            break
        place.evaluate("place => place.scrollBy(0, 300)")
        notebook.page.wait_for_timeout(100)
    found.scroll_into_view_if_needed()
    return found


def _reads_feedback(student: Person, which: str) -> str:
    """Fetch it in the assignment list, and open it from there. Return the page's words."""
    page = student.page
    if page.url.startswith("http") and "/lab" not in page.url:
        student.goes_to(f"/user/{STUDENT}/lab")
    for earlier in page.get_by_role("tab", name="arithmetic.html").all():
        earlier.locator(".lm-TabBar-tabCloseIcon").click()
    page.get_by_role("tab", name="Assignments").click()
    page.locator("#refresh_assignments_list").click()
    with page.expect_response(lambda answer: "fetch_feedback" in answer.url):
        page.get_by_role("button", name="Fetch Feedback").click()
    page.get_by_text("(view feedback)").first.wait_for()
    student.sees(f"{which} is there")
    page.get_by_text("(view feedback)").first.click()
    page.get_by_role("listitem", name="arithmetic.html").dblclick()
    frame = page.locator(".jp-HTMLViewer:not(.lm-mod-hidden) iframe").content_frame
    frame.get_by_role("heading", level=1).wait_for()
    student.sees(which)
    words: str = frame.locator("body").inner_text()
    return words


def _does(who: Person, what: str, assignment: str) -> str:
    """Press a button of the course's page, and wait for the end of what it began. Return how it ended."""
    who.goes_to(f"{SERVICE}course")
    who.page.get_by_role("button", name=f"{what}: {assignment}").click()
    state = who.page.get_by_role("status").locator("strong")
    until = time.monotonic() + 120
    while (words := state.inner_text()) == "Running.":
        assert time.monotonic() < until
        time.sleep(0.3)
    return str(words.rstrip("."))


def _saves(who: Person, *steps: Callable[[], None]) -> None:
    """Do these, and wait for the request that they cause."""
    with who.page.expect_response(lambda answer: answer.request.method == "PUT") as waiting:
        for step in steps:
            step()
    assert waiting.value.status == 200


def _measured(what: str, began: float) -> None:
    print(f"{what}: {time.monotonic() - began:.1f} s")

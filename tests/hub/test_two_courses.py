"""One student in two courses, and the second course run with the formgrader's own buttons, without a browser."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.hub.demo import Demo
from tests.hub.people import ELSEWHERE, FELLOW, GRADER
from tests.hub.visitors import WithToken
from tests.waiting import until

pytestmark = pytest.mark.hub


class Student:
    """Asks their own server what the assignment list asks."""

    def __init__(self, hub: Demo, name: str) -> None:
        self._hub, self._name = hub, name
        self.session = WithToken(hub, name).session
        started = self.session.post(f"{hub.url}/hub/api/users/{name}/server", timeout=60)
        assert started.ok, started.text
        until(lambda: self.session.get(f"{hub.url}/user/{name}/api/status", timeout=30).status_code == 200)

    def asks(self, what: str, **form: str) -> Any:
        place = f"{self._hub.url}/user/{self._name}/{what}"
        answer = self.session.post(place, data=form, timeout=60) if form else self.session.get(place, timeout=60)
        assert answer.ok, answer.text
        said = answer.json()
        assert said["success"], said
        return said["value"]


def test_a_student_of_two_courses_hands_in_to_one_and_its_teacher_uses_the_formgraders_buttons(hub: Demo) -> None:
    teacher = WithToken(hub, ELSEWHERE, "rnn")
    assert teacher.asks("/course/arithmetic/release", "POST").status_code == 303
    until(lambda: "<strong>Done" in teacher.asks("/course/arithmetic/release").text)

    student = Student(hub, FELLOW)
    assert "rnn" in student.asks("courses")  # and the other one, once it has released something
    (listed,) = [one for one in student.asks("assignments?course_id=rnn") if one["assignment_id"] == "arithmetic"]
    assert (listed["course_id"], listed["status"]) == ("rnn", "released")
    both = {"course_id": "rnn", "assignment_id": "arithmetic"}
    student.asks("assignments/fetch", **both)
    feedback = hub.exchange / "rnn" / "feedback"
    before = set(feedback.glob("*.html"))  # of other tests' students
    student.asks("assignments/submit", **both)
    until(lambda: set(feedback.glob("*.html")) > before)

    for steps in ("arithmetic/collect", f"submission/arithmetic/{FELLOW}/autograde"):
        place = steps if steps.startswith("submission") else f"assignment/{steps}"
        said = teacher.asks(f"/formgrader/api/{place}", "POST").json()
        assert said["success"], said
    (row,) = teacher.asks("/formgrader/api/submissions/arithmetic").json()
    assert (row["student"], row["autograded"]) == (FELLOW, True)
    for step in ("generate_feedback", "release_feedback"):
        said = teacher.asks(f"/formgrader/api/assignment/arithmetic/{FELLOW}/{step}", "POST").json()
        assert said["success"], said
    assert WithToken(hub, GRADER, "rnn").asks("/formgrader/api/assignments").status_code == 403

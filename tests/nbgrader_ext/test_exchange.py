from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import get_username

from autograder.nbgrader_ext.places import open_course
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader


# nbgrader's release_feedback leaves a file to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed file .*timestamp.txt:ResourceWarning")
def test_a_submission_goes_through_the_exchange_and_comes_back_as_feedback(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange, home = tmp_path / "exchange", tmp_path / "home"
    for folder in (exchange, home):
        folder.mkdir()
    exchange.chmod(0o777)
    with (school.root / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.Exchange.root = {str(exchange)!r}\nc.Exchange.cache = {str(tmp_path / 'cache')!r}\n")
    student = get_username()

    with school.api() as api:
        assert api.release_assignment("sums")["success"]
        assert api.get_released_assignments() == {"sums"}

    monkeypatch.chdir(home)
    monkeypatch.setenv("NBGRADER_COURSE", "tiny")
    course = open_course(school.root)
    course.assignment_id = "sums"
    exchange_of = NbGraderAPI(coursedir=course, parent=course.parent)
    common = {"coursedir": course, "authenticator": exchange_of.authenticator, "parent": exchange_of}
    exchange_of.exchange.FetchAssignment(**common).start()
    fetched = home / "sums" / "sums.ipynb"
    assert json.loads(fetched.read_bytes()) == school.fetch()
    exchange_of.exchange.Submit(**common).start()

    with school.api() as api:
        assert api.collect("sums")["success"]
    school.hand_in(student, off=1, content=fetched.read_bytes())
    school.grade(student)
    assert school.total(student) == 1
    with school.api() as api:
        assert api.get_autograded_students("sums") == {student}
        assert api.generate_feedback("sums")["success"]
        assert api.release_feedback("sums")["success"]

    exchange_of.exchange.FetchFeedback(**common).start()
    (page,) = (home / "sums" / "feedback").rglob("*.html")
    assert page.read_text("utf-8") == school.page(student)

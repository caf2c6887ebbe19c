"""Every assignment, as a student would meet it: the worked solution is right, the released notebook earns nothing.

`make test-course` does it at full length (COURSE_SETTING=full); otherwise training is cut down by the small setting.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.course import Course, find_root, load_course
from autograder.data import pack
from autograder.demo.preview import preview
from autograder.demo.scratch import make_course
from autograder.errors import DataError

pytestmark = [pytest.mark.tensorflow, pytest.mark.nbgrader]

COURSE = load_course(find_root(Path(__file__)))
SETTING = os.environ.get("COURSE_SETTING", "small")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(COURSE, tmp_path_factory.mktemp("course"), SETTING)


@pytest.mark.parametrize("name", COURSE.assignments)
def test_the_worked_solution_scores_everything_and_the_release_nothing(name: str, course: Course) -> None:
    try:
        for needed in course.assignment(name).packs:
            pack(course.root / "preview", needed, SETTING)
    except DataError as error:
        pytest.skip(f"NOT TESTED, a data pack cannot be had: {error}")
    said = preview(course, name, print)  # raises with every exercise that is not as it should be
    assert said.startswith("As it should be")

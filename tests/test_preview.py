"""An assignment walked through before its release: by one test student, and by several."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.demo.preview import BLANK, SOLVED, preview
from autograder.errors import AutograderError
from tests.fakes import SUMS, tiny_course

pytestmark = [pytest.mark.kernel, pytest.mark.nbgrader]

NBGRADER = Path(__file__).parents[1] / "nbgrader_config.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tiny_course(tmp_path)
    (made / "nbgrader_config.py").write_text(NBGRADER.read_text("utf-8"), "utf-8")
    return made


def test_several_students_hand_the_worked_solution_in_each_with_a_variant_of_their_own(root: Path) -> None:
    said: list[str] = []
    assert preview(load_course(root), "sums", said.append, 3).startswith("As it should be")
    graded = [line.split(":")[0] for line in said if " of " in line]
    assert sorted(graded) == sorted([SOLVED, f"{SOLVED}-2", f"{SOLVED}-3", BLANK])


def test_a_solution_that_is_right_for_one_variant_alone_is_not_ready(root: Path) -> None:
    notebook = json.dumps(SUMS).replace('ask(\\"double\\")[\\"n\\"] * 2', "2 * 3")
    assert notebook != json.dumps(SUMS)
    (root / "source" / "sums" / "sums.ipynb").write_text(notebook, "utf-8")
    with pytest.raises(AutograderError, match=f"{SOLVED}-5: double scores 0"):
        preview(load_course(root), "sums", print, 5)

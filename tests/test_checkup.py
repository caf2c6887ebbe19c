from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.build import build
from autograder.checkup import checkup
from autograder.course import load_course
from autograder.errors import AutograderError
from tests.fakes import tiny_course


def _fetched(root: Path) -> Path:
    """A release folder as a student fetches it; solutions do not matter here."""
    course = load_course(tiny_course(root))
    build(course, "sums")
    return root / "source" / "sums"


def test_an_untouched_notebook_needs_no_repair(tmp_path: Path) -> None:
    folder = _fetched(tmp_path)
    assert checkup(folder / "sums.ipynb", fetched=folder) == ()


def test_a_student_without_the_course_is_told_what_would_be_repaired(tmp_path: Path) -> None:
    folder = _fetched(tmp_path)
    notebook = json.loads((folder / "sums.ipynb").read_bytes())
    del notebook["cells"][4]  # the check cell of `double`
    mine = tmp_path / "mine" / "sums.ipynb"
    mine.parent.mkdir()
    mine.write_text(json.dumps(notebook))
    (remark,) = checkup(mine, fetched=folder)
    assert "Double" in remark.student


def test_a_notebook_of_another_name_or_course_is_told(tmp_path: Path) -> None:
    folder = _fetched(tmp_path)
    other = tmp_path / "other.ipynb"
    other.write_bytes((folder / "sums.ipynb").read_bytes())
    with pytest.raises(AutograderError, match="Keep the name"):
        checkup(other, fetched=folder)
    with pytest.raises(AutograderError, match="holds no notebook"):
        checkup(other, fetched=tmp_path / "course")

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder import pipeline
from autograder.course import load_course
from autograder.engines.inline import InlineEngine
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.release import newest
from tests.nbgrader_ext.school import School

pytestmark = [pytest.mark.nbgrader, pytest.mark.kernel]


def answered(school: School, student: str, total: int) -> bytes:
    """Return the release with its work done by the student's own numbers."""
    notebook = school.fetch()
    entry = newest(school.root / "records", "sums").entry("double", student)
    assert entry is not None
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if source.startswith("twice ="):
            cell["source"] = f"twice = {entry['params']['n'] * 2}"
        elif source.startswith("total ="):
            cell["source"] = f"import sys\nprint('a log line', file=sys.stderr)\ntotal = {total}"
    return json.dumps(notebook).encode()


def test_nbgraders_autograde_and_our_command_give_the_same_scores(generated: Path, tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(generated, root)
    school = School(root)
    for name in ("ada", "bob"):
        school.hand_in(name, content=answered(school, name, total=7))
    school.hand_in("eve", content=answered(school, "eve", total=8))

    result = school.autograde("ada")
    assert result["success"], result
    course = load_course(root)
    with NbgraderGradebook(root) as book:
        list(pipeline.grade(course, course.assignment("sums"), ["bob", "eve"], InlineEngine(), gradebook=book))

    assert (
        school.scores("ada") == school.scores("bob") == {"double": (3, False), "seven": (1, False), "why": (0, False)}
    )
    assert school.total("eve") == 3
    assert "a log line" in (root / "autograded" / "ada" / "sums" / "sums.ipynb").read_text("utf-8")

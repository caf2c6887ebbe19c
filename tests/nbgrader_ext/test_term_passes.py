"""A term passes: an assignment is corrected while nbgrader holds submissions and what people gave by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.build import build
from autograder.course import load_course
from autograder.types import Evidence
from tests.fakes import SEVEN, code
from tests.nbgrader_ext.school import School
from tests.test_corrections import NINE

pytestmark = pytest.mark.nbgrader


def release_again(school: School) -> None:
    build(load_course(school.root), "sums")
    school.generate()


def write(school: School, name: str, text: str) -> None:
    (school.root / "course" / "sums" / f"{name}.py").write_text(text)


def edit(school: School, *more: dict[str, Any], without: str = "") -> None:
    """Add cells at the end of the source, or take out those of an exercise."""
    path = school.root / "source" / "sums" / "sums.ipynb"
    notebook = json.loads(path.read_bytes())
    gone = (without, f"{without}-ask") if without else ()
    cells = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") not in gone]
    notebook["cells"] = [*cells, *({**c, "id": f"more-{n}"} for n, c in enumerate(more))]
    path.write_text(json.dumps(notebook))


def add_nine(school: School) -> None:
    write(school, "nine", NINE)
    edit(school, code('ask("nine")'), code("x = ...\n### BEGIN SOLUTION\nx = 9\n### END SOLUTION"),
         code('check("nine", x)'))  # fmt: skip
    release_again(school)


def test_changed_points_count_for_all_and_what_people_gave_stays(school: School) -> None:
    school.hand_in("ada", why="Because it is.")
    school.grade("ada")
    school.by_hand("ada", "why", points=3, comment="Nearly.")
    write(school, "seven", SEVEN.replace("points=1", "points=5"))
    release_again(school)
    school.grade("ada")
    assert school.scores("ada")["seven"] == (5, False) and school.total("ada") == 3 + 5 + 3
    row = school.export()["ada"]
    assert (row["score"], row["max_score"]) == ("11.0", "12.0")


def test_an_exercise_that_is_added_counts_only_for_who_was_asked_it(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    add_nine(school)
    school.hand_in("bob")
    school.answers["bob"]["nine"] = Evidence("ok", 9)
    for name in ("ada", "bob"):
        school.grade(name)
    assert school.scores("ada")["nine"] == (None, False) and school.scores("bob")["nine"] == (1, False)
    rows = school.export()
    assert (rows["ada"]["score"], rows["ada"]["max_score"]) == ("4.0", "8.0")
    assert rows["ada"]["note"] == "not asked, so not counted: nine"
    assert (rows["bob"]["score"], rows["bob"]["max_score"], rows["bob"]["note"]) == ("5.0", "9.0", "")
    assert school.feedback("ada")["success"] and "also asks “Nine”" in school.page("ada")


def test_who_fetches_again_is_asked_the_added_exercise(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    add_nine(school)
    school.hand_in("ada")
    school.answers["ada"]["nine"] = Evidence("ok", 9)
    assert school.autograde("ada")["success"]
    assert school.scores("ada")["nine"] == (1, False) and school.total("ada") == 5


def test_a_withdrawn_exercise_counts_for_nobody_and_what_people_wrote_is_kept(school: School) -> None:
    for name in ("ada", "bob"):
        school.hand_in(name, why="Because it is.")
        school.grade(name)
    school.by_hand("ada", "why", points=3, comment="Nearly.")
    (school.root / "course" / "sums" / "why.py").unlink()
    edit(school, without="why")
    release_again(school)
    school.grade("ada")
    assert set(school.scores("ada")) == {"double", "seven"} and school.total("ada") == 4
    assert school.export()["ada"]["max_score"] == "4.0"
    kept = sorted((school.root / "records" / "withdrawn" / "sums").iterdir())
    assert "ada,3.0,," in kept[0].read_text() and "ada,,,Nearly." in kept[1].read_text()
    assert "bob" not in kept[0].read_text() + kept[1].read_text()
    assert school.feedback("ada")["success"] and "“Why”. It counts for nobody." in school.page("ada")

"""Plain nbgrader notebooks become exercises as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder import plain
from autograder.build import build
from autograder.check import check_course
from autograder.course import load_course
from autograder.errors import CourseError
from tests.fakes import notebook
from tests.plain_course import HIDDEN_LINE, TOML, cell, loops, plain_course


def faults(root: Path) -> str:
    with pytest.raises(CourseError) as raised:
        load_course(root)
    return str(raised.value)


def with_cell(root: Path, made: dict[str, Any]) -> Path:
    return plain_course(root, more=notebook(made))


def test_each_graded_cell_becomes_an_exercise(tmp_path: Path) -> None:
    assignment = load_course(plain_course(tmp_path)).assignment("loops")
    assert {e: (x.title, x.points, type(x.checker).__name__) for e, x in assignment.exercises.items()} == {
        "test-squares": ("Squares", 4, "Asserts"),
        "test-mean": ("Mean", 1.5, "Asserts"),
        "why": ("In words", 2, "ByHand"),
        "show": ("In words (2)", 1, "ByHand"),
        "plot": ("A task", 3, "ByHand"),
    }
    assert assignment.plain and assignment.notebooks == ("loops",)


def test_a_plain_course_needs_no_file_of_ours_and_has_no_fault(tmp_path: Path) -> None:
    assert check_course(load_course(plain_course(tmp_path))) == ()
    assert not (tmp_path / "course" / "loops").exists()


def test_building_leaves_the_notebooks_as_they_are(tmp_path: Path) -> None:
    course = load_course(plain_course(tmp_path))
    before = {path: path.read_bytes() for path in (tmp_path / "source").rglob("*") if path.is_file()}
    built = build(course, "loops")
    assert built.changed == ("solutions/loops/loops.ipynb",)
    assert {path: path.read_bytes() for path in (tmp_path / "source").rglob("*") if path.is_file()} == before
    solved = (tmp_path / "solutions" / "loops" / "loops.ipynb").read_text()
    assert "SOLUTION" not in solved and "HIDDEN" not in solved and "return [n * n" in solved


def test_an_assignment_of_ours_still_needs_its_exercises(tmp_path: Path) -> None:
    root = plain_course(tmp_path)
    (root / "course" / "course.toml").write_text(TOML.replace("plain = true\n", ""))
    assert "has no folder course/loops/" in faults(root)


def test_exercise_files_beside_plain_notebooks_are_a_fault(tmp_path: Path) -> None:
    root = plain_course(tmp_path)
    (root / "course" / "loops").mkdir()
    (root / "course" / "loops" / "more.py").write_text("")
    assert "the assignment is plain" in faults(root)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (cell("code", "assert True", "test-mean", 1), "cell 1 has a grade id that another one in loops.ipynb has"),
        (cell("code", "assert True", "a b", 1), "its grade id is 'a b'"),
        (cell("code", "assert True", "x", -1), "worth -1 points"),
        (cell("code", "### BEGIN HIDDEN TESTS\nassert True", "x", 1), "opens hidden tests and does not close them"),
        (cell("code", "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS"), "is no cell of tests"),
    ],
)
def test_what_cannot_be_taken_over_is_named_with_a_remedy(tmp_path: Path, made: dict[str, Any], said: str) -> None:
    assert said in faults(with_cell(tmp_path, made))


def test_a_folder_without_a_graded_cell_is_a_fault(tmp_path: Path) -> None:
    (plain_course(tmp_path) / "source" / "loops" / "loops.ipynb").unlink()
    assert "no notebook with a graded cell" in faults(tmp_path)


def test_hidden_tests_are_kept_apart_and_what_students_read_decides_the_version() -> None:
    given, source = loops(), loops()
    for made in given["cells"]:
        made["source"] = plain.without_hidden(made["source"])
    exercises = {c.id: plain._exercise(c) for c in plain.graded(source)}
    record = plain.record(exercises, {"loops": source}, {"loops": given})
    assert list(record["tests"]) == ["test-squares"] and HIDDEN_LINE in record["tests"]["test-squares"]
    assert HIDDEN_LINE not in json.dumps(given) + json.dumps(record["questions"])
    assert plain.version(["a"], {"loops": source}) == plain.version(["a"], {"loops": given})
    assert plain.version(["a"], {"loops": source}) != plain.version(["b"], {"loops": source})
    source["cells"][4]["source"] += "\nassert squares([]) == []"
    assert plain.version(["a"], {"loops": source}) != plain.version(["a"], {"loops": given})

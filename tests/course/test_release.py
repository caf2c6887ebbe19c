"""What lies under release/ and solutions/ is what source/ and course/ give today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.build import build
from autograder.cells import source
from autograder.course import Course, find_root, load_course
from autograder.demo.scratch import make_course

REPOSITORY = find_root(Path(__file__))
NOTEBOOKS = sorted(path.relative_to(REPOSITORY / "source") for path in REPOSITORY.glob("source/*/*.ipynb"))

every_assignment = pytest.mark.parametrize("name", sorted({path.parts[0] for path in NOTEBOOKS}))
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=str)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = make_course(load_course(REPOSITORY), tmp_path_factory.mktemp("course"), "full")
    for name in course.assignments:
        build(course, name)
    return course


def test_every_notebook_of_the_course_is_there(built: Course) -> None:
    assert {(path.parts[0], path.stem) for path in NOTEBOOKS} == {
        (name, notebook) for name, assignment in built.assignments.items() for notebook in assignment.notebooks
    }


@every_assignment
def test_the_release_in_the_repository_is_todays(built: Course, name: str) -> None:
    today = json.loads((built.root / "source" / name / "questions.json").read_bytes())
    released = json.loads((REPOSITORY / "release" / name / "questions.json").read_bytes())
    assert released == today, "run `make release` and commit what it wrote"


@every_notebook
def test_source_and_solutions_in_the_repository_are_in_step(built: Course, path: Path) -> None:
    for folder in ("source", "solutions"):
        theirs, ours = REPOSITORY / folder / path, built.root / folder / path
        assert json.loads(theirs.read_bytes()) == json.loads(ours.read_bytes()), (
            f"{folder}/{path}: run `autograder build` and commit what it wrote"
        )


@every_notebook
def test_the_released_notebook_is_the_source_without_its_solutions(path: Path) -> None:
    written = json.loads((REPOSITORY / "source" / path).read_bytes())["cells"]
    released = json.loads((REPOSITORY / "release" / path).read_bytes())["cells"]
    assert len(released) == len(written)
    for theirs, ours in zip(released, written, strict=True):
        assert "SOLUTION" not in source(theirs)
        if "BEGIN SOLUTION" not in source(ours):
            assert source(theirs) == source(ours)
        else:
            assert "YOUR" in source(theirs)

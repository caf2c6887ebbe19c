from __future__ import annotations

import ast
import builtins
import json
from pathlib import Path

import pytest

from autograder.build import build
from autograder.check import check_course
from autograder.course import load_course
from autograder.errors import AutograderError
from autograder.scaffold import IMPORTS, KINDS, TAKEN, WORK, new_exercise
from tests.fakes import tiny_course


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "model"])
def test_a_new_exercise_of_each_kind_is_sound_as_it_is_made(tmp_path: Path, kind: str) -> None:
    root = tiny_course(tmp_path)
    new_exercise(load_course(root), "sums", "brand-new", kind)
    course = load_course(root)
    build(course, "sums")
    assert check_course(course) == ()
    cells = json.loads((root / "source/sums/sums.ipynb").read_bytes())["cells"]
    assert [c["metadata"]["nbgrader"]["grade"] for c in cells[-1:]] == [True]


def test_a_new_model_exercise_asks_for_its_data_pack(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    new_exercise(load_course(root), "sums", "brand-new", "model")
    with pytest.raises(AutograderError, match='Add packs = \\["mnist"\\]'):
        load_course(root)
    toml = root / "course/course.toml"
    toml.write_text(toml.read_text() + 'packs = ["mnist"]\n')
    course = load_course(root)
    build(course, "sums")
    assert check_course(course) == ()


def test_the_first_exercise_of_an_assignment_makes_its_notebook(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    toml = root / "course/course.toml"
    toml.write_text(toml.read_text() + '\n[assignments.pools]\ntitle = "Pooling"\n')
    (root / "course/pools").mkdir()
    new_exercise(load_course(root), "pools", "first", "numeric")
    course = load_course(root)
    build(course, "pools")
    build(course, "sums")
    assert check_course(course) == ()
    cells = json.loads((root / "source/pools/pools.ipynb").read_bytes())["cells"]
    assert "".join(cells[0]["source"]).startswith("# Pooling\n")


@pytest.mark.parametrize(
    ("exercise", "variable"),
    [("brand-new", "brand_new"), ("lambda", "lambda_answer"), ("row", "row_answer"), ("sum", "sum_answer")],
)
def test_what_is_handed_in_is_named_after_its_exercise(tmp_path: Path, exercise: str, variable: str) -> None:
    root = tiny_course(tmp_path)
    new_exercise(load_course(root), "sums", exercise, "numeric")
    *_, work, check = json.loads((root / "source/sums/sums.ipynb").read_bytes())["cells"]
    assert "".join(check["source"]) == f'check("{exercise}", {variable})'
    assert "".join(work["source"]).startswith(f"{variable} = ...")


def test_no_variable_is_a_name_that_the_cells_use_for_something_else() -> None:
    trees = [ast.parse(source.replace("{name}", "answer")) for source in (IMPORTS, *WORK.values())]
    names = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)} - {"answer", "_"}
    assert all(name in TAKEN or hasattr(builtins, name) or name in {"value", "values"} for name in names)


def test_an_exercise_is_not_made_twice_nor_of_an_unknown_kind(tmp_path: Path) -> None:
    course = load_course(tiny_course(tmp_path))
    with pytest.raises(AutograderError, match="has an exercise 'seven' already"):
        new_exercise(course, "sums", "seven", "numeric")
    with pytest.raises(AutograderError, match="Known: numeric"):
        new_exercise(course, "sums", "other", "essay")


@pytest.mark.parametrize("name", ["../elsewhere", "bad id", "", "_hidden", "7up", "a.b", "{x}"])
def test_an_id_that_could_be_no_file_is_refused(tmp_path: Path, name: str) -> None:
    course = load_course(tiny_course(tmp_path))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(AutograderError, match="cannot be an id"):
        new_exercise(course, "sums", name, "numeric")
    assert sorted(tmp_path.rglob("*")) == before

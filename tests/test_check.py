from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.build import build
from autograder.check import check_course
from autograder.course import load_course
from autograder.errors import CourseError
from autograder.sandbox import bubblewrap
from autograder.scaffold import new_exercise
from tests.fakes import DOUBLE, SEVEN, SUMS, code, notebook, tiny_course


def _words(root: Path, built: bool = True) -> str:
    course = load_course(root)
    if built:
        build(course, "sums")
    return "\n".join(str(fault) for fault in check_course(course))


def test_a_sound_course_has_no_fault(tmp_path: Path) -> None:
    assert _words(tiny_course(tmp_path)) == ""


def test_metadata_out_of_step_is_reported_with_the_command_that_mends_it(tmp_path: Path) -> None:
    assert "Run `autograder build sums`" in _words(tiny_course(tmp_path), built=False)


@pytest.mark.parametrize("content", ["[]", "{}", '{"metadata": {}, "cells": [3]}', '{"worksheets": []}', "no JSON"])
def test_a_source_that_is_no_notebook_is_one_fault(tmp_path: Path, content: str) -> None:
    root = tiny_course(tmp_path)
    (root / "source/sums/sums.ipynb").write_text(content)
    (words,) = _words(root, built=False).splitlines()
    assert words.startswith("source/sums/sums.ipynb: it is no notebook")
    with pytest.raises(CourseError, match="no notebook"):
        build(load_course(root), "sums")


def test_a_data_pack_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    toml = root / "course" / "course.toml"
    toml.write_text(toml.read_text() + 'packs = ["mnust"]\n')
    assert "packs names 'mnust'. There is: mnist" in _words(root)


def test_a_model_exercise_without_steps_for_one_of_the_settings_is_reported(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    new_exercise(load_course(root), "sums", "digits", "model")
    toml = root / "course" / "course.toml"
    toml.write_text(toml.read_text() + 'packs = ["mnist"]\n')
    file = root / "course/sums/digits.py"
    file.write_text(file.read_text().replace(', "small": ((0.80, 0.5), (0.90, 1.0))', ""))
    assert "[digits]: its checker has no steps for the setting 'small'" in _words(root)


def test_a_key_that_raises_is_reported(tmp_path: Path) -> None:
    root = tiny_course(tmp_path, sums__seven=SEVEN.replace("slips: 7", "slips: 1 / 0"))
    assert "course/sums/seven.py [seven]: `key` raises: ZeroDivisionError" in _words(root)


def test_an_error_whose_text_is_a_sentence_ends_with_one_full_stop(tmp_path: Path) -> None:
    raises = '(_ for _ in ()).throw(ValueError("It is wrong."))'
    words = _words(tiny_course(tmp_path, sums__seven=SEVEN.replace("slips: 7", f"slips: {raises}")))
    assert "`key` raises: ValueError: It is wrong. Correct the key function." in words


def test_what_the_judge_says_of_a_key_that_is_not_right_is_one_sentence(tmp_path: Path) -> None:
    words = _words(tiny_course(tmp_path, sums__seven=SEVEN.replace("slips: 7", "slips: None")))
    assert "[seven]: the key itself scores 0.0: There is no answer yet (missing). Correct key or checker." in words


def test_a_misconception_that_equals_the_key_is_reported(tmp_path: Path) -> None:
    root = tiny_course(tmp_path, sums__double=DOUBLE.replace('params["n"] + 2', 'params["n"] * 2'))
    assert "'plus' equals the key" in _words(root, built=False)


def test_a_prompt_that_names_an_unknown_field_is_reported(tmp_path: Path) -> None:
    root = tiny_course(tmp_path, sums__double=DOUBLE.replace("twice {n}", "twice {m}"))
    assert "the prompt cannot be shown" in _words(root)


def test_an_exercise_that_no_notebook_asks_and_a_check_without_exercise_are_reported(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    cells = [c for c in SUMS["cells"] if "seven" not in c["source"]]
    path = root / "source/sums/sums.ipynb"
    path.write_text(json.dumps(notebook(*cells, code('check("eleven", 11)'))))
    words = _words(root, built=False)
    assert "[seven]: no notebook asks it: its points cannot be reached" in words
    assert "[eleven]: cell" in words


def test_a_solution_that_is_not_closed_is_reported_because_it_would_be_released(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    path = root / "source/sums/sums.ipynb"
    path.write_text(path.read_text().replace("### END SOLUTION", ""))
    assert "else the answer is released" in _words(root, built=False)


def test_several_faults_are_reported_at_once(tmp_path: Path) -> None:
    root = tiny_course(
        tmp_path,
        sums__seven=SEVEN.replace("slips: 7", "slips: 1 / 0"),
        sums__double=DOUBLE.replace("twice {n}", "twice {m}"),
    )
    words = _words(root)
    assert "[seven]" in words
    assert "[double]" in words


def test_a_backend_that_the_kernels_environment_does_not_have_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "kernel_env", lambda: bubblewrap.KernelEnv(tmp_path / "kernel", ()))
    root = tiny_course(tmp_path)
    toml = root / "course" / "course.toml"
    toml.write_text(toml.read_text().replace("[course]", '[course]\nbackend = "jax"'))
    assert f"Run: {tmp_path}/kernel/bin/python -m pip install jax" in _words(root)
    library = tmp_path / "kernel/lib/python3.11/site-packages/jax/__init__.py"
    library.parent.mkdir(parents=True)
    library.touch()
    assert _words(root) == ""


def test_a_copied_work_cell_is_out_of_step_until_the_assignment_is_built(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    build(load_course(root), "sums")
    path = root / "source/sums/sums.ipynb"
    cells = json.loads(path.read_bytes())["cells"]
    path.write_text(json.dumps(notebook(*cells, cells[6])))
    assert "not in step with the exercises: cell 9 (work-" in _words(root, built=False)
    assert _words(root) == ""


def test_a_copy_of_a_check_cell_that_no_longer_checks_is_reported_because_it_carries_points(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    build(load_course(root), "sums")
    path = root / "source/sums/sums.ipynb"
    cells = json.loads(path.read_bytes())["cells"]
    path.write_text(json.dumps(notebook(*cells[:6], cells[7] | {"source": "print(total)"}, *cells[6:])))
    words = "[seven]: cell 7 carries points under the grade id of cell 9. Move its text into a new cell and delete it."
    assert words in _words(root, built=False)
    with pytest.raises(CourseError, match="cell 7 carries points"):
        build(load_course(root), "sums")


def _prose(root: Path) -> list[dict[str, Any]]:
    """The tiny course with an exercise in prose, as it was built; its cells are the last two."""
    tiny_course(root)
    new_exercise(load_course(root), "sums", "why", "prose")
    build(load_course(root), "sums")
    cells: list[dict[str, Any]] = json.loads((root / "source/sums/sums.ipynb").read_bytes())["cells"]
    return cells


def test_a_copied_cell_for_prose_is_reported_with_the_place_where_its_id_is_changed(tmp_path: Path) -> None:
    cells = _prose(tmp_path)
    (tmp_path / "source/sums/sums.ipynb").write_text(json.dumps(notebook(*cells, cells[-1])))
    words = _words(tmp_path, built=False)
    assert words.startswith(f"source/sums/sums.ipynb [why]: cell {len(cells) + 1} is a second cell for its answer")
    assert "write its id as ID in nbgrader's Create Assignment." in words


def test_an_exercise_in_prose_without_its_cell_is_not_told_to_check(tmp_path: Path) -> None:
    cells = _prose(tmp_path)
    (tmp_path / "source/sums/sums.ipynb").write_text(json.dumps(notebook(*cells[:-1])))
    words = _words(tmp_path, built=False)
    assert "[why]: no notebook asks it" in words
    assert "a manually graded answer with the ID why." in words
    assert "check(" not in words


def test_a_copied_cell_for_prose_whose_id_was_changed_answers_the_other_exercise(tmp_path: Path) -> None:
    cells = _prose(tmp_path)
    file = tmp_path / "course/sums/why.py"
    file.with_name("how.py").write_text(file.read_text().replace('id="why"', 'id="how"'))
    copied = cells[-1] | {"metadata": {"nbgrader": cells[-1]["metadata"]["nbgrader"] | {"grade_id": "how"}}}
    (tmp_path / "source/sums/sums.ipynb").write_text(json.dumps(notebook(*cells, code('ask("how")'), copied)))
    assert _words(tmp_path) == ""

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
from autograder.scaffold import KINDS, new_exercise
from tests.fakes import DOUBLE, SEVEN, SUMS, code, notebook, tiny_course

FUNCTION = KINDS["function"].format(id="seven", title="Seven")

ORDER = KINDS["order"].format(id="seven", title="Seven")

PROPERTIES = """
from autograder.checkers.properties import Properties, Property
from autograder.exercise import Exercise
from autograder.types import Call


def draw(params, rng):
    yield Call(([rng.random()],))


def same(results):
    return all(call.args[0] == value for call, value in zip(results.calls, results.values))


def identity(params, slips):
    return lambda items: items


exercise = Exercise(
    id="seven", title="Seven", points=1, prompt="Return the list.", key=identity,
    checker=Properties(properties=(Property("same", "returns the list", same),), calls=draw),
)
"""

ARCHITECTURE = """
import numpy as np

from autograder.blueprint import Blueprint
from autograder.checkers.architecture import Architecture, Fact
from autograder.exercise import Exercise


def batches(variant, rng):
    yield np.full((2, 8, 8, 4), rng.random(), "float32")


def convolves(network, variant):
    return len(network.of("Conv2D")) == 1


def block(params, slips):
    net = Blueprint((8, 8, 4))
    net.conv(net.input, 3, 3)
    return net


exercise = Exercise(
    id="seven", title="Seven", points=1, prompt="Build it.", key=block,
    checker=Architecture(facts=(Fact("conv", "has one convolution", convolves),), inputs=batches),
)
"""


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
    assert (
        "`key` raises: ValueError: It is wrong, at line 7 of course/sums/seven.py. Correct the key function." in words
    )


def test_what_the_judge_says_of_a_key_that_is_not_right_is_one_sentence(tmp_path: Path) -> None:
    words = _words(tiny_course(tmp_path, sums__seven=PROPERTIES.replace("return all(", "return not all(")))
    assert "[seven]: the key itself scores 0.0: " in words and "  " not in words
    assert words.endswith(". Correct key or checker.") and ".." not in words and ". Correct key" in words


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


def _built(root: Path) -> list[dict[str, Any]]:
    build(load_course(root), "sums")
    cells: list[dict[str, Any]] = json.loads((root / "source/sums/sums.ipynb").read_bytes())["cells"]
    return cells


def _write(root: Path, *cells: dict[str, Any]) -> None:
    (root / "source/sums/sums.ipynb").write_text(json.dumps(notebook(*cells)))


def test_a_copied_work_cell_is_out_of_step_until_the_assignment_is_built(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    cells = _built(root)
    _write(root, *cells, cells[6])
    assert "not in step with the exercises: cell 9 (work-" in _words(root, built=False)
    assert _words(root) == ""


def test_a_copy_of_a_check_cell_that_no_longer_checks_is_reported_because_it_carries_points(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    cells = _built(root)
    _write(root, *cells[:6], cells[7] | {"source": "print(total)"}, *cells[6:])
    words = "[seven]: cell 7 carries points under the grade id of cell 9. Move its text into a new cell and delete it."
    assert words in _words(root, built=False)
    with pytest.raises(CourseError, match="cell 7 carries points"):
        build(load_course(root), "sums")


def _prose(root: Path) -> list[dict[str, Any]]:
    """The tiny course with an exercise in prose, as it was built; its cells are the last two."""
    tiny_course(root)
    new_exercise(load_course(root), "sums", "why", "prose")
    return _built(root)


def test_a_copied_cell_for_prose_is_reported_with_the_place_where_its_id_is_changed(tmp_path: Path) -> None:
    cells = _prose(tmp_path)
    _write(tmp_path, *cells, cells[-1])
    words = _words(tmp_path, built=False)
    assert words.startswith(f"source/sums/sums.ipynb [why]: cell {len(cells) + 1} is a second cell for its answer")
    assert "write its id as ID in nbgrader's Create Assignment." in words


def test_an_exercise_in_prose_without_its_cell_is_not_told_to_check(tmp_path: Path) -> None:
    cells = _prose(tmp_path)
    _write(tmp_path, *cells[:-1])
    words = _words(tmp_path, built=False)
    assert "[why]: no notebook asks it" in words
    assert "a manually graded answer with the ID why." in words
    assert "check(" not in words


def test_a_copied_cell_for_prose_whose_id_was_changed_answers_the_other_exercise(tmp_path: Path) -> None:
    cells = _prose(tmp_path)
    file = tmp_path / "course/sums/why.py"
    file.with_name("how.py").write_text(file.read_text().replace('id="why"', 'id="how"'))
    copied = cells[-1] | {"metadata": {"nbgrader": cells[-1]["metadata"]["nbgrader"] | {"grade_id": "how"}}}
    _write(tmp_path, *cells, code('ask("how")'), copied)
    assert _words(tmp_path) == ""


@pytest.mark.parametrize("exercise", [FUNCTION, PROPERTIES, ARCHITECTURE])
def test_code_of_a_course_that_draws_calls_and_builds_has_no_fault(tmp_path: Path, exercise: str) -> None:
    assert _words(tiny_course(tmp_path, sums__seven=exercise)) == ""


@pytest.mark.parametrize(
    ("exercise", "right", "wrong", "told"),
    [
        (FUNCTION, "rng.uniform", "rgn.uniform", "NameError: name 'rgn' is not defined"),
        (PROPERTIES, "rng.random()", "params['itemz']", "KeyError: 'itemz'"),
        (PROPERTIES, "yield Call(([rng.random()],))", "return 5", "TypeError: 'int' object is not iterable"),
        (ARCHITECTURE, "rng.random()", "default_rgn()", "NameError: name 'default_rgn' is not defined"),
    ],
)
def test_drawing_code_that_raises_is_a_fault_of_its_exercise_among_all_others(
    tmp_path: Path, exercise: str, right: str, wrong: str, told: str
) -> None:
    other = DOUBLE.replace("twice {n}", "twice {m}")
    words = _words(tiny_course(tmp_path, sums__seven=exercise.replace(right, wrong), sums__double=other))
    assert f"course/sums/seven.py [seven]: what its checker asks cannot be drawn: {told}" in words
    assert "[double]: the prompt cannot be shown" in words


def test_what_was_raised_is_told_with_the_line_at_which_it_was(tmp_path: Path) -> None:
    broken = FUNCTION.replace("rng.uniform", "rgn.uniform")
    line = broken[: broken.index("rgn.uniform")].count("\n") + 1
    words = _words(tiny_course(tmp_path, sums__seven=broken))
    assert f"is not defined, at line {line} of course/sums/seven.py" in words


@pytest.mark.parametrize(
    ("exercise", "right", "wrong", "told"),
    [
        (ARCHITECTURE, "return net", "return 7", "`key` returns 7, and no Blueprint"),
        (PROPERTIES, "return lambda items: items", "return 7", "`key` returns 7, and no function"),
    ],
)
def test_a_key_of_the_wrong_kind_is_told_with_the_kind_that_is_needed(
    tmp_path: Path, exercise: str, right: str, wrong: str, told: str
) -> None:
    assert f"[seven]: {told}" in _words(tiny_course(tmp_path, sums__seven=exercise.replace(right, wrong)))


def test_a_pool_that_cannot_be_drawn_because_the_key_raises_is_told_so(tmp_path: Path) -> None:
    broken = DOUBLE.replace('params["n"] * 2', 'params["m"] * 2')
    words = _words(tiny_course(tmp_path, sums__double=broken), built=False)
    assert "[double]: `key` raises with parameters" in words and "KeyError: 'm', at line 15 of" in words


def test_inputs_that_the_key_itself_does_not_take_are_a_fault(tmp_path: Path) -> None:
    words = _words(tiny_course(tmp_path, sums__seven=ARCHITECTURE.replace("(2, 8, 8, 4)", "(8, 8, 4)")))
    assert "[seven]: `key` returns a network that computes nothing on the input of shape (8, 8, 4)" in words
    assert "the batch first" in words


@pytest.mark.parametrize(
    ("exercise", "right", "wrong", "told"),
    [
        (
            ARCHITECTURE,
            "convolves(network, variant)",
            "convolves(network)",
            "takes 1 positional argument but 2 were given",
        ),
        (
            ARCHITECTURE,
            "len(network",
            "lenn(network",
            "NameError: name 'lenn' is not defined, at line 14 of course/sums/",
        ),
        (PROPERTIES, "all(call", "al(call", "NameError: name 'al' is not defined, at line 12 of course/sums/seven.py"),
        (PROPERTIES, "same(results)", "same(calls, values)", "missing 1 required positional argument: 'values'"),
    ],
)
def test_a_fact_or_property_that_raises_on_the_key_itself_is_told_with_what_it_raised(
    tmp_path: Path, exercise: str, right: str, wrong: str, told: str
) -> None:
    words = _words(tiny_course(tmp_path, sums__seven=exercise.replace(right, wrong)))
    assert "[seven]: `key` returns" in words and told in words and "it is called as holds(" in words


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        (
            "[max(0.0",
            "[maxx(0.0",
            "`key` returns a function that raises NameError: name 'maxx' is not defined, at line",
        ),
        (
            "abs(value)",
            "abz(value)",
            "misconception 'absolute' leads to a function that raises NameError: name 'abz' is",
        ),
        ("max(0.0, value)", "0.0 + str(value)", "`key` returns a function that raises on every case, first TypeError:"),
    ],
)
def test_a_reference_that_raises_what_nobody_means_is_a_fault(
    tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    exercise = FUNCTION.replace(right, wrong).replace("(Call(([],)),)", "(Call(([1],)),)")
    assert f"[seven]: {told}" in _words(tiny_course(tmp_path, sums__seven=exercise))


def test_a_reference_that_raises_for_some_cases_may_be_meant(tmp_path: Path) -> None:
    exercise = FUNCTION.replace("max(0.0, value) for", "max(0.0, value) / len(values) for").replace("([],)", "(None,)")
    assert _words(tiny_course(tmp_path, sums__seven=exercise)) == ""


def test_mistakes_in_the_key_and_in_a_misconception_are_told_at_once(tmp_path: Path) -> None:
    broken = FUNCTION.replace("max(0.0", "maxx(0.0").replace("abs(value)", "abz(value)")
    words = _words(tiny_course(tmp_path, sums__seven=broken))
    assert "'maxx'" in words and "'abz'" in words


def test_a_key_of_properties_that_raises_is_told_with_what_it_raised(tmp_path: Path) -> None:
    exercise = PROPERTIES.replace("lambda items: items", "lambda items: items[1]")
    words = _words(tiny_course(tmp_path, sums__seven=exercise))
    assert "`key` returns a function that raises IndexError: list index out of range, at line 16" in words


def test_a_group_without_a_case_is_a_fault(tmp_path: Path) -> None:
    words = _words(tiny_course(tmp_path, sums__seven=FUNCTION.replace("(Call(([],)),)", "()")))
    assert "the group 'an empty list' has no case" in words


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("denze", "leads to an order with 'denze', which is no item"),
        (
            "one-by-one",
            "leads to ('max-pooling', 'one-by-one', 'one-by-one', 'three-by-three'), and not each of the ids",
        ),
    ],
)
def test_a_wrong_order_that_nobody_can_hand_in_is_a_fault(tmp_path: Path, wrong: str, told: str) -> None:
    exercise = ORDER.replace('"max-pooling", "dense", ', f'"max-pooling", "{wrong}", ')
    words = _words(tiny_course(tmp_path, sums__seven=exercise))
    assert f"[seven]: misconception 'dense-is-one' {told}" in words
    assert "Write each of these ids once: dense, max-pooling, one-by-one, three-by-three." in words


def test_a_misconception_that_a_tolerance_takes_for_right_is_told_by_the_tolerance(tmp_path: Path) -> None:
    slip = 'misconceptions=(Misconception("eight", "One more.", key=lambda params: 8),),'
    exercise = SEVEN.replace("checker=Numeric(exact=True),", f"checker=Numeric(relative=0.2), {slip}")
    exercise = exercise.replace("import Exercise", "import Exercise\nfrom autograder.types import Misconception")
    words = _words(tiny_course(tmp_path, sums__seven=exercise))
    assert "misconception 'eight' counts as right: the tolerance is wider than its mistake" in words


def test_a_key_with_parameters_that_is_no_number_is_told_as_such(tmp_path: Path) -> None:
    broken = DOUBLE.replace("return int(", 'return "many" or int(')
    words = _words(tiny_course(tmp_path, sums__double=broken), built=False)
    assert "course/sums/double.py [double]: `key` returns 'many', and no number" in words

"""The notebooks under source/: what they promise holds, and their solutions are right for everybody."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.build import worked_solution
from autograder.cells import source
from autograder.checkers.base import plain
from autograder.course import load_course
from autograder.demo.scratch import make_course
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.pool import variant
from autograder.release import build_questions
from autograder.sources import read_sources
from autograder.types import Call, Evidence
from handin import carrier
from handin.questions import place

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
NOTEBOOKS = {
    (assignment.id, name): notebook
    for assignment in COURSE.assignments.values()
    for name, notebook in read_sources(COURSE, assignment)[0].items()
}
WITHOUT_TRAINING = ("arithmetic", "concepts")
"""Assignments whose worked solution runs in a second, without Keras."""

every_notebook = pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
every_assignment = pytest.mark.parametrize("assignment", COURSE.assignments)


def text(assignment: str, name: str) -> str:
    """The words of a notebook, each line break a space."""
    cells = [source(cell) for cell in NOTEBOOKS[assignment, name]["cells"] if cell["cell_type"] == "markdown"]
    return " ".join(" ".join(cells).split())


def grade_ids(assignment: str, name: str) -> list[str]:
    cells = NOTEBOOKS[assignment, name]["cells"]
    return [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]


def called(function: Callable[..., Any], call: Call) -> Evidence:
    try:
        return Evidence("ok", plain(function(*call.args, **call.kwargs)))
    except Exception as error:
        return Evidence("raised", detail=type(error).__name__)


def evidence(exercise: Exercise, asked: Any, answer: Any) -> Evidence:
    probe = exercise.checker.probe(asked)
    if callable(answer):
        return Evidence("ok", calls=tuple(called(answer, call) for call in probe.calls), probe=probe.digest)
    return Evidence("ok", plain(answer), probe=probe.digest)


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Of each assignment, as released, with smaller pools: they are drawn in a second. Kept in a copy."""
    course = make_course(COURSE, tmp_path_factory.mktemp("course"), COURSE.setting)
    found = {}
    for name in WITHOUT_TRAINING:
        assignment = course.assignments[name]
        fewer = {exercise: replace(x, pool=min(x.pool, 12)) for exercise, x in assignment.exercises.items()}
        found[name] = build_questions(course, replace(assignment, exercises=fewer))
    return found


@pytest.mark.parametrize("user", [f"student-{i}" for i in range(12)])
@pytest.mark.parametrize("name", WITHOUT_TRAINING)
def test_the_worked_solution_is_right_for_every_student(
    name: str, user: str, questions: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment, released = COURSE.assignments[name], questions[name]
    (tmp_path / "questions.json").write_text(json.dumps(released))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTERHUB_USER", user)
    handed: dict[str, carrier.Handed] = {}
    monkeypatch.setattr(carrier, "carry", lambda answer: handed.__setitem__(answer.exercise, answer))
    for notebook in assignment.notebooks:
        names: dict[str, Any] = {}  # each notebook has a kernel of its own
        for cell in worked_solution(NOTEBOOKS[name, notebook])["cells"]:
            if cell["cell_type"] == "code":
                exec(source(cell), names)

    asked = {exercise.id: exercise for exercise in assignment.exercises.values() if exercise.checker.kind != "text"}
    assert handed.keys() == asked.keys()
    for exercise in asked.values():
        answer, pool = handed[exercise.id], released["exercises"][exercise.id]["pool"]
        entry = pool[place(released["salt"], exercise.id, user, len(pool))]
        assert answer.variant == entry["digest"]
        own = variant(exercise, entry["params"], seed=7)
        verdict = judge(exercise, own, evidence(exercise, own, answer.answer))
        assert verdict.score == 1, (exercise.id, answer.answer, verdict)


def stack() -> Any:
    """The module that the loader imported, as the exercises see it."""
    return sys.modules[COURSE.assignments["arithmetic"].exercises["parameters"].key.__module__]


def test_the_worked_example_of_arithmetic_is_computed_as_the_keys_are() -> None:
    example = {
        "height": 32, "width": 48, "channels": 3, "batch": 10,
        "layers": [
            {"filters": 8, "kernel": 5, "stride": 1, "padding": "same"},
            {"filters": 16, "kernel": 3, "stride": 2, "padding": "same"},
        ],
    }  # fmt: skip
    words = text("arithmetic", "arithmetic")
    assert f"**{stack().count_parameters(example):,}**" in words
    assert f"{stack().output_shape(example)}" in words
    assert f"**{stack().memory_to_predict(example):.3f} MB**" in words
    assert f"**{stack().memory_to_train(example):.3f} MB**" in words


def test_the_worked_examples_of_layers_are_computed_as_the_keys_are() -> None:
    def key(exercise: str, **params: Any) -> Any:
        return COURSE.assignments["concepts"].exercises[exercise].key(params, frozenset())

    words = text("concepts", "layers")
    for side in (28, 56):
        assert f"**{key('why-cnn-dense', height=side, width=side, channels=1, units=100):,}**" in words
    assert f"**{key('why-cnn-convolution', height=28, width=28, channels=1, filters=8, kernel=3)}**" in words
    assert f"**{key('pooling-parameters', height=8, width=10, maps=4, window=2)[1]}**" in words
    assert f"{key('pooling-shape', height=8, width=10, maps=4, window=2)}" in words
    assert f"**{key('pooling-work', height=8, width=10, maps=4, window=2):,}**" in words
    assert f"**{key('lrn-value', values=[2, 6, 1, 3], map=2, bias=1, alpha=1):.3f}**" in words

    first, second = ({"filters": f, "kernel": 3, "stride": s, "padding": "same"} for f, s in ((16, 1), (32, 2)))
    example = {"height": 64, "width": 64, "channels": 3, "batch": 16, "layers": [first, second]}
    for changed in ({}, {"batch": 4}, {"layers": [first, {**second, "stride": 4}]}):
        assert f"**{stack().memory_to_train({**example, **changed}):.3f} MB**" in words


@pytest.mark.parametrize("name", ["fixed-parameters", "fixed-memory-predict", "fixed-memory-train"])
def test_no_answer_that_all_share_is_written_outside_a_solution(name: str) -> None:
    exercise = COURSE.assignments["arithmetic"].exercises[name]
    key = exercise.key(exercise.fixed, frozenset())
    released = "".join(
        re.sub(r"### BEGIN SOLUTION.*?### END SOLUTION", "", source(cell), flags=re.DOTALL)
        for cell in NOTEBOOKS["arithmetic", "arithmetic"]["cells"]
    )
    for written in {f"{key:,}", f"{key:.0f}", f"{key:_}", f"{key:.1f}"}:
        assert written not in released


def test_the_budget_that_the_notebook_names_is_the_one_that_holds() -> None:
    mnist = COURSE.assignments["mnist"].limits
    promise = (
        f"One cell may take up to {mnist.cell_seconds / 60:g} minutes, all cells together up to {mnist.seconds / 60:g}."
    )
    assert promise in text("mnist", "mnist")
    for name in WITHOUT_TRAINING:
        assignment = COURSE.assignments[name]
        assert f"it may take up to {assignment.limits.seconds / 60:g}." in text(name, assignment.notebooks[0])


@every_notebook
def test_every_picture_is_inside_the_notebook_and_described_in_words(assignment: str, name: str) -> None:
    for cell in NOTEBOOKS[assignment, name]["cells"]:
        for words, target in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", source(cell)):
            assert len(words) > 20
            assert target.removeprefix("attachment:") in cell["attachments"]


@every_assignment
def test_every_question_is_asked_answered_and_handed_in_in_this_order(assignment: str) -> None:
    notebooks = [grade_ids(assignment, name) for name in COURSE.assignments[assignment].notebooks]
    for exercise in COURSE.assignments[assignment].exercises.values():
        prose = exercise.checker.kind == "text"
        wanted = [f"{exercise.id}-ask", *([] if prose else [f"{exercise.id}-work"]), exercise.id]
        (ids,) = (ids for ids in notebooks if exercise.id in ids)
        start = ids.index(wanted[0])
        assert ids[start : start + len(wanted)] == wanted


@every_notebook
def test_students_are_told_that_check_does_not_grade_and_how_to_work_elsewhere(assignment: str, name: str) -> None:
    words = text(assignment, name)
    for promise in ("does not grade it here", "questions.json", "pip install handin", "receipt", "Restart Kernel"):
        assert promise in words

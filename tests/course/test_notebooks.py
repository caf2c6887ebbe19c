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

from autograder.build import read_sources, source, worked_solution
from autograder.checkers.base import plain
from autograder.course import load_course
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.pool import variant
from autograder.release import build_questions
from autograder.types import Call, Evidence
from handin import carrier
from handin.questions import place

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
NOTEBOOKS = {name: read_sources(COURSE, assignment)[0][name] for name, assignment in COURSE.assignments.items()}

every_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


def text(name: str) -> str:
    """The words of a notebook, each line break a space."""
    cells = [source(cell) for cell in NOTEBOOKS[name]["cells"] if cell["cell_type"] == "markdown"]
    return " ".join(" ".join(cells).split())


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
def questions() -> dict[str, Any]:
    """As released, with smaller pools: they are drawn in a second."""
    assignment = COURSE.assignments["arithmetic"]
    fewer = {name: replace(x, pool=min(x.pool, 12)) for name, x in assignment.exercises.items()}
    return build_questions(COURSE, replace(assignment, exercises=fewer))


@pytest.mark.parametrize("user", [f"student-{i}" for i in range(12)])
def test_the_worked_solution_of_arithmetic_is_right_for_every_student(
    user: str, questions: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = COURSE.assignments["arithmetic"]
    (tmp_path / "questions.json").write_text(json.dumps(questions))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTERHUB_USER", user)
    handed: dict[str, carrier.Handed] = {}
    monkeypatch.setattr(carrier, "carry", lambda answer: handed.__setitem__(answer.exercise, answer))
    names: dict[str, Any] = {}
    for cell in worked_solution(NOTEBOOKS["arithmetic"])["cells"]:
        if cell["cell_type"] == "code":
            exec(source(cell), names)

    asked = {name: x for name, x in assignment.exercises.items() if x.checker.kind != "text"}
    assert handed.keys() == asked.keys()
    for name, exercise in asked.items():
        pool = questions["exercises"][name]["pool"]
        entry = pool[place(questions["salt"], name, user, len(pool))]
        assert handed[name].variant == entry["digest"]
        own = variant(exercise, entry["params"], seed=7)
        verdict = judge(exercise, own, evidence(exercise, own, handed[name].answer))
        assert verdict.score == 1, (name, handed[name].answer, verdict)


def test_the_worked_example_is_computed_as_the_keys_are() -> None:
    # The module that the loader imported, as the exercises see it.
    stack: Any = sys.modules[COURSE.assignments["arithmetic"].exercises["parameters"].key.__module__]
    example = {
        "height": 32, "width": 48, "channels": 3, "batch": 10,
        "layers": [
            {"filters": 8, "kernel": 5, "stride": 1, "padding": "same"},
            {"filters": 16, "kernel": 3, "stride": 2, "padding": "same"},
        ],
    }  # fmt: skip
    words = text("arithmetic")
    assert f"**{stack.count_parameters(example):,}**" in words
    assert f"{stack.output_shape(example)}" in words
    assert f"**{stack.memory_to_predict(example):.3f} MB**" in words
    assert f"**{stack.memory_to_train(example):.3f} MB**" in words


@pytest.mark.parametrize("name", ["fixed-parameters", "fixed-memory-predict", "fixed-memory-train"])
def test_no_answer_that_all_share_is_written_outside_a_solution(name: str) -> None:
    exercise = COURSE.assignments["arithmetic"].exercises[name]
    key = exercise.key(exercise.fixed, frozenset())
    released = "".join(
        re.sub(r"### BEGIN SOLUTION.*?### END SOLUTION", "", source(cell), flags=re.DOTALL)
        for cell in NOTEBOOKS["arithmetic"]["cells"]
    )
    for written in {f"{key:,}", f"{key:.0f}", f"{key:_}", f"{key:.1f}"}:
        assert written not in released


def test_the_budget_that_the_notebook_names_is_the_one_that_holds() -> None:
    mnist, arithmetic = (COURSE.assignments[name].limits for name in ("mnist", "arithmetic"))
    promise = (
        f"One cell may take up to {mnist.cell_seconds / 60:g} minutes, all cells together up to {mnist.seconds / 60:g}."
    )
    assert promise in text("mnist")
    assert f"it may take up to {arithmetic.seconds / 60:g}." in text("arithmetic")


@every_notebook
def test_every_picture_is_inside_the_notebook_and_described_in_words(name: str) -> None:
    for cell in NOTEBOOKS[name]["cells"]:
        for words, target in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", source(cell)):
            assert len(words) > 20
            assert target.removeprefix("attachment:") in cell["attachments"]


@every_notebook
def test_every_question_is_asked_answered_and_handed_in_in_this_order(name: str) -> None:
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in NOTEBOOKS[name]["cells"]]
    for exercise in COURSE.assignments[name].exercises.values():
        prose = exercise.checker.kind == "text"
        wanted = [f"{exercise.id}-ask", *([] if prose else [f"{exercise.id}-work"]), exercise.id]
        start = ids.index(wanted[0])
        assert ids[start : start + len(wanted)] == wanted


@every_notebook
def test_students_are_told_that_check_does_not_grade_and_how_to_work_elsewhere(name: str) -> None:
    words = text(name)
    for promise in ("does not grade it here", "questions.json", "pip install handin", "receipt", "Restart Kernel"):
        assert promise in words

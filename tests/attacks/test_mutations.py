"""Thousands of damaged notebooks and messages: none ends a batch, none earns what its content does not."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import nbformat
import pytest

from autograder.checkers.choice import Choice, Option
from autograder.checkers.numeric import Numeric
from autograder.checkers.options import Item
from autograder.checkers.order import Order
from autograder.doctor import repair
from autograder.errors import NotebookError
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.pool import variant
from autograder.sandbox.budget import BudgetError
from autograder.sandbox.desk import Desk
from autograder.sandbox.inside.frames import pack
from autograder.types import Evidence, Limits
from handin import wire
from tests.attacks.mutation import bytes_of, notebook_of
from tests.test_doctor import GIVEN, GRADED, RELEASE, student

EACH = 250
SEEDS = range(8)  # eight times 250 are the two thousand


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_notebook_is_repaired_or_refused_with_a_reason(seed: int) -> None:
    rng = Random(f"notebooks/{seed}")
    outcomes: Counter[str] = Counter()
    for _ in range(EACH):
        raw = notebook_of(rng.choice((GIVEN, student())), rng)
        try:
            repaired = repair(raw, RELEASE, "nb")
        except NotebookError as error:
            assert str(error)
            outcomes["refused"] += 1
            continue
        outcomes["repaired"] += 1
        nbformat.validate(repaired.notebook)
        json.dumps(repaired.notebook).encode()
        assert _locked(repaired.notebook) == _locked(GIVEN)
        assert sorted(_graded(repaired.notebook)) == sorted(GRADED)
        assert not any("tags" in cell["metadata"] for cell in repaired.notebook["cells"])
        again = repair(json.dumps(repaired.notebook).encode(), RELEASE, "nb")
        assert again.notebook["cells"] == repaired.notebook["cells"]
    assert min(outcomes["refused"], outcomes["repaired"]) > EACH / 50, outcomes  # else the damage is of one kind only


def _nbgrader(cell: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = cell["metadata"].get("nbgrader", {})
    return about


def _source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _locked(notebook: dict[str, Any]) -> Counter[tuple[str, str]]:
    """What runs as ours, by id: just what was given out, and each once."""
    return Counter(
        (_nbgrader(cell)["grade_id"], _source(cell)) for cell in notebook["cells"] if _nbgrader(cell).get("locked")
    )


def _graded(notebook: dict[str, Any]) -> list[str]:
    return [_nbgrader(cell)["grade_id"] for cell in notebook["cells"] if _nbgrader(cell).get("grade")]


QUIZ = Choice((Option("a", "A", "No."), Option("b", "B", "Yes.", right=True), Option("c", "C", "No.")))
ROW = Order((Item("one", "1"), Item("two", "2"), Item("three", "3"), Item("four", "4")))
EXERCISES = {
    exercise.id: exercise
    for exercise in (
        Exercise("number", "Number", 1, "?", lambda params, slips: 7, Numeric(exact=True)),
        Exercise("quiz", "Quiz", 1, "?", QUIZ.key, QUIZ),
        Exercise("row", "Row", 1, "?", ROW.key, ROW),
    )
}
VARIANTS = {name: variant(exercise, exercise.fixed) for name, exercise in EXERCISES.items()}
RIGHT: dict[str, Any] = {"number": 7, "quiz": "b", "row": ["one", "two", "three", "four"]}
WRONG: dict[str, Any] = {"number": 8, "quiz": "c", "row": ["two", "one", "three", "four"]}


def _message(answers: dict[str, Any]) -> bytes:
    return b"".join(
        pack(
            {
                "exercise": name,
                "kind": "value",
                "status": "ok",
                "detail": "",
                "number": n,
                "variant": VARIANTS[name].digest,
            },
            wire.encode(value),
        )
        for n, (name, value) in enumerate(answers.items())
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_message_ends_its_own_kernel_at_most_and_earns_what_it_says(seed: int) -> None:
    rng = Random(f"messages/{seed}")
    outcomes: Counter[str] = Counter()
    for _ in range(EACH):
        desk = Desk(EXERCISES, Limits())
        try:
            desk.on_answers(bytes_of(_message(rng.choice((RIGHT, WRONG))), rng))
        except BudgetError as error:
            outcomes["stopped"] += 1
            assert str(error)
        for name, answer in desk.answers.items():
            exercise, asked = EXERCISES[name], VARIANTS[name]
            found = answer.evidence(Limits().value_mb * 2**20) if answer.kind == "value" else Evidence("unreadable")
            probe = exercise.checker.probe(asked).digest
            verdict = judge(exercise, asked, Evidence(found.status, found.value, probe=probe, variant=found.variant))
            assert not verdict.failed, verdict.note
            outcomes[found.status] += 1
            if verdict.score == 1:
                assert _means(found.value, RIGHT[name]), found
                outcomes["earned"] += 1
        desk.close()
    assert min(outcomes["stopped"], outcomes["ok"], outcomes["unreadable"], outcomes["earned"]) > 5, outcomes


def _means(value: Any, right: Any) -> bool:
    """Whether what came says what is right, in one of the ways in which people write it."""
    return bool(
        value == right or (isinstance(value, tuple) and list(value) == right) or str(value).strip() == str(right)
    )

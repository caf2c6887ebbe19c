"""Pools that are drawn once: by what they follow from, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder import pools
from autograder.course import load_course
from autograder.exercise import Exercise
from autograder.pool import make_pool
from autograder.release import build_questions
from tests.fakes import tiny_course


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of exercises whose pools were drawn, as they are drawn."""
    found: list[str] = []

    def noted(exercise: Exercise, seed: int) -> list[dict[str, Any]]:
        found.append(exercise.id)
        return make_pool(exercise, seed)

    monkeypatch.setattr(pools, "make_pool", noted)
    return found


def questions(root: Path) -> dict[str, Any]:
    course = load_course(root)
    return build_questions(course, course.assignment("sums"))


def test_a_pool_is_drawn_once(tmp_path: Path, drawn: list[str]) -> None:
    root = tiny_course(tmp_path)
    first = questions(root)
    assert "double" in drawn
    drawn.clear()
    assert questions(root) == first and not drawn


def test_an_exercise_that_changed_is_drawn_anew_and_no_other(tmp_path: Path, drawn: list[str]) -> None:
    root = tiny_course(tmp_path)
    first = questions(root)
    drawn.clear()
    path = root / "course" / "sums" / "double.py"
    path.write_text(path.read_text().replace("pool=", "pool=1+"))
    second = questions(root)
    assert drawn == ["double"]
    assert len(second["exercises"]["double"]["pool"]) == len(first["exercises"]["double"]["pool"]) + 1


def test_a_smaller_pool_that_somebody_asked_for_is_not_kept_for_all(tmp_path: Path) -> None:
    course = load_course(tiny_course(tmp_path))
    assignment = course.assignment("sums")
    whole = build_questions(course, assignment)
    few = {name: replace(exercise, pool=1) for name, exercise in assignment.exercises.items()}
    assert len(build_questions(course, replace(assignment, exercises=few))["exercises"]["double"]["pool"]) == 1
    assert build_questions(course, assignment) == whole


def test_another_salt_draws_other_pools(tmp_path: Path, drawn: list[str]) -> None:
    root = tiny_course(tmp_path)
    first = questions(root)
    toml = root / "course" / "course.toml"
    toml.write_text(toml.read_text().replace('salt = "', 'salt = "new'))
    assert questions(root)["exercises"]["double"]["pool"] != first["exercises"]["double"]["pool"]


def test_what_would_come_back_otherwise_is_not_kept(tmp_path: Path, drawn: list[str]) -> None:
    root = tiny_course(tmp_path)
    path = root / "course" / "sums" / "double.py"
    path.write_text(f"{path.read_text()}\nfrom dataclasses import replace\n"
                    "drawn = exercise.params\n"
                    "exercise = replace(exercise, params=lambda rng: {**drawn(rng), 'pair': (1, 2)})\n")  # fmt: skip
    questions(root)
    drawn.clear()
    questions(root)
    assert drawn == ["double"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"double": 1}', b'{"double": {"name"'])
def test_a_file_that_is_damaged_is_drawn_again(tmp_path: Path, drawn: list[str], content: bytes) -> None:
    root = tiny_course(tmp_path)
    first = questions(root)
    (root / "records" / "pools" / "sums.json").write_bytes(content)
    assert questions(root) == first

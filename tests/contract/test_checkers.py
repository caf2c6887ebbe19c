"""One suite over every checker: what holds for all of them, whoever writes the next."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from dataclasses import is_dataclass

import pytest

import autograder.checkers
from autograder.checkers.base import Base
from tests.contract.test_exercises import EXERCISES, variants

KINDS = {"number", "choice", "choices", "order", "match", "function", "model", "text", "value", "asserts"}


def concrete() -> list[type[Base]]:
    found = []
    for module in pkgutil.iter_modules(autograder.checkers.__path__):
        names = vars(importlib.import_module(f"autograder.checkers.{module.name}"))
        found += [
            value
            for name, value in names.items()
            if inspect.isclass(value)
            and issubclass(value, Base)
            and not inspect.isabstract(value)
            and value.__module__.endswith(f".{module.name}")
            and not name.startswith("_")
        ]
    return found


every_checker = pytest.mark.parametrize("checker", concrete(), ids=lambda checker: checker.__name__)


@every_checker
def test_a_checker_is_a_frozen_value(checker: type[Base]) -> None:
    assert is_dataclass(checker)
    assert checker.__dataclass_params__.frozen


@every_checker
def test_a_checker_names_the_kind_of_its_answers(checker: type[Base]) -> None:
    assert checker.kind in KINDS  # type: ignore[attr-defined]


@every_checker
def test_a_checker_says_what_it_judges(checker: type[Base]) -> None:
    assert checker.__doc__ and not checker.__doc__.startswith(f"{checker.__name__}(")


@every_checker
def test_a_checker_is_used_by_an_exercise_so_that_the_exercises_suite_tries_it(checker: type[Base]) -> None:
    assert any(isinstance(exercise.checker, checker) for exercise in EXERCISES.values())


@pytest.mark.parametrize("name", EXERCISES)
def test_checking_twice_gives_the_same(name: str) -> None:
    exercise = EXERCISES[name]
    variant = next(variants(exercise))
    evidence = exercise.checker.answer(variant)
    assert exercise.checker.check(evidence, variant) == exercise.checker.check(evidence, variant)


@pytest.mark.parametrize("name", EXERCISES)
def test_a_form_is_json(name: str) -> None:
    form = dict(EXERCISES[name].checker.form())
    assert json.loads(json.dumps(form)) == form

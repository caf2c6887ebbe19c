"""Runs the tests of a module for what they provoke: in another language their own claims do not hold."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from types import ModuleType
from typing import Any


def replay(module: ModuleType) -> int:
    """Run every test that needs no fixture; return how many. Tests that draw their own examples are left out."""
    count = 0
    for name, test in vars(module).items():
        if name.startswith("test_") and callable(test) and not hasattr(test, "hypothesis"):
            for values in _parameters(test):
                if inspect.signature(test).parameters.keys() == values.keys():
                    count += 1
                    with suppress(Exception):
                        test(**values)
    return count


def _parameters(test: Any) -> Iterator[dict[str, Any]]:
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    tables = []
    for mark in marks:
        names, rows = mark.args[0], mark.args[1]
        single = isinstance(names, str) and "," not in names
        split = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
        rows = [getattr(row, "values", row) if type(row).__name__ == "ParameterSet" else row for row in rows]
        tables.append([dict(zip(split, [row] if single else row, strict=True)) for row in rows])
    for chosen in product(*tables):
        yield {name: value for part in chosen for name, value in part.items()}

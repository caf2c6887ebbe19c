"""Gives check cells each other's ids, so that the right answer to one would count for another.

expect: answered
held-by: doctor
"""

from __future__ import annotations

from tests.attacks.field import Given, cell_of


def submission(given: Given) -> None:
    one, other = (cell_of(given.solved, f'check("{e}"')["metadata"]["nbgrader"] for e in ("before", "target"))
    one["grade_id"], other["grade_id"] = other["grade_id"], one["grade_id"]
    given.write(given.solved)

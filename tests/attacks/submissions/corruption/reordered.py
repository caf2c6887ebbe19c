"""Turns the notebook around.

expect: answered
held-by: doctor
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    cells = given.solved["cells"]
    given.solved["cells"] = [*cells[:2], *reversed(cells[2:])]
    given.write(given.solved)

"""Changes what the locked check cells do.

expect: answered
held-by: doctor
"""

from __future__ import annotations

from tests.attacks.field import Given, cell_of


def submission(given: Given) -> None:
    cell_of(given.solved, 'check("before"')["source"] = 'print("score=1")  # mine'
    cell_of(given.solved, 'check("target"')["source"] = 'from handin import check\ncheck("target", 1); score = 1'
    given.write(given.solved)

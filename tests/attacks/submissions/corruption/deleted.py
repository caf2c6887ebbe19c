"""Deletes check cells, the cell that imports, and everything that is locked.

expect: answered
held-by: doctor
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    kept = ("first", "answer", "def twice", "last", "from handin")
    given.solved["cells"] = [c for c in given.solved["cells"] if c["source"].startswith(kept)]
    given.write(given.solved)

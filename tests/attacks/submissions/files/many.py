"""Submits ten thousand files.

expect: answered
held-by: ingest
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.write(given.solved)
    for number in range(10_000):
        given.write(b"", f"more/{number}.ipynb")

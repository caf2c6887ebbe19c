"""Submits the notebook of a friend, whose numbers are others, and takes the name of the friend in it.

expect: answered
held-by: judge
"""

from __future__ import annotations

from tests.attacks.field import Given, cell_of


def submission(given: Given) -> None:
    friends = cell_of(given.friend, "first = ")["source"]
    cell_of(given.solved, "answer = ")["source"] = friends.replace("first", "answer")
    given.write(given.solved)

"""Edits what its cells say they are worth, and which of them are graded.

expect: answered
held-by: doctor
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    for cell in given.solved["cells"]:
        about = cell["metadata"].get("nbgrader")
        if about:
            about |= {"points": 10**6, "grade": not about.get("grade"), "locked": False, "schema_version": -1}
    given.write(given.solved)

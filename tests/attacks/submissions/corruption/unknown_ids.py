"""Adds graded cells that the release does not have, with ids that are paths, markup, and no text.

expect: answered
held-by: doctor
"""

from __future__ import annotations

from tests.attacks.field import Given
from tests.fakes import code


def submission(given: Given) -> None:
    for number, name in enumerate(("bonus", "../../gradebook.db", "<script>alert(1)</script>", 7, None, ["target"])):
        about = {"grade_id": name, "grade": True, "points": 1000, "locked": True, "solution": False}
        given.solved["cells"].append({**code('print("score=1")', nbgrader=about), "id": f"extra{number}"})
    given.write(given.solved)

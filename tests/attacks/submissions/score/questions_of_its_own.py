"""Submits other questions beside the notebook, and modules with the names of ours.

expect: answered
held-by: ingest
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.write(given.solved)
    given.write(b'{"format": 1, "salt": "x", "exercises": {}}', "questions.json")
    for name in ("handin.py", "numpy.py", "sitecustomize.py", "usercustomize.py", "conftest.py", "nbgrader_config.py"):
        given.write(b"raise SystemExit('mine')", name)

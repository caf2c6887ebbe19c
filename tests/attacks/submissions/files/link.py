"""Submits a link to a notebook of somebody else's.

expect: rejected-file
held-by: ingest
"""

from __future__ import annotations

import json

from tests.attacks.field import Given


def submission(given: Given) -> None:
    other = given.root / "other.ipynb"
    other.write_text(json.dumps(given.solved), "utf-8")
    (given.folder / "exam.ipynb").symlink_to(other)

"""Submits a notebook whose JSON is smaller than it may be and becomes thirty times as large where it is read.

expect: rejected-file
held-by: ingest
"""

from __future__ import annotations

import json

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.solved["metadata"]["x"] = ["here"]
    given.write(json.dumps(given.solved).replace('"here"', "{}," * 3_000_000 + "{}").encode())

"""Submits a pipe, at which a reader waits for ever.

expect: rejected-file
held-by: ingest
"""

from __future__ import annotations

import os

from tests.attacks.field import Given


def submission(given: Given) -> None:
    os.mkfifo(given.folder / "exam.ipynb")

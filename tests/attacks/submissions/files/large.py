"""Submits a notebook that is larger than any notebook is.

expect: rejected-file
held-by: ingest
"""

from __future__ import annotations

import os

from tests.attacks.field import Given


def submission(given: Given) -> None:
    path = given.write(b"{")
    os.truncate(path, 2 * 2**30)  # a hole: it takes no room on this disk

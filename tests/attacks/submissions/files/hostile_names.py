"""Submits files whose names are paths, escapes, markup, no text, as long as they can be, and devices of Windows.

expect: answered
held-by: ingest
"""

from __future__ import annotations

import os

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.write(given.solved)
    for name in (b"\xff\xfe.ipynb", b"..\\..\\x.ipynb", b"\x1b]0;x\x07.ipynb", b"a\nb.ipynb", b"CON.ipynb", b"x" * 250):
        given.write(b"{}", os.fsdecode(name))
    given.write(b"{}", "deep/" * 100 + "exam.ipynb")

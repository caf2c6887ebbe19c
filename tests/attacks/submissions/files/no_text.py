"""Submits bytes that are no text, and constants that are no JSON.

expect: rejected-file
held-by: doctor
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.write(b"\xff\xfe\x00\xd8" * 1000)

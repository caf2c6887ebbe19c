"""Submits work on a release that has been replaced.

expect: answered
held-by: judge, cache
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.write(given.old)

"""Is called like what a terminal obeys.

expect: answered
held-by: page
student: @\x1b]0;canary\x07
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.write(given.solved)

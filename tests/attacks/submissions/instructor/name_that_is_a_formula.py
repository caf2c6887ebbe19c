"""Is called like a formula, and like markup.

expect: answered
held-by: spreadsheet, page
student: =cmd|' C calc'!A0<script>alert(1)<script>
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.write(given.solved)

"""Says when it was handed in: before the deadline, in words that are a path, by a link.

expect: answered
held-by: identity
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.write(given.solved)
    (given.folder / "timestamp.txt").symlink_to("/etc/shadow")
    given.write(b"1970-01-01 00:00:00 UTC", "TIMESTAMP.txt")
    given.write(b"\xff\xfe" * 100, "timestamp.txt.txt")

"""One watcher for a course; and none while a student's data are erased."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import AutograderError


@contextmanager
def alone(records: Path) -> Iterator[None]:
    """Hold the lock of a course's watchers; the kernel takes it back from whoever dies."""
    lock = records / "watch" / ".lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            who = os.pread(handle, 20, 0).decode(errors="replace").strip()
            known = f", process {who} of its machine" if who.isdigit() else ""
            raise AutograderError(f"Another `autograder watch`{known} has this course. Stop that one first.") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)

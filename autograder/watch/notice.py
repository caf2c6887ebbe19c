"""Notices what comes into a folder: the kernel tells, and where it cannot (a network file system), looking does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from watchfiles import watch

POLL = 5.0
"""Seconds between two looks at the whole folder."""

STEP = 10
"""Milliseconds without another change after which one is told."""


class Stop:
    """Like threading.Event, without a lock that a signal's handler could wait for while it holds up its holder."""

    def __init__(self) -> None:
        self._stopped = False

    def set(self) -> None:
        self._stopped = True

    def is_set(self) -> bool:
        return self._stopped


def notices(folder: Path, stop: Stop, poll: float = POLL) -> Iterator[frozenset[str] | None]:
    """Yield the names of what has just changed in folder; None: look at all of it. Ends when stop is set.

    What is changed deeper inside is not told, but for the rights of folder's own entries.
    """
    looked = float("-inf")
    while not stop.is_set():
        same = _identity(folder)
        try:
            changes = watch(
                folder, watch_filter=None, recursive=False, step=STEP, debounce=10 * STEP, stop_event=stop,
                rust_timeout=10 * STEP, yield_on_timeout=True,
            )  # fmt: skip
            looked = float("-inf")  # what came before the kernel was asked is looked for once it was
            for found in changes:
                if time.monotonic() - looked >= poll:
                    if _identity(folder) != same:
                        break  # another folder has its place: watch that one
                    looked = time.monotonic()
                    yield None
                elif found:
                    yield frozenset(Path(path).name for _, path in found)
        except OSError:  # the folder is gone for now, or this machine has no watch left to give
            if time.monotonic() - looked >= poll:
                looked = time.monotonic()
                yield None
            time.sleep(10 * STEP / 1000)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

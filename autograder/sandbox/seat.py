"""A worker's place: as many notebooks compute at once as there are seats, and the next one's sandbox is made meanwhile.

To make a sandbox is mostly to wait for the operating system, and would leave a processor idle.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from autograder.errors import SandboxError

LOOK = 0.2  # seconds between two looks of somebody who waits


class Seat:
    """For one job. `free` is shared by all jobs of an engine; without it there is always a seat.

    given_up: whether nobody wants the job any more, while it waits for whatever it needs.
    """

    def __init__(self, free: threading.Semaphore | None = None, given_up: Callable[[], bool] = lambda: False) -> None:
        self._free = free
        self.given_up = given_up
        self._taken = False

    def take(self) -> float:
        """Return when the job has its seat: the seconds it took. SandboxError when nobody wants the job any more."""
        begun = time.monotonic()
        if self._free is not None and not self._taken:
            while not self._taken:
                if self.given_up():
                    raise SandboxError("Grading was stopped before this was run. Grade again.")
                self._taken = self._free.acquire(timeout=LOOK)
        return time.monotonic() - begun

    def leave(self) -> None:
        if self._free is not None and self._taken:
            self._taken = False
            self._free.release()

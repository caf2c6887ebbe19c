"""How much memory the test's own process, which stands for the grader, takes."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil


class Growth:
    mb = 0.0


@contextmanager
def growth() -> Iterator[Growth]:
    """How far the grader's own memory rises meanwhile."""
    gc.collect()
    found, done, process = Growth(), threading.Event(), psutil.Process()
    start = process.memory_info().rss

    def look() -> None:
        while not done.wait(0.01):
            found.mb = max(found.mb, (process.memory_info().rss - start) / 2**20)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()

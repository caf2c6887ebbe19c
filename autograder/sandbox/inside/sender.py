"""Writes messages to a descriptor, in a thread of its own: an interrupt in mid-message would garble all that follow."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import frames  # type: ignore[import-not-found]

BATCH = 256 * 1024  # bytes that go out together
PAUSE = 0.05  # seconds in which a program that prints a thousand words can go on, and they become one message
Message = tuple[dict[str, Any] | None, bytes, threading.Event | None]
"""What has a header is text, to be joined with what follows; anything else is ready to go out."""


class Sender(threading.Thread):
    """Messages go out whole, in the order in which they were given."""

    def __init__(self, fd: int) -> None:
        super().__init__(daemon=True, name="sender")
        self._fd = fd
        self._queue: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._flushed = 0.0
        self.start()

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Return when it is out: a later crash must not take it back. FrameError for a header that is too large."""
        self._wait_for(frames.pack(header, body))

    def post(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Have it go out soon."""
        self._queue.put((None, frames.pack(header, body), None))

    def print(self, header: dict[str, Any], text: bytes) -> None:
        """Have text go out soon, perhaps together with more."""
        self._queue.put((header, text, None))

    def flush(self) -> None:
        """Return when what was posted is out; or at once, where that was asked just before: it goes out soon anyway."""
        if time.monotonic() > self._flushed + PAUSE:
            self._wait_for(b"")
            self._flushed = time.monotonic()

    def _wait_for(self, data: bytes) -> None:
        done = threading.Event()
        self._queue.put((None, data, done))
        done.wait()

    def run(self) -> None:
        while True:
            batch = self._batch()
            with contextlib.suppress(Exception):  # nobody is there any more, or no memory: who waits must not hang
                view = memoryview(b"".join(_joined(batch)))
                while view:
                    view = view[os.write(self._fd, view) :]
            for *_, done in batch:
                if done is not None:
                    done.set()

    def _batch(self) -> list[Message]:
        """What goes out together: until somebody waits, or a while after the first that was printed."""
        batch = [self._queue.get()]
        until = time.monotonic() + (PAUSE if batch[0][0] is not None else 0)
        size = len(batch[0][1])
        while size < BATCH and batch[-1][2] is None:
            try:
                batch.append(self._queue.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
            size += len(batch[-1][1])
        return batch


def _joined(batch: list[Message]) -> Iterator[bytes]:
    for header, messages in groupby(batch, key=itemgetter(0)):
        data = b"".join(body for _, body, _ in messages)
        yield data if header is None else frames.pack(header, data)

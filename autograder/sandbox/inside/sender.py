"""Writes messages to a descriptor, in a thread of its own: an interrupt in mid-message would garble all that follow."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import frames  # type: ignore[import-not-found]

BATCH = 256 * 1024  # bytes that go out together
Message = tuple[dict[str, Any], bytes, threading.Event | None]


class Sender(threading.Thread):
    """Messages go out whole, in the order in which they were given."""

    def __init__(self, fd: int) -> None:
        super().__init__(daemon=True, name="sender")
        self._fd = fd
        self._queue: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._posted = False  # since the last flush()
        self.start()

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Return when it is out: a later crash must not take it back."""
        done = threading.Event()
        self._queue.put((header, body, done))
        done.wait()

    def post(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Have it go out soon."""
        self._posted = True
        self._queue.put((header, body, None))

    def flush(self) -> None:
        """Return when what was posted is out."""
        if self._posted:
            self._posted = False
            done = threading.Event()
            self._queue.put(({}, b"", done))
            done.wait()

    def run(self) -> None:
        while True:
            batch = [self._queue.get()]
            size = len(batch[0][1])
            while size < BATCH and not self._queue.empty():
                batch.append(self._queue.get())
                size += len(batch[-1][1])
            self._write(b"".join(_joined(batch)))
            for *_, done in batch:
                if done is not None:
                    done.set()

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        with contextlib.suppress(OSError):  # nobody is there any more
            while view:
                view = view[os.write(self._fd, view) :]


def _joined(batch: list[Message]) -> Iterator[bytes]:
    """A program that prints a thousand words makes one message of them."""
    for header, messages in groupby(batch, key=itemgetter(0)):
        if header.get("shown") == "stream":
            yield frames.pack(header, b"".join(body for _, body, _ in messages))
        elif header:  # none: somebody waits for what comes before
            yield from (frames.pack(header, body) for _, body, _ in messages)

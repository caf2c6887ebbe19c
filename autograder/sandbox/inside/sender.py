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
        self._something, self._now = threading.Event(), threading.Event()
        self._turn = threading.Lock()  # who has it takes from the queue, and writes what it took
        self._flushed = 0.0

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Return when it is out: a later crash must not take it back. FrameError for a header that is too large."""
        self._wait_for(frames.pack(header, body))

    def send_here(self, header: dict[str, Any]) -> None:
        """As send(), but this thread writes: for who cannot be interrupted now."""
        self._queue.put((None, frames.pack(header), None))
        self._write()

    def post(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Have it go out soon."""
        self._queue.put((None, frames.pack(header, body), None))
        self._wake()

    def print(self, header: dict[str, Any], text: bytes) -> None:
        """Have text go out soon, perhaps together with more."""
        self._queue.put((header, text, None))
        self._wake()

    def flush(self) -> None:
        """Return when what was posted is out; or at once, where that was asked just before: it goes out soon anyway."""
        if time.monotonic() > self._flushed + PAUSE:
            self._wait_for(b"")
            self._flushed = time.monotonic()

    def _wait_for(self, data: bytes) -> None:
        done = threading.Event()
        self._queue.put((None, data, done))
        self._now.set()
        self._wake()
        done.wait()

    def _wake(self) -> None:
        """Have the thread write. It is there from the first time on: a kernel has three senders, and may need one."""
        self._something.set()
        if self.ident is None:
            try:
                with self._turn:
                    if self.ident is None:
                        self.start()
            except RuntimeError:  # the notebook has as many threads as it may
                self._write()

    def run(self) -> None:
        while True:
            self._something.wait()
            self._now.wait(PAUSE)
            self._something.clear()
            self._now.clear()
            self._write()

    def _write(self) -> None:
        """Write what is waiting, until there is nothing more."""
        with self._turn:
            while batch := list(self._batch()):
                with contextlib.suppress(Exception):  # nobody is there any more, or no memory: who waits must not hang
                    view = memoryview(b"".join(_joined(batch)))
                    while view:
                        view = view[os.write(self._fd, view) :]
                for *_, done in batch:
                    if done is not None:
                        done.set()

    def _batch(self) -> Iterator[Message]:
        """What goes out together."""
        size = 0
        while size < BATCH:
            try:
                message = self._queue.get_nowait()
            except queue.Empty:
                return
            yield message
            size += len(message[1])


def _joined(batch: list[Message]) -> Iterator[bytes]:
    for header, messages in groupby(batch, key=itemgetter(0)):
        data = b"".join(body for _, body, _ in messages)
        yield data if header is None else frames.pack(header, data)

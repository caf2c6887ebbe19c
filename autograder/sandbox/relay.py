"""Carries a kernel's messages across the wall, and counts them.

libzmq bounds the size of a message's part and the number of messages, not the number of parts: a kernel that never ends
a message would fill the grader's memory. So its bytes are counted here, before any library sees them.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.sandbox.box import Box

CHUNK = 256 * 1024
CONNECTIONS = 8  # of one channel; ours makes two at most


class Relay:
    """Between one public socket, which our own client connects to, and one listening socket inside.

    Everything here runs in the box's own thread.
    """

    def __init__(self, box: Box, public: Path, inner: Path, budget: Callable[[int], None]) -> None:
        self.box = box
        self.budget = budget
        self._inner = inner
        self._links: list[_Link] = []
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(public))
        self._server.listen(CONNECTIONS)
        self._server.setblocking(False)

    def listen(self) -> None:
        self.box.selector.register(self._server, selectors.EVENT_READ, self._accept)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._server.accept()
            kernel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                kernel.connect(str(self._inner))
            except OSError:
                client.close()
                kernel.close()
                return
            self._links.append(_Link(self, client, kernel))

    def close(self) -> None:
        for link in self._links:
            link.close()
        self._server.close()


class _Link:
    """One connection: two sockets, and what waits to be written to each."""

    def __init__(self, relay: Relay, client: socket.socket, kernel: socket.socket) -> None:
        self._relay = relay
        self._client = client
        self._other = {client: kernel, kernel: client}
        self._waiting = {client: bytearray(), kernel: bytearray()}
        self._closed = False
        for side in self._other:
            side.setblocking(False)
            relay.box.selector.register(side, selectors.EVENT_READ, lambda side=side: self._serve(side))

    def _serve(self, side: socket.socket) -> None:
        if self._closed:  # by an earlier event of the same round
            return
        self._write(side)
        try:
            data = side.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            if side is self._client and self._relay.box.reason is None:
                # libzmq hangs up on a message part above its limit: nobody else of ours does while a kernel runs.
                self._relay.box.kill("output", "one message too large")
            self.close()
            return
        if side is not self._client:
            self._relay.box.guard(lambda: self._relay.budget(len(data)))
        other = self._other[side]
        self._waiting[other] += data
        self._write(other)

    def _write(self, side: socket.socket) -> None:
        waiting = self._waiting[side]
        while waiting:
            try:
                del waiting[: side.send(waiting)]
            except BlockingIOError:
                break
            except OSError:
                waiting.clear()
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if waiting else 0)
        with contextlib.suppress(KeyError, ValueError):
            self._relay.box.selector.modify(side, events, lambda: self._serve(side))

    def close(self) -> None:
        self._closed = True
        for side in self._other:
            with contextlib.suppress(KeyError, ValueError):
                self._relay.box.selector.unregister(side)
            side.close()

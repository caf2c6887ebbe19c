"""Carries a kernel's messages across the wall, and counts them.

libzmq bounds the size of a message's part and the number of messages, not the number of parts: a kernel that never ends
a message would fill the grader's memory. So bytes and parts are counted here, before any library sees them.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

from autograder.sandbox.budget import BudgetError

CHUNK = 256 * 1024
CONNECTIONS = 8  # of one channel; ours makes two at most
MESSAGE_CAP = 4 * 2**20  # what is shown of one cell is cut far below it, inside
BACKLOG = 2**20  # read ahead of a reader that is slower; the rest waits inside
PARTS = 256  # of one message; Jupyter's have six, and one more for each buffer
PART_COST = 64  # bytes that a part takes in libzmq and in Python, however short it is


class Wall(Protocol):
    """The box that a relay leads out of."""

    @property
    def selector(self) -> selectors.BaseSelector: ...

    @property
    def reason(self) -> str | None:
        """Why it ended; None while it runs."""

    def guard(self, step: Callable[[], None]) -> None:
        """Do a step, and end the box if it raises."""

    def kill(self, reason: Literal["output"], detail: str) -> None: ...


class Relay:
    """Between one public socket, which our own client connects to, and one listening socket inside.

    Everything here runs in the box's own thread.
    """

    def __init__(self, box: Wall, public: Path, inner: Path, budget: Callable[[int], None]) -> None:
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


class PartCounter:
    """Counts the parts of messages in a stream of ZMTP 3: a greeting, then frames of flags, size and content."""

    GREETING, VERSION = 64, 12  # bytes; the version is known once twelve of them are here
    MORE, LONG, COMMAND = 1, 2, 4

    def __init__(self) -> None:
        self._head = bytearray()
        self._greeted = False
        self._skip = 0
        self._parts = self._size = 0  # of the message that is under way

    def feed(self, data: bytes) -> int:
        """Return how many parts begin in data. Raises BudgetError for what is too large, or no ZMTP 3."""
        count = at = 0
        while at < len(data):
            step = self._skip or self._wanted() - len(self._head)
            piece = data[at : at + step]
            at += len(piece)
            if self._skip:
                self._skip -= len(piece)
                continue
            self._head += piece
            if len(self._head) == self._wanted():
                count += self._begin()
                self._head.clear()
        return count

    def _wanted(self) -> int:
        if not self._greeted:
            return self.VERSION
        return 9 if self._head and self._head[0] & self.LONG else 2

    def _begin(self) -> int:
        head = self._head
        if not self._greeted:
            if head[0] != 0xFF or head[9] != 0x7F or head[10] < 3:
                raise BudgetError("protocol: not the language of a kernel's sockets")
            self._greeted, self._skip = True, self.GREETING - self.VERSION
            return 0
        self._skip = int.from_bytes(head[1:])
        self._parts, self._size = self._parts + 1, self._size + self._skip
        if self._size > MESSAGE_CAP or self._parts > PARTS:
            raise BudgetError("one message too large")
        if not head[0] & self.MORE:
            self._parts = self._size = 0
        return 1


class _Link:
    """One connection: two sockets, and what waits to be written to each."""

    def __init__(self, relay: Relay, client: socket.socket, kernel: socket.socket) -> None:
        self._relay = relay
        self._client = client
        self._other = {client: kernel, kernel: client}
        self._waiting = {client: bytearray(), kernel: bytearray()}
        self._closed = False
        self._count = PartCounter()
        for side in self._other:
            side.setblocking(False)
            self._watch(side)

    def _serve(self, side: socket.socket) -> None:
        if self._closed:  # by an earlier event of the same round
            return
        self._write(side)
        other = self._other[side]
        if len(self._waiting[other]) >= BACKLOG:
            return
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
            self._relay.box.guard(lambda: self._relay.budget(len(data) + PART_COST * self._count.feed(data)))
            if self._relay.box.reason is not None:
                return  # ended just now: what it broke its budget with goes no further
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
        self._watch(side)
        self._watch(self._other[side])

    def _watch(self, side: socket.socket) -> None:
        selector = self._relay.box.selector
        events = selectors.EVENT_WRITE if self._waiting[side] else 0
        if len(self._waiting[self._other[side]]) < BACKLOG:
            events |= selectors.EVENT_READ
        if (key := selector.get_map().get(side)) is not None:
            if key.events == events:
                return
            selector.unregister(side)
        if events:
            selector.register(side, events, lambda: self._serve(side))

    def close(self) -> None:
        self._closed = True
        for side in self._other:
            with contextlib.suppress(KeyError, ValueError):
                self._relay.box.selector.unregister(side)
            side.close()

"""A desk that answers in a thread, and people whom a hub of ours knows."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from autograder.desk.counter import Counters, Shares
from autograder.desk.people import HubError, Person
from autograder.desk.server import Desk, listen, server
from autograder.desk.shelf import Shelf
from handin.parcel import TYPE, pack
from handin.words import ENGLISH

COURSE = "tiny"


@dataclass
class Hub:
    """Knows tokens, users and groups."""

    people: dict[str, Person] = field(default_factory=dict)
    down: bool = False

    def token(self, name: str, *groups: str) -> str:
        """Return a token of somebody in these groups."""
        token = f"token-of-{name}"
        self.people[token] = Person(name, frozenset(groups))
        return token

    def student(self, name: str) -> str:
        return self.token(name, f"nbgrader-{COURSE}")

    async def who(self, token: str) -> Person | None:
        if self.down:
            raise HubError("no answer")
        return self.people.get(token)


class Reception:
    """The desk of the course whose exchange lies at place, on a port of this machine."""

    def __init__(
        self,
        place: Path,
        shares: Shares | None = None,
        prefix: str = "/services/desk-tiny/",
        language: str = ENGLISH,
    ) -> None:
        self.hub, self.prefix, self.language = Hub(), prefix, language
        self.desk = Desk(COURSE, Shelf(place), self.hub.who, Counters(shares or Shares(submissions=10_000)))
        self._loop: asyncio.AbstractEventLoop
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.prefix.rstrip('/')}"

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)

        async def begin() -> None:
            self._server = server(self.desk, self.prefix)
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            listen(self._server, self.port, "127.0.0.1", self.language)
            self._ready.set()

        self._loop.run_until_complete(begin())
        self._loop.run_forever()
        self._loop.run_until_complete(self._server.close_all_connections())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    @contextmanager
    def open(self) -> Iterator[Reception]:
        self._thread.start()
        self._ready.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._server.stop)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def ask(self, method: str, path: str, token: str | None = None, **more: Any) -> requests.Response:
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"token {token}"
        return requests.request(method, self.url + path, headers=headers, timeout=20, **more)

    def send(self, token: str, body: bytes, assignment: str = "sums", **more: Any) -> requests.Response:
        """Hand in these bytes."""
        headers = {"Content-Type": TYPE, **more.pop("headers", {})}
        return self.ask("POST", f"/assignments/{assignment}", token, data=body, headers=headers, **more)


def parcel(folder: Path, names: Sequence[str]) -> bytes:
    _, pieces = pack([(name, folder / name) for name in names])
    return b"".join(pieces)

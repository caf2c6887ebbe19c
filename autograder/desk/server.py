"""The requests that a course's desk answers, for the student whose token comes with them and for nobody else.

GET  /assignments               what is released, and how much may be handed in
GET  /assignments/NAME          a release, as a parcel (handin/parcel.py)
POST /assignments/NAME          hand in: a parcel
GET  /submissions               own ones, and which of their notebooks have feedback
GET  /feedback/NAME             own feedback on an assignment, as a parcel

A token in the header Authorization, no cookie and none in the address. So no other site can have a student's browser
do anything here, and there is no XSRF token to check: a browser adds cookies by itself, and never this header.

python -m autograder.desk.server --course FOLDER    (a hub starts it, or says in the environment who it is)
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlparse

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.log import app_log

from autograder import intake
from autograder.course import language_of
from autograder.desk.counter import Counters, Shares, TooMuchError
from autograder.desk.people import HubError, Person, Who, ask_hub, token_in
from autograder.desk.shelf import OURS, FullError, NotFoundError, Receipt, Shelf
from autograder.errors import AutograderError
from autograder.nbgrader_ext.places import exchange_of
from autograder.service import run, told_to_end
from handin.parcel import TYPE, Limits, ParcelError, Unpacker, pack
from handin.words import _, speaking

LIMITS = Limits(intake.MAX_FILES - len(OURS), intake.MAX_BYTES - 4096, intake.MAX_DEPTH, intake.MAX_NAME)
"""A little less than is collected: with the time and the secret it must still be taken."""

HEADERS = 16 * 1024
IDLE = 30.0  # seconds for the headers, and between two requests
GRACE = 10.0  # seconds for what is on its way when we are told to end

T = TypeVar("T")


@dataclass
class Desk:
    course: str
    shelf: Shelf
    who: Who
    counters: Counters = field(default_factory=lambda: Counters(Shares()))
    limits: Limits = LIMITS
    arriving: float = 600.0  # seconds that a whole submission may take

    def require(self, person: Person) -> str:
        """Return the student's name. HTTPError where it is no student of this course."""
        if f"nbgrader-{self.course}" not in person.groups:  # nbgrader's own name for a course's students
            told = _("You are not a student of {course}. Ask your course staff to add you.")
            raise web.HTTPError(403, told.format(course=self.course))
        name = person.name
        if not name or name.startswith(".") or not name.isprintable() or set(name) & set("/\\+*"):
            raise web.HTTPError(403, _("nbgrader can take nothing from a user of this name. Tell your course staff."))
        return name


@web.stream_request_body  # else Tornado would keep a whole body in memory before anybody is asked who it is
class _Request(web.RequestHandler):
    student = ""
    _counted = False
    _gone = False

    def initialize(self, desk: Desk) -> None:
        self.desk = desk

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        self.clear_header("Server")

    async def prepare(self) -> None:
        await self.enter()

    async def enter(self) -> None:
        """HTTPError unless it is a student of this course who asks for no more than a share."""
        person = None
        if token := token_in(self.request.headers.get("Authorization", "")):
            try:
                person = await self.desk.who(token)
            except HubError as error:
                app_log.error("The hub does not tell who asks: %s", error)
                told = _("The hub cannot say now who you are. Nothing is lost; try again in a minute.")
                raise web.HTTPError(503, told) from None
        if person is None:
            told = _("This is no token of a server of yours. Stop your server and start it again, then try once more.")
            raise web.HTTPError(401, told)
        student = self.desk.require(person)
        self.desk.counters.enter(student)
        self.student, self._counted = student, True
        if self._gone:  # while the hub was asked: nobody will say so again
            self.leave()

    def leave(self) -> None:
        if self._counted:
            self.desk.counters.leave(self.student)
            self._counted = False

    def on_finish(self) -> None:
        self.leave()

    def on_connection_close(self) -> None:
        self._gone = True
        self.leave()

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Only a submission has a body; what comes elsewhere is dropped."""

    def say(self, status: int, message: str) -> None:
        self.set_status(status)
        self.finish(json.dumps({"message": message}))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Every word for the student, and nothing of ours."""
        error = kwargs.get("exc_info", (None, None))[1]
        status, message = _words(error) if error else (status_code, "")
        if isinstance(error, TooMuchError):
            self.set_header("Retry-After", str(error.seconds))
        if status >= 500 and not isinstance(error, web.HTTPError):
            app_log.error("%s failed", self.request.path, exc_info=error)
        self.set_header("Content-Type", "application/json")
        self.say(status, message or HTTPStatus(status).phrase)

    def log_exception(self, *_error: Any) -> None:
        """Told by write_error, once."""

    async def send(self, files: list[tuple[str, Path]]) -> None:
        size, pieces = await _aside(lambda: pack(files))
        self.set_header("Content-Type", TYPE)
        self.set_header("Content-Length", str(size))
        try:
            while piece := await _aside(lambda: next(pieces, b"")):
                self.write(piece)
                await self.flush()
        except StreamClosedError:
            pass  # gone, which on_connection_close is told
        except (ParcelError, OSError) as error:  # replaced meanwhile: what is not whole is not taken at the other end
            app_log.warning("%s: broken off: %s", self.request.path, error)
            self.leave()
            self.detach().close()


def _words(error: BaseException) -> tuple[int, str]:
    match error:
        case web.HTTPError():
            return error.status_code, error.log_message or ""
        case TooMuchError():
            return 429, str(error)
        case NotFoundError():
            return 404, str(error)
        case FullError():
            return 507, str(error)
        case ParcelError():
            return 400, _("What arrived cannot be taken: {why}. Nothing was handed in.").format(why=error)
        case AutograderError():
            return 400, str(error)
    return (
        500,
        _("Something failed on our side, and nothing was handed in. Try again; if it stays, tell your course staff."),
    )


async def _aside(work: Callable[[], T]) -> T:
    """Disks may be slow, a shared one above all: others are served meanwhile."""
    return await asyncio.to_thread(work)  # which speaks our language


class Assignments(_Request):
    async def get(self) -> None:
        released = await _aside(self.desk.shelf.releases)
        limits = {key: getattr(self.desk.limits, key) for key in ("files", "bytes", "depth", "name")}
        listed = [{"assignment": name, "notebooks": notebooks} for name, notebooks in released.items()]
        self.finish({"course": self.desk.course, "student": self.student, "limits": limits, "assignments": listed})


class Assignment(_Request):
    """What is wrong with a submission is told after all of it has come: a client that still sends hears nothing."""

    refusal: Exception | None = None
    _scratch: Path | None = None
    _unpacker: Unpacker | None = None
    _writing = False  # in a thread: nothing is removed under its hands

    async def prepare(self) -> None:
        try:
            await self.enter()
            if self.request.method == "POST":
                await self._begin()
        except Exception as error:
            if self.request.method != "POST":
                raise
            self.refusal = error

    async def _begin(self) -> None:
        try:
            size = int(self.request.headers["Content-Length"])
        except (KeyError, ValueError):
            raise web.HTTPError(411, _("A submission says how large it is.")) from None
        if self.request.headers.get("Content-Encoding") or self.request.headers.get("Content-Type") != TYPE:
            told = _("A submission is a parcel of type {type}, not coded in any way.")
            raise web.HTTPError(415, told.format(type=TYPE))
        self.desk.counters.hand_in(self.student, size)
        self._scratch = await _aside(lambda: self.desk.shelf.new(self.student, size))
        self._unpacker = Unpacker(self._scratch, self.desk.limits)
        if self._gone:
            self._drop()

    async def data_received(self, chunk: bytes) -> None:
        if self.refusal is not None or (unpacker := self._unpacker) is None:
            return
        self._writing = True
        try:
            await _aside(lambda: unpacker.feed(chunk))
        except (ParcelError, OSError) as error:
            self.refusal = error
        finally:
            self._writing = False
        if self._gone or self.refusal is not None:
            self._drop()

    async def get(self, name: str) -> None:
        await self.send(await _aside(lambda: self.desk.shelf.release(name)))

    async def post(self, name: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        unpacker, scratch, student = self._unpacker, self._scratch, self.student
        assert unpacker is not None and scratch is not None
        self._writing = True  # all of it is here: it is handed in, whether or not anybody still listens

        def finish() -> Receipt:
            unpacker.close()
            return self.desk.shelf.hand_in(scratch, student, name)

        try:
            receipt = await _aside(finish)
        finally:
            self._writing = False
            self._drop()
        app_log.info("%s handed in %s", student, name)
        self.set_status(201)
        self.finish(asdict(receipt))

    def on_finish(self) -> None:
        super().on_finish()
        self._drop()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        if not self._writing:
            self._drop()

    def _drop(self) -> None:
        if self._unpacker is not None:
            with suppress(ParcelError):
                self._unpacker.close()
            self._unpacker = None
        if self._scratch is not None:
            self.desk.shelf.drop(self._scratch)
            self._scratch = None


class Submissions(_Request):
    async def get(self) -> None:
        shelf, student = self.desk.shelf, self.student

        def listed() -> list[dict[str, Any]]:
            return [
                {
                    "assignment": one.assignment,
                    "timestamp": one.timestamp,
                    "notebooks": [{"notebook": name, "feedback": shelf.checksum(one, name)} for name in one.notebooks],
                }
                for one in shelf.submissions(student)
            ]

        self.finish({"submissions": await _aside(listed)})


class Feedback(_Request):
    async def get(self, name: str) -> None:
        shelf, student = self.desk.shelf, self.student
        await self.send(await _aside(lambda: shelf.pages(student, name)))


class Nothing(_Request):
    async def prepare(self) -> None:
        await self.enter()
        raise web.HTTPError(404, _("There is nothing at this address."))


def application(desk: Desk, prefix: str = "/") -> web.Application:
    base, arguments = prefix.rstrip("/"), {"desk": desk}
    return web.Application(
        [
            (f"{base}/assignments", Assignments, arguments),
            (f"{base}/assignments/([^/]+)", Assignment, arguments),
            (f"{base}/submissions", Submissions, arguments),
            (f"{base}/feedback/([^/]+)", Feedback, arguments),
        ],
        default_handler_class=Nothing,
        default_handler_args=arguments,
    )


def server(desk: Desk, prefix: str = "/") -> HTTPServer:
    largest = desk.limits.head + desk.limits.bytes
    return HTTPServer(
        application(desk, prefix), max_body_size=largest, max_header_size=HEADERS, idle_connection_timeout=IDLE,
        body_timeout=desk.arriving, decompress_request=False,
    )  # fmt: skip


def listen(running: HTTPServer, port: int, address: str, language: str) -> None:
    """Answer there, in this language: what begins in the block speaks it, each request to come."""
    with speaking(language):
        running.listen(port, address)


async def serve(root: Path) -> None:
    """Serve until SIGTERM; what is on its way then has a few seconds to arrive."""
    if not os.environ.get("JUPYTERHUB_API_TOKEN"):
        raise AutograderError("A JupyterHub starts this, or its environment names one: see docs/desk.md.")
    exchange, course = exchange_of(root)
    desk = Desk(course, Shelf(exchange / course), ask_hub())
    desk.shelf.sweep()
    where = urlparse(os.environ.get("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:9201"))
    running = server(desk, os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/"))
    listen(running, where.port or 80, where.hostname or "127.0.0.1", language_of(root))
    app_log.info("The desk of %s is open", course)
    await told_to_end()
    running.stop()
    for _turn in range(int(GRACE / 0.1)):
        if not desk.counters.busy:
            break
        await asyncio.sleep(0.1)
    await running.close_all_connections()


if __name__ == "__main__":
    run("autograder.desk.server", __doc__, serve)

"""The formgrader without a Jupyter server, as a course's service on a hub has it; who may come is not its business."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado import web
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer

from autograder.hub.demo import free_ports
from autograder.nbgrader_ext import formgrader_server
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader


class Somebody:
    """In the place of the gate: lets everybody through."""

    current_user = "somebody"

    async def prepare(self) -> None:
        return None


Ask = Callable[[str], Awaitable[HTTPResponse]]


def served(school: School, asks: Callable[[Ask], Awaitable[Any]]) -> Any:
    """Serve the course's formgrader, and ask it."""

    async def story() -> Any:
        made = [
            (r.pattern, type(r.handler.__name__, (Somebody, formgrader_server.OneBook, r.handler), {}), r.arguments)
            for r in formgrader_server.routes()
        ]
        app = web.Application(made, base_url="/", cookie_secret="x", **formgrader_server.settings(school.root))
        (port,) = free_ports(1)
        server = HTTPServer(app)
        server.listen(port, "127.0.0.1")
        client = AsyncHTTPClient(force_instance=True)

        async def ask(path: str) -> HTTPResponse:
            return await client.fetch(f"http://127.0.0.1:{port}{path}", raise_error=False, request_timeout=60)

        try:
            return await asks(ask)
        finally:
            client.close()
            server.stop()
            await server.close_all_connections()

    return asyncio.run(story())


def submission(school: School) -> str:
    with school.book() as gradebook:
        return str(gradebook.find_submission_notebook("sums", "sums", "ada").id)


def test_a_submission_is_shown_with_its_verdicts(school: School) -> None:
    school.hand_in("ada", off=1)
    school.grade("ada")

    async def asks(ask: Ask) -> HTTPResponse:
        return await ask(f"/formgrader/submissions/{submission(school)}/")

    answer = served(school, asks)
    assert answer.code == 200 and b"exercise-double" in answer.body


def test_a_students_name_is_only_text(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    with school.book() as gradebook:
        gradebook.update_or_create_student("ada", first_name="<script>canary()</script>", last_name='"><img src=x>')
    number = submission(school)

    async def asks(ask: Ask) -> list[HTTPResponse]:
        pages = (f"submissions/{number}/", "manage_students", "manage_students/%3Cimg%20src=x%3E", "gradebook/%3Cb%3E")
        return [await ask(f"/formgrader/{page}") for page in pages]

    for answer in served(school, asks):
        assert answer.code == 200
        for canary in (b"<script>canary", b"<img src=x>", b"<b>\n", b"<b></"):
            assert canary not in answer.body, (answer.effective_url, canary)


def test_what_was_handed_in_beside_a_notebook_runs_nowhere_and_nothing_else_is_served(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    folder = school.root / "autograded" / "ada" / "sums"
    (folder / "page.html").write_text("<script>canary()</script>")
    (folder / "plot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "gone.db").symlink_to(school.root / "gradebook.db")
    number = submission(school)

    async def asks(ask: Ask) -> list[HTTPResponse]:
        beside = ["page.html", "plot.png", "gone.db", "..%2f..%2f..%2fgradebook.db", "../../../gradebook.db",
                  str(school.root / "gradebook.db"), "%2fetc%2fpasswd"]  # fmt: skip
        return [await ask(f"/formgrader/submissions/{number}/{name}") for name in beside]

    page, plot, *others = served(school, asks)
    assert page.code == 200 and page.headers["Content-Disposition"] == "attachment"
    assert page.headers["Content-Security-Policy"].startswith("sandbox")
    assert plot.code == 200 and "Content-Disposition" not in plot.headers
    assert [answer.code for answer in others if answer.code not in (403, 404)] == []


def test_every_page_has_a_way_back_to_the_course(school: School) -> None:
    async def asks(ask: Ask) -> list[bytes]:
        pages = ("gradebook", "gradebook/sums", "manage_assignments", "manage_students", "manage_submissions/sums")
        return [(await ask(f"/formgrader/{page}")).body for page in pages]

    assert all(b'<a href="/">Course</a>' in body for body in served(school, asks))


def test_a_page_shows_what_another_process_has_written_since(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    number = submission(school)

    async def asks(ask: Ask) -> list[bytes]:
        first = (await ask(f"/formgrader/api/grades?submission_id={number}")).body
        with school.book() as gradebook:
            gradebook.find_grade("why", "sums", "sums", "ada").manual_score = 3.25
            gradebook.db.commit()
        return [first, (await ask(f"/formgrader/api/grades?submission_id={number}")).body]

    first, second = served(school, asks)
    assert b"3.25" not in first and b"3.25" in second


def test_the_entrance_that_loads_any_folders_configuration_is_not_there() -> None:
    assert formgrader_server.ENTRANCE not in [route.pattern for route in formgrader_server.routes()]

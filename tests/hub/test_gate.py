"""What the gate says where a page of ours fails."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from tornado import web
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer

from autograder.errors import AutograderError
from autograder.hub.demo import free_ports

pytestmark = pytest.mark.hub


def test_staff_read_what_is_wrong_with_their_course_and_what_to_do() -> None:
    pytest.importorskip("jupyterhub", reason="NO JUPYTERHUB HERE: make test-hub")
    from autograder.hub.gate import Gate

    class Page(Gate, web.RequestHandler):
        hub_auth = SimpleNamespace(base_url="/services/cnn/", hub_prefix="/hub/")

        async def prepare(self) -> None:
            """Whoever asks is past the gate."""

        def get(self) -> None:
            raise AutograderError("course/course.toml cannot be read (<here>). Run `autograder check`.")

    async def asked() -> HTTPResponse:
        (port,) = free_ports(1)
        server = HTTPServer(web.Application([("/", Page)]))
        server.listen(port, "127.0.0.1")
        try:
            return await AsyncHTTPClient(force_instance=True).fetch(f"http://127.0.0.1:{port}/", raise_error=False)
        finally:
            server.stop()

    answer = asyncio.run(asked())
    assert answer.code == 500 and "cannot be read (&lt;here&gt;). Run" in answer.body.decode()

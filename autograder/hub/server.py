"""The service of one course on a hub: nbgrader's formgrader and our pages, behind the gate.

There is no file browser, no kernel and no terminal here: whoever has one of these as the course's account has it all.

python -m autograder.hub.server --course FOLDER    (the hub starts it, and says in the environment who it is)
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from jupyterhub.services.auth import HubOAuth, HubOAuthCallbackHandler
from tornado import web
from tornado.httpserver import HTTPServer

from autograder.errors import AutograderError
from autograder.hub.gate import gated
from autograder.hub.jobs import Jobs
from autograder.hub.pages import PAGES, Missing
from autograder.hub.roles import BUTTONS, RULES, Right
from autograder.nbgrader_ext import formgrader_server
from autograder.nbgrader_ext.places import exchange_of
from autograder.service import run, told_to_end

FRESH = 10
"""Seconds for which the hub's word on who somebody is, and in which groups, is believed."""

LARGEST = 1_000_000
"""Bytes of a request: the largest is a comment."""


class Callback(HubOAuthCallbackHandler):
    """Where the hub sends a browser back to after login: the one address without a gate."""

    @property
    def hub_auth(self) -> HubOAuth:
        return self.settings["hub_auth"]


class Formgrader(formgrader_server.OneBook):
    """Draws no button that would be answered with an error."""

    rights: frozenset[Right]

    def render(self, name: str, **values: Any) -> str:
        hidden = ", ".join(places for places, right in BUTTONS.items() if right not in self.rights)
        page: str = super().render(name, hidden=hidden, **values)  # type: ignore[misc]
        return page


def application(root: Path, course: str, hub_auth: HubOAuth, prefix: str) -> web.Application:
    """Put it together from the table of rights: a handler without a rule there is left out."""
    base = prefix.rstrip("/")
    made: list[tuple[Any, ...]] = [(f"{base}/oauth_callback", Callback)]

    def add(pattern: str, handler: type[web.RequestHandler], arguments: Mapping[str, Any] | None = None) -> None:
        made.append((f"{base}{pattern}", handler, dict(arguments or {})))

    for pattern, page in PAGES.items():
        add(pattern, _with(page, RULES[pattern]))
    for route in formgrader_server.routes():
        needs = RULES.get(route.pattern, {})
        add(route.pattern, gated(route.handler, needs, Formgrader), route.arguments)
    settings = {
        **formgrader_server.settings(root),
        "base_url": f"{base}/",
        "cookie_secret": secrets.token_bytes(32),  # a new start asks the hub again, without a word to the user
        "hub_auth": hub_auth,
        "course": course,
        "root": root,
        "exchange": exchange_of(root),
        "jobs": Jobs(root),
        "default_handler_class": Missing,
    }
    return web.Application(made, **settings)


def _with(page: type[web.RequestHandler], needs: Mapping[str, Right]) -> type[web.RequestHandler]:
    return type(page.__name__, (page,), {"needs": needs})


async def serve(root: Path) -> None:
    """Serve until SIGTERM."""
    auth = HubOAuth(cache_max_age=FRESH, allow_token_in_url=False)
    if not auth.access_scopes or not auth.api_token:
        raise AutograderError("This is started by a JupyterHub: see autograder.hub.configure in docs/hub.md.")
    where = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
    app = application(root, os.environ["JUPYTERHUB_SERVICE_NAME"], auth, os.environ["JUPYTERHUB_SERVICE_PREFIX"])
    server = HTTPServer(app, xheaders=True, max_body_size=LARGEST)
    server.listen(where.port or 80, where.hostname or "127.0.0.1")
    await told_to_end()
    server.stop()
    app.settings["jobs"].stop()


if __name__ == "__main__":
    run("autograder.hub.server", __doc__, serve)

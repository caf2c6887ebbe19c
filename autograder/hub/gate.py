"""In front of every handler of a course's service: who is it, what may they do, did the request come from our page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import unquote

from jupyterhub.services.auth import HubOAuth, HubOAuthenticated, UserNotAllowed
from tornado import web
from tornado.log import app_log

from autograder.errors import AutograderError
from autograder.hub.roles import Right, rights_of

READS = ("GET", "HEAD")

PLAIN = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""For our own pages: nothing inline runs."""

NBGRADERS = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For nbgrader's pages, which are made of inline scripts: at least nothing is fetched from elsewhere or sent there."""

_ENCODED = re.compile(r"%(2f|5c|00|25)", re.IGNORECASE)


class Gate(HubOAuthenticated):
    """Comes first among the bases of a handler. Without a rule of its own, nobody passes."""

    needs: ClassVar[Mapping[str, Right]] = {}
    policy: ClassVar[str] = PLAIN
    rights: frozenset[Right] = frozenset()

    @property
    def hub_auth(self) -> HubOAuth:
        return self.settings["hub_auth"]

    @property
    def course(self) -> str:
        name: str = self.settings["course"]
        return name

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", self.policy)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    async def prepare(self) -> None:
        """Let the request through, or end it. Calls no other prepare(): a Jupyter handler's asks its own server."""
        model = await self.hub_auth.get_user(self, sync=False)
        method = self.request.method
        if model is None:
            # Of who sent a cookie and no token with it, too, the hub's library says that it knows nobody.
            if method in READS and self.request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
                self.redirect(self.get_login_url())
                return
            raise web.HTTPError(
                403, "You are not logged in, or this did not come from a page of ours: reload the page."
            )
        try:
            allowed = self.check_hub_user(model)  # has the scope to come here at all
        except UserNotAllowed:
            allowed = None
        if not allowed or model.get("kind") != "user":
            raise web.HTTPError(403, "You have no role in this course.")
        if not getattr(self, "_token_authenticated", False) and method not in READS:
            self.check_xsrf_cookie()
        self.current_user = model
        self.rights = rights_of(model.get("groups", ()), self.course)
        needed = self.needs.get("GET" if method == "HEAD" else str(method))
        if needed is None or needed not in self.rights:
            raise web.HTTPError(403, "Your role in this course does not allow that.")
        self._refuse_tricks()
        if method not in READS:
            app_log.info("%s: %s %s", model["name"], method, self.request.path)

    def _refuse_tricks(self) -> None:
        """No path of dots, no coded slash, and no folder whose configuration is to be loaded (nbgrader's ?path=)."""
        path = self.request.path
        if _ENCODED.search(path) or ".." in unquote(path).split("/") or "\\" in unquote(path):
            raise web.HTTPError(403, "This address is not one of ours.")
        if "path" in self.request.arguments:
            raise web.HTTPError(403, "A course's service serves one course: ?path= is not taken.")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say it in a page of its own: Jupyter's needs a Jupyter server, and would show a traceback."""
        error = kwargs.get("exc_info", (None, None))[1]
        said = error.log_message if isinstance(error, web.HTTPError) and error.log_message else ""
        if isinstance(error, AutograderError):  # past the gate, so it is staff who read what to do
            said = str(error)
        title = HTTPStatus(status_code).phrase
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", PLAIN)
        self.finish(
            f"<!doctype html><html lang=en><meta charset=utf-8><title>{status_code} {title}</title>"
            f"<link rel=stylesheet href='{escape(self.hub_auth.base_url)}course.css'>"
            f"<main class='column error'><h1>{status_code}: {title}</h1><p>{escape(said)}</p>"
            f"<p><a href='{escape(self.hub_auth.hub_prefix)}home'>To the hub</a></p></main></html>"
        )


class Asset:
    """nbgrader's scripts and fonts, the same for everybody. A browser asks for a font as it would another site."""

    def check_xsrf_cookie(self) -> None:
        return None

    def set_default_headers(self) -> None:
        super().set_default_headers()  # type: ignore[misc]
        self.set_header("Cache-Control", "private, max-age=3600")  # type: ignore[attr-defined]


def gated(handler: type[web.RequestHandler], needs: Mapping[str, Right], *more: type) -> type[web.RequestHandler]:
    """Return the handler behind the gate, with what nbgrader's pages may do in a browser."""
    first = (Asset,) if handler is web.StaticFileHandler else ()
    return type(handler.__name__, (*first, Gate, *more, handler), {"needs": needs, "policy": NBGRADERS})

"""Who it is that asks: the hub's word on a token, asked anew for each request, so that what is revoked is revoked."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tornado import web
from tornado.log import app_log

TOKEN = re.compile(r"(?:token|bearer)[ ]+([\x21-\x7e]{8,255})", re.IGNORECASE)


@dataclass(frozen=True)
class Person:
    name: str
    groups: frozenset[str]


class HubError(Exception):
    """The hub does not say who it is, for a reason that is not the student's."""


Who = Callable[[str], Awaitable[Person | None]]
"""Returns whose token it is, without groups where it may not come here; None for nobody's. Raises HubError."""


def token_in(header: str) -> str:
    """Return the token in an Authorization header; empty where there is none."""
    found = TOKEN.fullmatch(header.strip())
    return found[1] if found else ""


def ask_hub() -> Who:
    """Ask the JupyterHub that started us, or that our environment names."""
    from jupyterhub.services.auth import HubAuth

    auth = HubAuth()

    async def who(token: str) -> Person | None:
        try:
            # No cache of theirs: it would keep every wrong token that anybody sends.
            model = await auth.user_for_token(token, use_cache=False, sync=False)
        except web.HTTPError as error:
            raise HubError(str(error)) from error
        if model is None or model.get("kind") != "user":
            return None
        if not auth.check_scopes(auth.access_scopes, model):
            app_log.warning("%s: the token has none of the scopes %s", model["name"], sorted(auth.access_scopes))
            return Person(model["name"], frozenset())
        if "groups" not in model:
            raise HubError(
                "the hub names no groups: give the role `server` the scope read:users:groups!user (docs/desk.md)"
            )
        return Person(model["name"], frozenset(model["groups"]))

    return who

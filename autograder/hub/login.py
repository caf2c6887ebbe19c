"""Passwords of a demo: random, in a file that root alone reads. For nothing else: a real hub has PAM or an LMS."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Unicode


class DemoAuthenticator(Authenticator):
    passwords = Unicode(config=True, help="A JSON file with a password for each name.")

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """Return the name if the password is right; who may log in at all is for allowed_users to say."""
        known = json.loads(Path(self.passwords).read_text()).get(data["username"], "")
        right = secrets.compare_digest(known.encode(), data["password"].encode()) and bool(known)
        return data["username"] if right else None

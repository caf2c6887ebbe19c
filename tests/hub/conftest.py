"""A hub of our own for these tests: two courses, and somebody of every kind. Started once for all of them."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.hub.demo import Demo, clean, default_place_of, free_ports
from tests.browser import CHROMIUM, MISSING, started
from tests.hub.people import COURSES, PEOPLE, TAG

REPOSITORY = Path(__file__).parents[2]


ADMIN_TOKEN = secrets.token_hex(32)
ADMIN = f"""
c.JupyterHub.services = [{{"name": "admin", "api_token": "{ADMIN_TOKEN}"}}]
c.JupyterHub.load_roles = [{{"name": "admin-of-groups", "scopes": ["groups", "admin:groups"], "services": ["admin"]}}]
"""
"""Moves people from group to group, as an administrator would."""


@pytest.fixture(scope="session")
def hub() -> Iterator[Demo]:
    """A running hub. Skips loudly where there is none to start."""
    pytest.importorskip("jupyterhub", reason="NO JUPYTERHUB HERE: make test-hub")
    place = default_place_of(sys.executable)
    clean(place / "test")
    demo = Demo(place, dict.fromkeys(COURSES, REPOSITORY), PEOPLE, free_ports(1)[0], name="test", tag=TAG, more=ADMIN)
    try:
        demo.prepare()
        demo.start()
        yield demo
    finally:
        demo.stop()
        kept = demo.hub / "jupyterhub.log"
        if kept.exists():
            (place / "test-hub.log").write_bytes(kept.read_bytes())
        clean(place / "test")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(MISSING)
    with started() as browser:
        yield browser

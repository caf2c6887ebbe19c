"""Ends in the middle of its directory.

expect: rejected-file
because: not a zip, as a .keras file is
"""

from __future__ import annotations

from tests.attacks.models.make import honest


def build() -> bytes:
    return honest()[:-30]

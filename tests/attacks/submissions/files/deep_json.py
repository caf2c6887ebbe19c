"""Nests its JSON a hundred thousand levels deep.

expect: rejected-file
held-by: ingest, doctor
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.write(b'{"cells": ' + b"[" * 10**5 + b"]" * 10**5 + b"}")

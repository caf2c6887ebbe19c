"""Begins as a web page, and is a zip all the same.

It is opened as the zip that it is, and earns what its predictions earn.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, dense, keras_file


def build() -> bytes:
    return b"<html><script>alert(1)</script>" + keras_file(HONEST, dense("np.ones((784, 10))"))

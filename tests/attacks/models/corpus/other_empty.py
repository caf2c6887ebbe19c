"""Is an empty file.

expect: rejected-file
because: not a zip, as a .keras file is
"""

from __future__ import annotations


def build() -> bytes:
    return b""

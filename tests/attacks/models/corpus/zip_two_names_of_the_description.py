"""Names the description otherwise where it lies than in the directory.

expect: rejected-file
because: not a zip, as a .keras file is
"""

from __future__ import annotations

from tests.attacks.models.make import honest


def build() -> bytes:
    made = honest()
    return made.replace(b"config.json", b"confog.json", 1)

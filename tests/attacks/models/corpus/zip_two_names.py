"""Names the weights otherwise where they lie than in the directory.

expect: rejected-file
because: a damaged zip
"""

from __future__ import annotations

from tests.attacks.models.make import honest


def build() -> bytes:
    made = honest()
    return made.replace(b"model.weights.h5", b"/etc/cron.d/evil", 1)

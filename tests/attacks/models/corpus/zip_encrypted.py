"""Says that its members are encrypted, so that nobody looks into them.

expect: rejected-file
because: packed in a way that Keras does not
"""

from __future__ import annotations

from tests.attacks.models.make import honest


def build() -> bytes:
    made = bytearray(honest())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = -1
        while (place := made.find(mark, place + 1)) >= 0:
            made[place + flags] |= 1
    return bytes(made)

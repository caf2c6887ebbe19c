"""An answer as it will arrive where it is graded."""

from __future__ import annotations

from handin.questions import HandInError
from handin.wire import Plain, WireError, decode, encode

MISSING = "There is no answer here yet."
_MAX_BYTES = 1 << 24


def plain(answer: object, wanted: str) -> Plain:
    """Return the answer as a plain value; raise HandInError, which says what to write, if it is none."""
    try:
        return decode(encode(answer, _MAX_BYTES), _MAX_BYTES)
    except WireError as error:
        raise HandInError(f"I can't read this answer ({error}). Write {wanted}.") from None

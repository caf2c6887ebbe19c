"""An answer as it will arrive where it is graded."""

from __future__ import annotations

from handin.questions import HandInError
from handin.wire import Plain, WireError, decode, encode
from handin.words import _

_MAX_BYTES = 1 << 24


def missing(how: str = "") -> HandInError:
    """how: to write an answer."""
    return HandInError(" ".join(filter(None, [_("There is no answer here yet."), how])))


def plain(answer: object, how: str) -> Plain:
    """Return the answer as a plain value; raise HandInError, which says how to write it, if it is none."""
    try:
        return decode(encode(answer, _MAX_BYTES), _MAX_BYTES)
    except WireError as error:
        raise HandInError(_("I can't read this answer ({error}). {how}").format(error=error, how=how)) from None

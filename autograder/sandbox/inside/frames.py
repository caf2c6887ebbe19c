"""Messages on a byte stream: two lengths, a small JSON header, a body. Both sides of the wall use this one file."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

LENGTHS = struct.Struct(">IQ")
HEADER_CAP = 64 * 1024


class FrameError(Exception):
    """Bytes that are no frame, or one that is too large."""


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    words = json.dumps(header).encode()
    if len(words) > HEADER_CAP:
        raise FrameError("header too large")
    return LENGTHS.pack(len(words), len(body)) + words + body


class Reader:
    """Cuts a stream into frames. Never holds more than one frame, whose body is at most `body_cap` bytes."""

    def __init__(self, body_cap: int) -> None:
        self._cap = body_cap
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Yield the frames that are complete now. Raises FrameError on anything that cannot become one."""
        self._buffer += data
        while len(self._buffer) >= LENGTHS.size:
            words, body = LENGTHS.unpack_from(self._buffer)
            if words > HEADER_CAP:
                raise FrameError("header too large")
            if body > self._cap:
                raise FrameError("body too large")
            end = LENGTHS.size + words + body
            if len(self._buffer) < end:
                return
            with memoryview(self._buffer) as view:  # a slice of the buffer itself would be a copy more
                header = _header(bytes(view[LENGTHS.size : LENGTHS.size + words]))
                content = bytes(view[LENGTHS.size + words : end])
            del self._buffer[:end]
            yield header, content


def _header(data: bytes) -> dict[str, Any]:
    try:
        header = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FrameError("header is no JSON") from error
    if not isinstance(header, dict):
        raise FrameError("header is no object")
    return header


def _no_constant(word: str) -> Any:
    raise ValueError(word)

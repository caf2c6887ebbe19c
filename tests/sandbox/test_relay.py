"""Bytes that cross the wall are counted before any library sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.budget import BudgetError
from autograder.sandbox.relay import MESSAGE_CAP, PARTS, PartCounter

GREETING = b"\xff" + b"\0" * 8 + b"\x7f\x03" + b"\0" * 53


def message(*parts: bytes) -> bytes:
    made = b""
    for place, part in enumerate(parts):
        more = place < len(parts) - 1
        long = len(part) > 255
        made += bytes([more | 2 * long]) + len(part).to_bytes(8 if long else 1) + part
    return made


@given(st.lists(st.lists(st.binary(max_size=400), min_size=1, max_size=5)), st.integers(1, 50))
def test_parts_are_counted_however_they_are_cut(messages: list[list[bytes]], step: int) -> None:
    data = GREETING + b"".join(message(*parts) for parts in messages)
    counter = PartCounter()
    assert sum(counter.feed(data[at : at + step]) for at in range(0, len(data), step)) == sum(map(len, messages))


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" + b"\0" * 8 + b"\x7f\x01" + b"\0" * 53,  # version 2 speaks of parts in other words
        b"\x01\x00" * 40,
        GREETING + b"\x02" + (2**63).to_bytes(8),
        GREETING + message(b"x" * (MESSAGE_CAP // 2), b"x" * (MESSAGE_CAP // 2 + 1)),
        GREETING + message(*[b""] * (PARTS + 1)),
    ],
)
def test_what_is_too_large_or_another_language_is_refused(data: bytes) -> None:
    with pytest.raises(BudgetError):
        PartCounter().feed(data)

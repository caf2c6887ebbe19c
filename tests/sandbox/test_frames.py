"""The messages that cross the wall."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.inside.frames import LENGTHS, FrameError, Reader, pack

headers = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9), max_size=3)


@given(st.lists(st.tuples(headers, st.binary(max_size=50)), max_size=5), st.integers(1, 20))
def test_what_was_packed_comes_out_however_it_is_cut(
    messages: list[tuple[dict[str, object], bytes]], step: int
) -> None:
    data = b"".join(pack(header, body) for header, body in messages)
    reader = Reader(1000)
    found = [frame for at in range(0, len(data), step) for frame in reader.feed(data[at : at + step])]
    assert found == messages


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_a_frame_error(data: bytes) -> None:
    with contextlib.suppress(FrameError):
        list(Reader(100).feed(data))


def test_a_body_above_the_cap_is_refused_before_it_arrives() -> None:
    with pytest.raises(FrameError, match="body too large"):
        list(Reader(10).feed(LENGTHS.pack(2, 11)))


@pytest.mark.parametrize("header", [b"[" * 60_000, b"[1]", b'{"a": NaN}', b"\xff"])
def test_a_header_that_is_no_plain_object_is_refused(header: bytes) -> None:
    with pytest.raises(FrameError):
        list(Reader(10).feed(LENGTHS.pack(len(header), 0) + header))

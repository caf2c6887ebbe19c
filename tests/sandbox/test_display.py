"""Outputs that came from inside."""

from __future__ import annotations

import json
import time

from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.display import as_on_screen, plain, unpack, weight


def test_a_progress_bar_is_shown_as_it_looked_in_the_end() -> None:
    assert as_on_screen("1/3\r2/3\r3/3\ndone\n") == "3/3\ndone\n"
    assert as_on_screen("1/3" + "\b" * 3 + "3/3\r\nnext") == "3/3\nnext"


@given(st.text(alphabet="ab\n", max_size=50))
def test_plain_text_is_left_alone(text: str) -> None:
    assert as_on_screen(text) == text


def test_a_long_line_takes_no_longer_than_a_short_one_times_its_length() -> None:
    start = time.process_time()
    as_on_screen("x" * 500_000 + "\r" + "\b" * 500_000)
    assert time.process_time() - start < 2


def unpacked(data: bytes) -> object:
    try:
        return unpack(data)
    except ValueError:
        return None


def test_the_json_of_a_message_is_read_unless_it_would_fill_the_memory() -> None:
    assert unpack(b'{"text": "' + b"1,[{" * 100_000 + b'"}') == {"text": "1,[{" * 100_000}
    assert unpack(b'{"a": ' + b"[" * 60_000) == {}
    assert unpack(b'{"a": [' + b"{}," * 60_000 + b"1]}") == {}
    start = time.process_time()
    unpacked(b'{"a": "' + b'\\"' * 1_000_000)
    assert time.process_time() - start < 2


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_a_message_is_read_as_it_was_written(value: object) -> None:
    assert unpacked(json.dumps(value).encode()) == value


def test_only_text_is_shown() -> None:
    shown = plain("display_data", {"data": {"text/plain": "a", "application/json": {"b": 1}, "image/png": 5}})
    assert shown == {"data": {"text/plain": "a"}, "metadata": {}}
    assert plain("stream", {"name": "stdout", "text": ["a"]}) is None
    assert plain("error", {"ename": "E", "evalue": "v", "traceback": [1]}) is None
    assert plain("display_data", {}) is None
    assert weight({"text": "é" * 100}) < 300 < weight({"text": "\U0001f600" * 100})

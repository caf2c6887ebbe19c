"""Outputs that came from inside."""

from __future__ import annotations

import json
import time

import nbformat
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.display import as_on_screen, plain, sound, unpack, weight


def stream(text: str, name: str = "stdout") -> dict[str, str]:
    return {"output_type": "stream", "name": name, "text": text}


def test_a_progress_bar_is_shown_as_it_looked_in_the_end() -> None:
    assert as_on_screen("1/3\r2/3\r3/3\ndone\n") == "3/3\ndone\n"
    assert as_on_screen("1/3" + "\b" * 3 + "3/3\r\nnext") == "3/3\nnext"


@given(st.text(alphabet="ab\n", max_size=50))
def test_plain_text_is_left_alone(text: str) -> None:
    assert as_on_screen(text) == text


def test_a_long_line_takes_no_longer_than_a_short_one_times_its_length() -> None:
    start = time.perf_counter()
    as_on_screen("x" * 500_000 + "\r" + "\b" * 500_000)
    assert time.perf_counter() - start < 2


def test_pieces_of_a_stream_are_joined() -> None:
    assert [o["text"] for o in sound([stream("a"), stream("e", "stderr"), stream("b")], 1000)] == ["ab", "e"]


def test_what_is_no_output_is_left_out() -> None:
    assert sound([{"output_type": "stream", "name": "stdout"}, {"nonsense": 1}, stream("a")], 1000) == [stream("a")]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
TEXT = st.text(max_size=9) | st.lists(st.text(max_size=9), max_size=3) | ANYTHING
SHOWN = {"data": st.dictionaries(st.sampled_from(["text/plain", "image/png"]), TEXT) | ANYTHING,
         "metadata": st.dictionaries(st.text(max_size=5), ANYTHING, max_size=2) | ANYTHING}  # fmt: skip
OUTPUTS = st.one_of(
    st.fixed_dictionaries({"output_type": st.just("stream"), "name": TEXT, "text": TEXT}),
    st.fixed_dictionaries({"output_type": st.just("display_data"), **SHOWN}, optional={"more": ANYTHING}),
    st.fixed_dictionaries({"output_type": st.just("execute_result"), "execution_count": ANYTHING, **SHOWN}),
    st.fixed_dictionaries(
        {"output_type": st.just("error"), "ename": TEXT, "evalue": TEXT, "traceback": st.lists(TEXT) | ANYTHING}
    ),
    st.dictionaries(st.sampled_from(["output_type", "name", "text"]), TEXT),
    ANYTHING,
)


@given(OUTPUTS)
def test_what_is_kept_is_what_a_notebook_may_hold(output: object) -> None:
    for kept in sound([output], 10_000):
        nbformat.validate(kept, ref="output", version=4)


def test_every_kind_of_output_is_kept() -> None:
    shown = {"metadata": {"width": 3}, "data": {"text/plain": ["a\n", "b"], "image/png": "x"}}
    outputs = [
        {"output_type": "display_data", **shown}, {"output_type": "execute_result", "execution_count": 3, **shown},
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["a", "b"]}, stream("a"),
    ]  # fmt: skip
    assert sound(outputs, 10_000) == outputs


def test_the_rest_is_cut_above_the_cap() -> None:
    picture = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "x" * 500}}
    assert [o["output_type"] for o in sound([picture, picture, picture], 1200)][-1] == "stream"


def test_what_was_looked_at_is_not_what_a_later_update_changes() -> None:
    picture = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "x"}}
    (kept,) = sound([picture], 1000)
    picture["data"] = {"text/plain": 5}
    assert kept["data"] == {"text/plain": "x"}


def unpacked(data: bytes) -> object:
    try:
        return unpack(data)
    except ValueError:
        return None


def test_the_json_of_a_message_is_read_unless_it_would_fill_the_memory() -> None:
    assert unpack(b'{"text": "' + b"1,[{" * 100_000 + b'"}') == {"text": "1,[{" * 100_000}
    assert unpack(b'{"a": ' + b"[" * 60_000) == {}
    assert unpack(b'{"a": [' + b"{}," * 60_000 + b"1]}") == {}
    start = time.perf_counter()
    unpacked(b'{"a": "' + b'\\"' * 1_000_000)
    assert time.perf_counter() - start < 2


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

"""What cells show, as it comes from a kernel that may be lying."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.budget import BudgetError
from autograder.sandbox.inside import frames
from autograder.sandbox.screen import Screen
from autograder.types import Limits

LIMITS = Limits(output_kb=4, flood_mb=1)


def shown(*messages: bytes, limits: Limits = LIMITS) -> list[Any]:
    screen = Screen(limits, lambda header: None)
    screen.clear()
    for message in messages:
        screen.on_cells(message)
    return screen.take()


def stream(text: str, name: str = "stdout") -> bytes:
    return frames.pack({"shown": "stream", "name": name}, text.encode())


def message(kind: str, content: Any) -> bytes:
    return frames.pack({"shown": kind}, json.dumps(content).encode())


def display(text: str, **more: Any) -> bytes:
    return message("display_data", {"data": {"text/plain": text}, "metadata": {}, **more})


def texts(outputs: list[Any]) -> list[str]:
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]


def test_what_is_printed_in_pieces_is_one_text() -> None:
    assert texts(shown(stream("a"), stream("b"), stream("!", "stderr"), stream("c"))) == ["abc", "!"]


def test_a_message_may_come_in_pieces_of_any_size() -> None:
    data = stream("first") + display("second")
    assert texts(shown(*(data[i : i + 1] for i in range(len(data))))) == ["first", "second"]


def test_a_display_that_is_updated_shows_what_it_became() -> None:
    name = {"transient": {"display_id": "z"}}
    update = message("update_display_data", {"data": {"text/plain": "new"}, "metadata": {}, **name})
    assert texts(shown(display("old", **name), display("other"), update)) == ["new", "other"]


def test_what_is_cleared_is_gone_at_once_or_with_what_comes_next() -> None:
    now, wait = message("clear_output", {"wait": False}), message("clear_output", {"wait": True})
    assert texts(shown(stream("a"), now, stream("b"))) == ["b"]
    assert texts(shown(stream("a"), wait)) == ["a"]
    assert texts(shown(stream("a"), wait, display("b"))) == ["b"]


def test_what_comes_between_two_cells_is_not_kept() -> None:
    screen = Screen(LIMITS, lambda header: None)
    screen.on_cells(stream("before"))
    screen.clear()
    screen.take()
    screen.on_cells(stream("after"))
    screen.clear()
    assert screen.take() == []


def test_what_a_cell_shows_past_its_space_is_cut_and_said_so() -> None:
    outputs = shown(*[stream("y" * 3000) for _ in range(9)])
    assert outputs[-1]["text"] == "[output cut here]\n"
    assert sum(len(output["text"]) for output in outputs) < 9000


def test_more_bytes_than_a_notebook_may_send_end_the_kernel() -> None:
    with pytest.raises(BudgetError, match="more than 1 MB of messages"):
        shown(*[frames.pack({"shown": "invented"}, b"x" * 2**18) for _ in range(5)])


def test_empty_messages_count_too() -> None:
    with pytest.raises(BudgetError, match="more than 1 MB of messages"):
        shown(frames.pack({}) * 20_000)


def test_what_the_kernel_says_of_itself_is_passed_on_and_not_shown() -> None:
    said: list[Any] = []
    screen = Screen(LIMITS, said.append)
    screen.clear()
    screen.on_cells(frames.pack({"done": 3, "status": "ok"}) + stream("x"))
    assert said == [{"done": 3, "status": "ok"}]
    assert texts(screen.take()) == ["x"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CONTENT = st.fixed_dictionaries(
    {},
    optional={
        "data": st.dictionaries(st.sampled_from(["text/plain", "image/png"]), ANYTHING) | ANYTHING,
        "metadata": st.dictionaries(st.text(max_size=5), ANYTHING, max_size=2) | ANYTHING,
        "transient": st.just({"display_id": "z"}) | ANYTHING,
        **dict.fromkeys(("execution_count", "ename", "evalue", "traceback", "wait", "more"), ANYTHING),
    },
)
KINDS = ("display_data", "execute_result", "error", "stream", "update_display_data", "clear_output")


def test_parts_that_a_message_of_its_kind_does_not_have_are_not_looked_at() -> None:
    odd = message("display_data", {"data": {"text/plain": "a"}, "traceback": None, "text": 3, "evalue": ["x"]})
    assert texts(shown(odd, display("b"))) == ["a", "b"]


@given(st.lists(st.tuples(st.sampled_from(KINDS) | ANYTHING, CONTENT | ANYTHING), max_size=4))
def test_whatever_is_sent_what_is_kept_is_what_a_notebook_may_hold(sent: list[tuple[Any, Any]]) -> None:
    honest = display("honest", transient={"display_id": "z"})
    sound = [(kind, content) for kind, content in sent if _is_json(kind)]
    messages = [frames.pack({"shown": k, "name": "stderr"}, json.dumps(content).encode()) for k, content in sound]
    for output in shown(honest, *messages):
        nbformat.validate(output, ref="output", version=4)
        assert json.dumps(output, allow_nan=False)


def _is_json(value: Any) -> bool:
    """Whether a header may hold it: else it is nonsense, which ends the kernel."""
    try:
        return bool(json.dumps(value, allow_nan=False))
    except ValueError:
        return False


def test_every_kind_of_output_is_kept() -> None:
    parts = {"data": {"text/plain": "a", "image/png": "x"}, "metadata": {"width": 3}}
    error = {"ename": "E", "evalue": "", "traceback": ["a", "b"]}
    outputs = shown(
        message("display_data", parts), message("execute_result", {**parts, "execution_count": 3}),
        message("error", error), stream("a"),
    )  # fmt: skip
    assert outputs == [
        {"output_type": "display_data", **parts}, {"output_type": "execute_result", "execution_count": 3, **parts},
        {"output_type": "error", **error}, {"output_type": "stream", "name": "stdout", "text": "a"},
    ]  # fmt: skip


def test_what_was_taken_is_not_what_a_later_update_changes() -> None:
    screen = Screen(LIMITS, lambda header: None)
    screen.clear()
    name = {"transient": {"display_id": "z"}}
    screen.on_cells(display("old", **name))
    taken = screen.take()
    screen.on_cells(message("update_display_data", {"data": {"text/plain": "new"}, "metadata": {}, **name}))
    assert texts(taken) == ["old"]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_nonsense_or_wait_for_the_rest(data: bytes) -> None:
    try:
        assert shown(data) == []
    except BudgetError as error:
        assert str(error).startswith("protocol")


def test_metadata_of_many_parts_is_left_out() -> None:
    many = message("display_data", {"data": {"text/plain": "x"}, "metadata": {"a": [{}] * 400}})
    assert shown(many)[0]["metadata"] == {}


def test_a_thousand_prints_are_one_output() -> None:
    both = [stream(f"{n}\n", name) for n in range(3000) for name in ("stdout", "stderr")]
    outputs = shown(*both, limits=Limits(output_kb=64, flood_mb=1))
    assert [output["name"] for output in outputs] == ["stdout", "stderr"]
    assert outputs[0]["text"].endswith("2999\n")

"""Answers as they arrive."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.budget import BudgetError
from autograder.sandbox.desk import Desk, reply
from autograder.sandbox.inside.frames import pack
from autograder.types import Limits
from handin import wire

LIMIT = 2**20


def desk() -> Desk:
    return Desk({"a", "m"}, Limits(value_mb=1, model_mb=1))


def sent(exercise: object, body: bytes = b"", **more: object) -> bytes:
    header = {"exercise": exercise, "kind": "value", "status": "ok", "variant": "v", "detail": "", "number": 1}
    return pack(header | more, body)


def test_the_last_answer_counts_and_the_cell_is_ours() -> None:
    d = desk()
    d.cell = 3
    d.on_answers(sent("a", wire.encode(1)))
    d.cell = 7
    d.on_answers(sent("a", wire.encode(2)))
    evidence = d.answers["a"].evidence(LIMIT)
    assert (evidence.value, evidence.facts["cell"], evidence.variant) == (2, 7, "v")


def test_an_answer_that_nobody_asked_for_is_not_kept() -> None:
    d = desk()
    d.on_answers(sent("other", wire.encode(1)))
    d.on_answers(sent(["a"], wire.encode(1)))
    assert not d.answers


def test_bytes_that_are_no_value_are_unreadable() -> None:
    d = desk()
    d.on_answers(sent("a", b"garbage"))
    assert d.answers["a"].evidence(LIMIT).status == "unreadable"


@given(st.binary(max_size=300))
def test_garbage_is_nothing_or_a_broken_budget(data: bytes) -> None:
    d = desk()
    try:
        d.on_answers(data)
        d.on_models(data)
    except BudgetError:
        pass
    finally:
        d.close()


def test_too_many_answers_break_the_budget() -> None:
    d = desk()
    with pytest.raises(BudgetError):
        for _ in range(9):
            d.on_answers(sent("a", b"x" * 2**20))


def test_a_model_larger_than_allowed_breaks_the_budget() -> None:
    d = desk()
    with pytest.raises(BudgetError, match="more than 1 MB"):
        for _ in range(3):
            d.on_models(pack({"number": 1, "last": False}, b"x" * 500_000))
    d.close()


@pytest.mark.parametrize("file_first", [True, False])
def test_a_model_and_its_announcement_find_each_other(file_first: bool) -> None:
    d = desk()
    parts: list[Callable[[], None]] = [lambda: d.on_models(pack({"number": 4, "last": True}, b"zip"))]
    parts.append(lambda: d.on_answers(sent("m", kind="model", number=4, history={"loss": [1.0, "x", 0.5]})))
    for part in parts if file_first else reversed(parts):
        part()
    file = d.answers["m"].file
    assert file is not None
    with file:
        file.seek(0)
        assert file.read() == b"zip"
    assert d.answers["m"].history == {"loss": [1.0, 0.5]}
    d.close()


def test_nothing_is_taken_once_the_desk_is_shut() -> None:
    d = desk()
    d.on_answers(sent("a", wire.encode(1)))
    d.on_answers(sent("m", kind="model", number=4))
    d.shut()
    d.on_answers(sent("a", wire.encode("a hidden input")))
    d.on_models(pack({"number": 4, "last": True}, b"zip"))
    assert d.answers["a"].evidence(LIMIT).value == 1
    assert d.answers["m"].file is None
    d.close()


def test_a_model_that_was_handed_in_anew_leaves_no_file_open() -> None:
    d = desk()
    for number in range(30):
        d.on_models(pack({"number": number, "last": True}, b"zip"))
        d.on_answers(sent("m", kind="model", number=number))
        if number == 0:
            first = d.answers["m"].file
    assert first is not None
    assert first.closed
    last = d.answers["m"].file
    assert last is not None
    last.close()
    d.close()


def test_model_files_that_answer_nothing_break_the_budget() -> None:
    d = desk()
    with pytest.raises(BudgetError, match="answer nothing"):
        for number in range(1000):
            d.on_models(pack({"number": number, "last": True}, b"x"))
    assert number < 100
    d.close()


def test_a_reply_may_say_that_the_function_wrote_into_what_it_was_given() -> None:
    assert reply({"status": "ok", "changed": True}, wire.encode(1), LIMIT).facts == {"changed": True}
    assert reply({"status": "ok", "changed": "very much"}, wire.encode(1), LIMIT).facts == {}


def test_a_reply_tells_a_status_and_no_more() -> None:
    assert reply({"status": "raised", "detail": "ValueError"}, b"", LIMIT).detail == "ValueError"
    assert reply({"status": "excellent"}, b"", LIMIT).status == "unreadable"
    assert reply({"status": "ok"}, wire.encode((1, 2)), LIMIT).value == (1, 2)


def test_an_announcement_that_was_replaced_is_forgotten() -> None:
    one = desk()
    for number in range(100):
        one.on_answers(pack({"exercise": "m", "kind": "model", "status": "ok", "number": number}))
    assert len(one._announced) == 1

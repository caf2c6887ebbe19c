"""Student code that speaks our own languages: answers, messages and model files forged from inside the kernel."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder.engines.runner import run_job
from autograder.sandbox.desk import Desk
from autograder.store import Store
from autograder.types import Job
from tests.sandbox.growth import growth
from tests.sandbox.jobs import FORGE, QUICK, A, B, answer, calls, check, notebook, run, shown, value

pytestmark = pytest.mark.kernel

F = check("f", "f", "function")
WAIT = "\nimport time; time.sleep(15)"
PATIENT = replace(QUICK, cell_seconds=150, seconds=200, cpu_seconds=200)  # a busy grader takes long to have enough


# -- the channel of answers --------------------------------------------------------------------------------------


def test_what_is_handed_in_after_a_hidden_input_came_is_not_taken() -> None:
    leak = "def f(x):\n    value('a', ['seen', x])\n    return x"
    done = run(FORGE, leak, A, B, F, probes=[value("a"), value("b"), calls("f", 111, 222)])
    assert answer(done).value == 1
    assert [call.value for call in answer(done, "f").calls] == [111, 222]


def test_replies_that_nobody_asked_for_are_not_even_kept() -> None:
    flood = "def f(x):\n    for _ in range(5): forge({'reply': 99, 'status': 'ok'}, b'x' * 4 * 10**6)\n    return x"
    with growth() as grown:
        done = run(FORGE, flood, F, probes=[calls("f", 1, seconds=9)])
    assert answer(done, "f").calls[0].value == 1
    assert grown.mb < 32


def test_values_that_are_each_as_deep_and_as_many_as_allowed_are_kept_and_come_back(tmp_path: Path) -> None:
    deep = "x = 1\nfor _ in range(31): x = [x]"
    done = run(deep, check("a", "x"), check("b", "[None] * 199_000"), check("c", "[None] * 199_000"),
               probes=[value("a"), value("b"), value("c")])  # fmt: skip
    assert [answer(done, e).status for e in "abc"] == ["ok"] * 3
    Store(tmp_path).put_run("a", "ann", "nb", "k", done)
    back = Store(tmp_path).get_run("a", "ann", "nb", "k")
    assert back is not None
    assert back.evidence == done.evidence


@pytest.mark.parametrize(
    ("forged", "status", "words"),
    [
        ("for i in range(25_000): forge({'exercise': 'x'})", "output", "put out more than it may"),
        ("write(fds['answers'], frames.LENGTHS.pack(9, 2**62))", "output", "no notebook's kernel sends"),
        ("for i in range(5000): write(fds['models'], frames.pack({'number': i, 'last': True}, b'x'))", "output",
         "no notebook's kernel sends"),
        ("write(fds['cells'], frames.LENGTHS.pack(9, 2**62))", "output", "no notebook's kernel sends"),
        ("write(fds['cells'], frames.LENGTHS.pack(4, 0) + b'{\"a\"')", "output", "no notebook's kernel sends"),
        ("while True: raw('stream', b'x' * 65536)", "output", "put out more than it may"),
    ],
)  # fmt: skip
def test_nonsense_ends_the_kernel_in_words_that_are_true(forged: str, status: str, words: str) -> None:
    open_before = len([*Path("/proc/self/fd").iterdir()])
    done = run(FORGE, A, forged + WAIT, B, limits=PATIENT)
    assert (answer(done).value, answer(done, "b").status) == (1, status)
    assert words in done.remarks[0].student
    assert len([*Path("/proc/self/fd").iterdir()]) < open_before + 10


def test_a_failure_of_ours_over_what_came_in_is_a_lost_run_and_no_endless_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Desk, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Desk, "on_answers", full)
    lost = run_job(Job("x", notebook([A, "import time; time.sleep(60)"]), "ann", (value("a"),), limits=QUICK)).lost
    assert "No space left on device" in str(lost)


# -- what is shown ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flood",
    [
        "for _ in range(99): raw('display_data', b'{\"data\":{\"a\":[' + b'{},' * 1_000_000 + b'1]},\"metadata\":{}}')",
        "for _ in range(99): raw('stream', b'y' * 2_000_000)",
        "for _ in range(9999): write(fds['cells'], frames.pack({}) * 1000)",
        "for _ in range(9999): write(fds['cells'], frames.pack({'done': 4, 'more': [[]] * 15_000}))",
    ],
    ids=["small objects", "large texts", "empty messages", "large headers"],
)
def test_a_flood_is_stopped_and_the_graders_memory_stays_as_it_is(flood: str) -> None:
    run(A)  # what is loaded once is no growth
    with growth() as grown:
        done = run(FORGE, A, flood + WAIT, B, limits=PATIENT)
    assert (answer(done).value, answer(done, "b").status) == (1, "output")
    assert grown.mb < 40  # 32 is the aim; memory that is freed is not always given back at once


def test_odd_messages_are_left_out_and_the_notebook_stays_valid() -> None:
    done = run(
        FORGE,
        "from IPython.display import display\ndisplay('first', display_id='z')",
        "show('update_display_data', {'data': {'text/html': 5, 'text/plain': 'x' * 3_000_000}, 'metadata': 7,"
        " 'transient': {'display_id': 'z'}})\n"
        "for kind in ('comm_open', 'comm_msg', 'comm_close', 'invented', 'display_data', 'error', 'stream'):\n"
        "    for content in ({}, {'data': 5, 'comm_id': [1], 'target_name': {}, 'ename': [], 'traceback': 3}):\n"
        "        show(kind, content)",
        A, B,
    )  # fmt: skip
    assert (answer(done).value, answer(done, "b").value) == (1, 2)
    assert len(done.notebook) < 20_000
    assert "first" in shown(done)
    nbformat.validate(nbformat.reads(done.notebook.decode(), 4))


def test_no_task_is_left_to_complain_when_a_kernel_dies(capfd: pytest.CaptureFixture[str]) -> None:
    run(A, "print('x' * 10); import os; os._exit(1)")
    gc.collect()
    assert "never retrieved" not in capfd.readouterr().err


# -- exhaustion --------------------------------------------------------------------------------------------------


def test_memory_that_a_hidden_call_asks_for_in_vain_is_memory() -> None:
    done = run("def f(x): return len(bytearray(10**15))", F, probes=[calls("f", 1)])
    assert answer(done, "f").calls[0].status == "memory"


def test_too_many_processes_are_told() -> None:
    bomb = "import threading, time\nfor _ in range(2000): threading.Thread(target=time.sleep, args=(3,)).start()"
    done = run(A, bomb, "time.sleep(0.5)", B, limits=replace(QUICK, processes=60))
    assert (answer(done).value, answer(done, "b").value) == (1, 2)
    assert [remark.staff for remark in done.remarks] == ["process limit"]

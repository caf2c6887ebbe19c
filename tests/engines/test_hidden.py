"""Cells of tests in a real kernel: what they come to, and what is shown of them."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from autograder.engines import hidden
from autograder.engines.runner import run_job
from autograder.types import Evidence, Job, Probe, Run
from tests.sandbox.jobs import QUICK, notebook, shown

WHOLE = """\
assert f(1) == 1
### BEGIN HIDDEN TESTS
for hidden_number in (7, 4711):
    assert f(hidden_number) == hidden_number
### END HIDDEN TESTS"""
GIVEN = "assert f(1) == 1"
NO_LEAK = ("4711", "hidden_number", "HIDDEN")


def run(*cells: str | tuple[str, str], tests: dict[str, str] | None = None) -> Run:
    made = json.loads(notebook(cells))
    del made["cells"][0]  # nothing of handin is needed
    for number, cell in enumerate(made["cells"]):
        cell["id"] = f"c{number}"
    names = [grade_id for cell in cells if isinstance(cell, tuple) for grade_id in [cell[0]]]
    probes = tuple(Probe(name, "cell", "v") for name in names)
    done = run_job(Job("a/ann/nb", json.dumps(made).encode(), "ann", probes, limits=QUICK, tests=tests or {}))
    assert done.lost is None, done.lost
    return done


def found(done: Run, exercise: str) -> tuple[str, Any]:
    evidence: Evidence = done.evidence[exercise]
    value = evidence.value
    return evidence.status, value["result"] if isinstance(value, dict) else evidence.detail


@pytest.mark.kernel
def test_a_cell_passes_raises_or_comes_to_a_number_in_the_students_kernel() -> None:
    done = run(
        "import sys\ndef f(x):\n    return x\ndef g():\n    while True: print('#' * 10000)",
        ("passes", "assert f(1) == 1"),
        ("fails", "assert f(1) == 2, 'one is one'"),
        ("half", "sys.stderr.write('a log line')\n0.5"),
        ("number", "import numpy as np\nnp.float64(1.5)"),
        ("text", "'well done'"),
        ("nothing", "  \n"),
        ("loud", "print('#' * 3_000_000)\n0.5"),
        ("loudly-fails", "print('#' * 3_000_000)\nassert False"),
    )
    assert found(done, "passes") == ("ok", None)
    assert found(done, "fails") == ("raised", "AssertionError: one is one")
    assert found(done, "half") == ("ok", 0.5)
    assert found(done, "number") == ("ok", 1.5)
    assert found(done, "text") == found(done, "nothing") == ("ok", None)
    assert found(done, "loud")[0] == "output" and found(done, "loudly-fails")[0] == "raised"
    assert "one is one" in shown(done), "nothing is hidden where nothing was"


@pytest.mark.kernel
def test_a_kernel_that_ends_first_leaves_no_passed_test() -> None:
    done = run(("before", "assert True"), "import os\nos._exit(0)", ("after", "assert True"))
    assert found(done, "before") == ("ok", None) and found(done, "after")[0] == "crashed"


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("def f(x):\n    return x", "ok"),
        ("def f(x):\n    assert x < 9, x\n    return x", "raised"),
        ("def f(x):\n    print('called with', x)\n    return 1", "raised"),
        (
            "class Told(Exception):\n    pass\ndef f(x):\n    raise type(f'Got{x}', (Told,), {})(x) if x > 1 else Told",
            "raised",
        ),
    ],
)
def test_hidden_tests_run_and_are_not_shown(code: str, status: str) -> None:
    done = run(code, ("test", GIVEN), "print('later')\nprint(In)", tests={"test": WHOLE})
    assert found(done, "test")[0] == status
    everything = done.notebook.decode()
    assert not [leak for leak in NO_LEAK if leak in everything], everything
    assert json.loads(done.notebook)["cells"][1]["source"] == GIVEN


def test_an_output_that_quotes_a_hidden_line_is_replaced_whatever_its_colours() -> None:
    made = json.loads(notebook([("test", GIVEN), "x"]))
    job = Job("x", json.dumps(made).encode(), "ann", (), tests={"test": WHOLE})
    trace = "\x1b[38;5;28;01massert\x1b[39;00m f(hidden\x1b[0m_number) == hidden_number"
    outputs = [
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": [trace]},
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<b>for hidden_number in (7, 4711)</b>"}},
        {"output_type": "stream", "name": "stdout", "text": "f(1) == 1"},
    ]  # fmt: skip
    made["cells"][2]["outputs"] = outputs
    *_, last = hidden.shown([nbformat.from_dict(c) for c in made["cells"]], job)
    assert ["Not shown" in str(o.get("text")) for o in last["outputs"]] == [True, True, False]

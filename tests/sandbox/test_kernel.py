"""Notebooks in confined kernels: honest ones, unlucky ones, and what becomes of their answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.engines.runner import run_job
from autograder.types import Job, Limits, Probe
from tests.sandbox.jobs import QUICK, A, B, answer, calls, check, notebook, run, shown, tell, told, value

pytestmark = pytest.mark.kernel

STUBBORN = "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except BaseException:\n        pass"


def test_answers_come_out_as_plain_values() -> None:
    done = run("import numpy as np", check("a", "np.float32(0.5)"), check("b", "{'x': (1, [None, 'é'])}"))
    assert answer(done).value == 0.5
    assert answer(done, "b").value == {"x": (1, [None, "é"])}
    assert answer(done).facts == {"cell": 2}
    assert answer(done).variant == "v"
    assert answer(done).probe == value("a").digest


def test_the_last_check_of_an_exercise_counts() -> None:
    assert answer(run(A, check("a", "7"), B)).value == 7


def test_an_object_is_unreadable_and_runs_no_code_out_here() -> None:
    assert answer(run(check("a", "object()"), B)).status == "unreadable"


def test_text_is_read_from_the_notebook_and_never_from_the_kernel() -> None:
    done = run(A, ("essay", "'what I wrote'"), probes=[value("a"), Probe("essay", "text", "v")])
    assert answer(done, "essay").value == "'what I wrote'"


def test_what_was_never_answered_is_missing() -> None:
    done = run(A, check("b", "never_defined"))
    assert (answer(done, "b").status, answer(done, "b").detail) == ("missing", "NameError")


@pytest.mark.parametrize(
    ("work", "error"),
    [
        ("answer = {'height': 3}['heigth']", "KeyError: 'heigth'"),
        ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("answer = = 3", "SyntaxError: invalid syntax"),
    ],
)
def test_an_answer_whose_cell_stopped_with_an_error_has_that_error(work: str, error: str) -> None:
    found = answer(run(A, work, "answer + 1", check("b", "answer")), "b")
    assert found.status == "raised" and found.detail.startswith(error) and found.facts["quotable"]


def test_an_error_in_the_work_on_another_exercise_is_not_told() -> None:
    assert answer(run("1 / 0", A, check("b", "never_defined")), "b").status == "missing"


def test_a_cell_that_was_never_filled_in_is_no_error() -> None:
    untouched = "# YOUR CODE HERE\nraise NotImplementedError()"
    assert answer(run(A, untouched, check("b", "never_defined")), "b").status == "missing"


def test_an_error_is_not_quoted_where_hidden_tests_were_in_the_kernel() -> None:
    cells = notebook(["raise ValueError(In[-2])", check("a", "never_defined")])
    found = answer(run_job(Job("a/ann/nb", cells, "ann", (value("a"),), limits=QUICK, tests={"other": "assert 1"})))
    assert found.status == "raised" and not found.facts["quotable"]


@pytest.mark.parametrize("death", ["import os; os._exit(0)", "import os; os.kill(os.getpid(), 11)"])
def test_answers_given_before_a_crash_are_kept(death: str) -> None:
    done = run(A, death, B)
    assert (answer(done).status, answer(done).value) == ("ok", 1)
    assert answer(done, "b").status == "crashed"
    assert done.remarks[0].cell == 2


def test_a_loop_that_swallows_every_interrupt_is_stopped() -> None:
    done = run(A, STUBBORN, B, limits=replace(QUICK, cell_seconds=1))
    assert answer(done).value == 1
    assert answer(done, "b").status == "timeout"
    assert done.seconds < 60  # a busy machine takes its time to start a kernel


def test_a_slow_cell_is_interrupted_and_the_rest_goes_on() -> None:
    done = run(A, "import time; time.sleep(60)", B, limits=replace(QUICK, cell_seconds=1))
    assert answer(done, "b").value == 2
    assert "more than 1 s in the cell that starts `import time; time.sleep(60)`" in done.remarks[0].student


def test_an_answer_that_a_slow_cell_should_have_made_is_late() -> None:
    done = run(A, "import time; time.sleep(60); x = 1", check("b", "x"), limits=replace(QUICK, cell_seconds=1))
    assert answer(done, "b").status == "timeout"


def test_processor_time_is_what_counts() -> None:
    done = run(A, "import hashlib\nwhile True: hashlib.sha256(b'x' * 10**5)", B, limits=replace(QUICK, cpu_seconds=1.5))
    assert answer(done, "b").status == "timeout"
    assert 1.5 <= done.cpu_seconds < 3


def test_all_cells_together_have_a_time_limit() -> None:
    done = run(A, "import time; time.sleep(1.5)", "time.sleep(1.5)", B, limits=replace(QUICK, seconds=2))
    assert (answer(done).status, answer(done, "b").status) == ("ok", "timeout")


def test_a_memory_bomb_ends_as_memory() -> None:
    done = run(A, "hoard = []\nwhile True: hoard.append(bytearray(10**8))", B, limits=replace(QUICK, memory_mb=400))
    assert answer(done).value == 1
    assert answer(done, "b").status == "memory"


def test_much_printed_is_cut_kindly() -> None:
    done = run("print('x' * 50_000_000)", "for _ in range(3000): print('y' * 1000)", A, B)
    assert (answer(done).value, answer(done, "b").value) == (1, 2)
    assert shown(done).count("[output cut here: 1024 kB of one cell are shown]") == 2
    assert len(done.notebook) < 3 * 2**20


def test_garbage_on_the_answers_channel_stops_the_kernel_and_spares_what_was_said() -> None:
    garbage = "import os\nfor fd in range(3, 60):\n    try: os.write(fd, b'garbage' * 9)\n    except OSError: pass"
    done = run(A, garbage + "\nimport time; time.sleep(15)", B)
    assert answer(done).value == 1
    assert answer(done, "b").status == "output"


def test_stderr_never_matters() -> None:
    done = run("import sys, os\nprint('log', file=sys.stderr); os.write(2, b'raw log')", A, B)
    assert answer(done).value == 1
    assert not done.remarks


def test_a_skipped_cell_is_run_all_the_same() -> None:
    assert answer(run(A, B, tags=["skip-execution", "raises-exception", ""])).value == 1


def test_input_is_refused_politely() -> None:
    done = run("input('?')", A, B)
    assert "StdinNotImplementedError" in shown(done)
    assert answer(done).value == 1


def test_the_user_is_the_owner_and_files_lie_beside_the_notebook() -> None:
    done = run(
        tell("os.environ['JUPYTERHUB_USER']") + "\nimport os",
        "import os, helper\n" + tell("(os.environ['JUPYTERHUB_USER'], helper.x, open('data/a.txt').read())"),
        user="zoë", files={"helper.py": b"x = 3", "data/a.txt": b"hi"},
    )  # fmt: skip
    assert told(done)[-1] == "('zoë', 3, 'hi')"


def test_the_executed_notebook_keeps_its_cells_and_shows_their_outputs() -> None:
    done = run("print('seen')", A, B)
    cells = json.loads(done.notebook)["cells"]
    assert cells[1]["outputs"][0]["text"] == "seen\n"
    assert cells[2]["metadata"]["nbgrader"]["grade_id"] == "a"


def test_a_widget_message_runs_nothing_out_here() -> None:
    source = (
        "from ipykernel.comm import Comm\n"
        "Comm(target_name='jupyter.widget', data={'state': {'_model_module': '@jupyter-widgets/output', "
        "'_model_name': 'OutputModel', 'msg_id': 'x', 'outputs': []}})"
    )
    assert answer(run(source, A, B)).value == 1


# -- functions ---------------------------------------------------------------------------------------------------


def statuses(*cells: str | tuple[str, str], inputs: tuple[int, ...] = (1, 2, 3), limits: Limits = QUICK) -> list[str]:
    done = run(*cells, probes=[calls("f", *inputs, seconds=1.0)], limits=limits)
    return [call.status for call in done.evidence["f"].calls]


F = check("f", "f", "function")


def test_a_function_is_called_as_it_was_when_it_was_handed_in() -> None:
    done = run("k = 2\ndef g(x): return k * x\ndef f(x): return g(x)", F, "k = 9\ndef g(x): return 0",
               probes=[calls("f", 1, 2)])  # fmt: skip
    assert [call.value for call in done.evidence["f"].calls] == [2, 4]


def test_a_function_gets_arrays_and_its_errors_tell_their_type_alone() -> None:
    array = np.arange(6.0).reshape(2, 3)
    done = run("def f(x):\n    if x.sum() > 20: raise KeyError(x)\n    return x.T", F,
               probes=[calls("f", array, array * 2)])  # fmt: skip
    good, bad = done.evidence["f"].calls
    assert np.array_equal(good.value, array.T)  # type: ignore[arg-type]
    assert (bad.status, bad.detail, bad.value) == ("raised", "KeyError", None)


def test_nothing_that_a_hidden_call_prints_is_shown() -> None:
    done = run("import os\ndef f(x):\n    print('SECRET', x); os.write(1, b'SECRET')\n    return x", F,
               probes=[calls("f", 1)])  # fmt: skip
    assert "SECRET" not in done.notebook.decode().replace("print('SECRET'", "").replace("b'SECRET'", "")


def test_a_function_that_writes_into_what_it_is_given_is_found_out() -> None:
    array = np.arange(3.0)
    cells = "def f(x):\n    x += x[0]\n    return x.sum()"
    done = run(cells, F, probes=[calls("f", array, array + 1, [1])])
    assert [call.facts for call in done.evidence["f"].calls] == [{}, {"changed": True}, {}]


def test_calls_that_hang_or_return_no_plain_value_cost_only_themselves() -> None:
    source = "def f(x):\n    while x == 2: pass\n    return object() if x == 3 else x"
    assert statuses(source, F, inputs=(1, 2, 3, 4)) == ["ok", "timeout", "unreadable", "ok"]


def test_a_call_that_kills_the_kernel_costs_only_itself() -> None:
    source = "import os\ndef f(x):\n    if x == 2: os._exit(1)\n    return x"
    assert statuses(source, F) == ["ok", "crashed", "ok"]


def test_a_kernel_that_dies_later_is_run_again_up_to_the_cell_that_killed_it() -> None:
    assert statuses("def f(x): return x", F, "import os; os._exit(1)") == ["ok", "ok", "ok"]


def test_what_is_no_function_is_unreadable() -> None:
    done = run("f = 3", F, probes=[calls("f", 1)])
    assert done.evidence["f"].status == "unreadable"


# -- data --------------------------------------------------------------------------------------------------------


def test_a_data_pack_is_read_only_and_its_hidden_part_is_nowhere(tmp_path: Path) -> None:
    (tmp_path / "kernel" / "mnist").mkdir(parents=True)
    (tmp_path / "hidden").mkdir()
    (tmp_path / "kernel" / "mnist" / "x.txt").write_text("data")
    done = run(
        "from pathlib import Path", tell("Path('/data/mnist/x.txt').read_text()"), tell("[*Path('/data').rglob('*')]"),
        tell("Path('/data/mnist/x.txt').write_text('')"), packs=(tmp_path / "kernel" / "mnist",),
    )  # fmt: skip
    assert told(done) == ["data", "[PosixPath('/data/mnist'), PosixPath('/data/mnist/x.txt')]", "OSError"]


def test_a_students_own_module_may_be_called_as_one_of_ours_is() -> None:
    names = ("kernel", "output", "sender", "agent", "frames", "snapshot", "datasets", "predict")
    files = {f"{name}.py": f"whose = 'mine {name}'".encode() for name in names}
    said = ", ".join(f"__import__({name!r}).whose" for name in names)
    done = run(check("a", f"[{said}]"), files=files)
    assert answer(done).value == [f"mine {name}" for name in names]
    job = Job("a/ann/nb", notebook([check("a", f"[{said}]")]), "ann", (value("a"),), files, QUICK, warm=True)
    assert run_job(job).evidence["a"].value == [f"mine {name}" for name in names]


def test_a_task_of_one_cell_goes_on_until_the_next() -> None:
    start = "import asyncio\nsaid = []\nasync def tick():\n    while True: said.append(1); await asyncio.sleep(0.01)"
    done = run(start, "task = asyncio.create_task(tick())", "await asyncio.sleep(0.1)", check("a", "len(said) > 3"))
    assert answer(done).value is True


def test_what_was_printed_before_a_crash_is_shown() -> None:
    assert "before" in shown(run("print('before', flush=True)\nimport os; os._exit(3)", A))


def test_what_a_thread_prints_later_is_shown_with_the_cell_that_runs_then() -> None:
    done = run("import threading, time\nthreading.Timer(0.2, lambda: print('tick')).start()", "time.sleep(0.6)", A)
    assert "tick" in shown(done)


def test_a_program_that_writes_for_ever_holds_up_no_cell() -> None:
    forever = "import subprocess\nsubprocess.Popen(['yes'])"
    done = run(forever, A, "import os; os.close(1); os.close(2)", B)
    assert (answer(done).value, answer(done, "b").value) == (1, 2)


def test_many_small_prints_of_a_long_cell_are_all_shown() -> None:
    lines = "import time\nfor i in range(2500):\n    print('epoch', i); time.sleep(0.0004)\nprint('FINAL')\n'RESULT'"
    done = run(lines, "for i in range(30_000): print('.', end='', flush=True)\nprint('END')", A, B)
    assert "FINAL" in shown(done) and "RESULT" in shown(done) and "END" in shown(done)
    assert "epoch 2499" in shown(done)
    assert answer(done, "b").value == 2


def test_who_exits_in_the_last_cell_keeps_what_was_handed_in() -> None:
    done = run("def f(x): return x", F, "exit()", probes=[calls("f", 1, 2)])
    assert [call.value for call in done.evidence["f"].calls] == [1, 2]


def test_what_comes_after_exit_is_not_run() -> None:
    done = run(A, "exit()", B)
    assert (answer(done).value, answer(done, "b").status) == (1, "crashed")


def test_a_cell_may_cancel_all_tasks() -> None:
    done = run("import asyncio", "for task in asyncio.all_tasks(): task.cancel()", A, B)
    assert (answer(done).value, answer(done, "b").value) == (1, 2)


def test_a_cell_that_awaits_is_interrupted_and_the_rest_goes_on() -> None:
    done = run(A, "import asyncio\nawait asyncio.sleep(60)", B, limits=replace(QUICK, cell_seconds=1))
    assert answer(done, "b").value == 2


def test_a_number_that_json_does_not_know_takes_nothing_else_away() -> None:
    show = "from IPython.display import display\ndisplay({'text/plain': 'SEEN', 'x/y': {'a': float('nan')}}, raw=True)"
    assert "SEEN" in shown(run(show, A))


def test_a_rare_letter_does_not_cost_a_long_text() -> None:
    assert "\N{GRINNING FACE}" in shown(run("print('x' * 600_000 + '\\N{GRINNING FACE}')", A))


def test_a_model_whose_history_is_long_is_handed_in(tmp_path: Path) -> None:
    source = (
        "class History: history = {f'metric {i}' * 5: [1234567.123456 * 10**9] * 200 for i in range(20)}\n"
        "class Model:\n    history = History()\n    def get_config(self): return {}\n"
        "    def save(self, path): open(path, 'wb').write(b'no model')\n    def count_params(self): return 1"
    )
    done = run(source, check("a", "Model()", "model"), B)
    assert answer(done, "b").value == 2


def test_metadata_that_is_deep_costs_nobody_the_run() -> None:
    deep = "from IPython.display import display\nx = []\nfor _ in range(600): x = [x]\n"
    done = run(deep + "display({'text/plain': 'hi'}, metadata={'a': x}, raw=True)", A, B)
    assert (answer(done).value, answer(done, "b").value) == (1, 2)


def test_a_notebook_that_may_start_no_thread_more_hands_in_all_the_same() -> None:
    no_more = """
import _thread, threading
def refused(*_, **__): raise RuntimeError("can't start new thread")
_thread.start_new_thread = threading._start_new_thread = refused
"""
    done = run(no_more, "print('said')", A, B)
    assert done.evidence["a"].value == 1
    assert done.evidence["b"].value == 2
    assert "said" in shown(done)

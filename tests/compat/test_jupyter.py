"""What students see in Jupyter is what is graded: our kernel shows the same as Jupyter's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.sandbox.bubblewrap import kernel_env
from autograder.sandbox.display import as_on_screen
from tests.compat import in_jupyter
from tests.compat.trial import Work, works
from tests.sandbox.jobs import notebook, run

pytestmark = pytest.mark.kernel

TRIES = 3
"""Jupyter reads what other processes print in a thread of its own. On a busy machine that may come after the cell has
ended, and nobody hears of it: what it lost once, it shows the next time."""
QUICK_WORKS = [work for work in works() if not work.tensorflow]
CELLS: dict[str, Sequence[str]] = {
    "results and prints": ("print('a', end='')\nprint('b')\n1 + 1", "x = 3", "x;", "None", "_ , __", "print('é')"),
    "descriptors": ("import os\nos.write(1, b'low\\n'); os.write(2, b'err\\n')", "!echo shell; echo wrong >&2"),
    "child processes": ("import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(5)']).returncode",),
    "forked children": (
        "import multiprocessing\np = multiprocessing.get_context('fork').Process(target=print, args=('child',))\n"
        "p.start(); p.join(); p.exitcode",
    ),
    "errors": ("1 / 0", "def f(): raise KeyError('no')\nf()", "if x", "%nothing", "raise SystemExit",
               "import nothing_at_all"),
    "displays": (
        "from IPython.display import display, HTML, Markdown, clear_output\ndisplay(HTML('<b>x</b>'), Markdown('*y*'))",
        "print('gone'); clear_output(); print('here')",
        "print('gone, too'); clear_output(wait=True); display(1)",
        "h = display('first', display_id=True); h.update('second')\nh.update('third')",
        "display({'text/plain': 'raw', 'image/png': 'aGk='}, raw=True)",
        "class Odd:\n    def _repr_html_(self): raise ValueError\nOdd().__class__.__name__",
    ),
    "the loop": (
        "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    return 7\nawait f()",
        "task = asyncio.create_task(f())", "await task", "asyncio.run(f())", "asyncio.get_running_loop().is_running()",
    ),
    "what libraries look at": (
        "import sys\ntype(get_ipython()).__name__, 'IPKernelApp' in get_ipython().config, sys.stdout.isatty(), "
        "sys.stdout.encoding, __name__, get_ipython().execution_count",
        "get_ipython().kernel.get_parent()['header']['msg_type']",
        "import matplotlib; matplotlib.get_backend()",
        "get_ipython().kernel.get_parent()['content']['code']",
    ),
    "warnings and logs": (
        "import warnings\nwarnings.warn('look out')", "import logging\nlogging.warning('said')",
        "import sys\nprint('to stderr', file=sys.stderr)\nsys.stdout.write('no end')",
    ),
    "threads": ("import threading\nt = threading.Thread(target=print, args=('thread',))\nt.start(); t.join()",),
    "magic": ("%%capture got\nprint('kept')", "got.stdout", "%who", "%%writefile a.txt\nhi",
              "%cat a.txt"),
    "streams are files": (
        "import sys\nsys.stdout.writelines(['a\\n', 'b\\n']); sys.stdout.flush()\n"
        "sys.stdout.writable(), sys.stdout.readable()",
        "sys.stdout.write(b'bytes')", "sys.stdout.buffer", "import faulthandler; faulthandler.enable()",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_cells_show_the_same(name: str, tmp_path: Path) -> None:
    shown = ours(CELLS[name])
    for attempt in range(TRIES):
        theirs = jupyters(CELLS[name], tmp_path / str(attempt))
        if shown == theirs:
            break
    assert shown == theirs


@pytest.mark.parametrize("work", QUICK_WORKS, ids=lambda work: work.name)
def test_honest_work_shows_the_same_kinds_of_things(work: Work, tmp_path: Path) -> None:
    if work.missing:
        pytest.skip(f"NOT TESTED, not in the kernel's environment: {', '.join(work.missing)}")
    assert kinds(ours(work.cells)) == kinds(jupyters(work.cells, tmp_path))


def ours(cells: Sequence[str]) -> list[list[Any]]:
    return _plain(json.loads(run(*cells, probes=()).notebook)["cells"])


def jupyters(cells: Sequence[str], folder: Path) -> list[list[Any]]:
    python = str(kernel_env().folder / "bin" / "python")
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-W", "ignore", in_jupyter.__file__, python, str(folder)]
    # ipykernel leaves descriptors alone where it believes that it is being tested.
    said = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    said |= {"JUPYTERHUB_USER": "ann", "USER": "ann"}
    subprocess.run(command, input=notebook(cells), stdout=subprocess.DEVNULL, env=said, check=True, timeout=300)
    made = nbformat.read(folder / "done.ipynb", 4)["cells"]
    for output in (output for cell in made for output in cell["outputs"] if "data" in output):
        output["data"] = {kind: text for kind, text in output["data"].items() if isinstance(text, str)}
    return _plain(made)


def _plain(cells: Sequence[Any]) -> list[list[Any]]:
    """Outputs but for what differs from one run to the next, or is nowhere promised: which of two streams is first."""
    return [sorted(map(_settled, cell["outputs"]), key=_stream_first) for cell in cells[1:]]


def _stream_first(output: Any) -> str:
    return output.get("name", "~") if output["output_type"] == "stream" else "~"


def _settled(output: Any) -> Any:
    """Of an error, the frames of cells alone: those of the kernels differ."""
    if output["output_type"] == "stream":
        output = {**output, "text": as_on_screen(output["text"])}
    if output["output_type"] == "error":
        output = {**output, "traceback": [line for line in output["traceback"] if "Cell" in line]}
    text = json.dumps(output, sort_keys=True, ensure_ascii=False)
    text = text.replace(str(kernel_env().folder), "/opt/kernel")
    text = re.sub(r"ipykernel_\d+/\d+", "ipykernel_N", text)
    text = re.sub(r"0x[0-9a-f]+|\d+(\.\d+)? (.s|s)\b", "N", text)
    return json.loads(text)


def kinds(cells: list[list[Any]]) -> list[list[str]]:
    return [
        [
            o.get("ename") or o.get("name") or " ".join(sorted(o["data"]))
            for o in outputs
            if o["output_type"] != "stream"
        ]
        for outputs in cells
    ]

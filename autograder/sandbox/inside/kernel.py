"""The kernel: IPython's own, as Jupyter runs it, but for the way in and out: cells come and go on one socket.

Jupyter's five, each with a library's threads, cost more than what most cells of a quiz compute; and whoever reads them
outside has a larger language to be afraid of. What a cell shows is the same: IPython's display and Jupyter's kernel
class do it. Argument: JSON with `fds`, `packs`, `gpu` (the part of its memory, or null), and the limits that are
kept kindly in here.

In comes {"run": n} with the source of a cell, and {"serve": true} after the last; out goes {"ready": true}, what is
{"shown": kind}, and {"done": n} with how the cell ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).parent))
import agent  # type: ignore[import-not-found]
import datasets  # type: ignore[import-not-found]
import frames  # type: ignore[import-not-found]
import gpu_limit  # type: ignore[import-not-found]
import output  # type: ignore[import-not-found]
from sender import Sender  # type: ignore[import-not-found]

sys.path.pop(0)

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from IPython.display import Markdown
from tornado.ioloop import IOLoop
from traitlets.config import Config

from handin import carrier, packs

CHUNK = 256 * 1024
SOURCE_CAP = 2**30  # the notebook is no larger than the grader lets it be
WORDS = 1000  # of an error, for staff

sys.modules["debugpy"] = None  # type: ignore[assignment]  # long to import, and no kernel of ours is debugged
importlib.import_module("ipykernel.debugger")
del sys.modules["debugpy"]


class Cells:
    """Runs the cells that come in, one after the other."""

    def __init__(self, settings: dict[str, Any]) -> None:
        fds = settings["fds"]
        self._channel = socket.socket(fileno=os.dup(fds["cells"]))
        self._sender = Sender(fds["cells"])
        self._allowance = output.Allowance(settings["output_kb"], settings["flood_mb"] * 512)
        self.kernel, self._display = _prepared or _made()
        self._display.begin(self._sender, self._allowance)
        self._pipes = output.Pipes(self._display)
        self._agent = agent.Agent(settings, lambda: self.kernel.shell.user_ns)
        carrier.set_carrier(self._agent.carry)
        sys.stdout = output.OutStream("stdout", 1, self._display)
        sys.stderr = output.OutStream("stderr", 2, self._display)

    async def serve(self) -> None:
        """Return when nobody sends anything any more, or when a cell has asked for the end."""
        self.kernel.io_loop = loop = IOLoop.current()
        # An interrupt that comes while the loop waits must wake it.
        loop.add_callback = asyncio.get_running_loop().call_soon_threadsafe  # type: ignore[method-assign, assignment]
        reader = frames.Reader(SOURCE_CAP)
        self._sender.send({"ready": True})
        while data := await self._data():
            for header, body in reader.feed(data):
                if "run" not in header:
                    self._agent.serve()
                    continue
                said = await self._run(body.decode())
                self._pipes.drain()
                left = bool(self.kernel.shell.exit_now)
                self._sender.send({"done": header["run"], **said, "cut": self._allowance.cut, "left": left})
                if left:
                    return

    async def _data(self) -> bytes:
        """What came in. The loop waits, in which the cells' own tasks go on; the socket itself blocks who writes."""
        loop = asyncio.get_running_loop()
        while True:
            ready = loop.create_future()
            loop.add_reader(self._channel, ready.set_result, None)
            try:
                await ready
                return self._channel.recv(CHUNK)
            except asyncio.CancelledError:  # a cell has cancelled all tasks there are, to clean up
                cast("asyncio.Task[None]", asyncio.current_task()).uncancel()
            finally:
                loop.remove_reader(self._channel)

    async def _run(self, source: str) -> dict[str, Any]:
        kernel = self.kernel
        self._allowance.next_cell()
        kernel.shell.transform_cell.forget()
        # What Jupyter's kernel would be asked: some widgets look at it.
        kernel.set_parent([], self._display.msg("execute_request", {"code": source}), "shell")
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            reply = await kernel.do_execute(source, silent=False, store_history=True, allow_stdin=False)
            error = f"{reply['ename']}: {reply['evalue']}"[:WORDS] if reply["status"] == "error" else ""
            return {"status": reply["status"], "error": error, "count": reply["execution_count"]}
        except BaseException as stumbled:  # an interrupt that came late, or what the code has made of IPython
            return {"status": "error", "error": type(stumbled).__name__, "count": None}
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Once:
    """Jupyter's kernel has a cell read twice before it runs it; the second time it is what it was the first time."""

    def __init__(self, transform: Callable[[str], str]) -> None:
        self._transform = transform
        self.forget()

    def forget(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, raw_cell: str) -> str:
        if raw_cell not in self._known:
            self._known = {raw_cell: self._transform(raw_cell)}
        return self._known[raw_cell]


def prepare() -> None:
    """Make what every kernel begins with, before the fork that it is for, and have it run a cell that does nothing.

    What is made when it is first used (patterns, tables, classes) is there then. Nothing of that cell stays.
    """
    global _prepared
    _prepared = kernel, display = _made()
    display.msg("execute_request", {"code": ""})
    asyncio.run(_rehearsed(kernel))


_prepared: tuple[IPythonKernel, output.Display] | None = None


async def _rehearsed(kernel: IPythonKernel) -> None:
    IOLoop.current()
    await kernel.do_execute("None", silent=True, store_history=False, allow_stdin=False)
    kernel.shell.display_formatter.format(Markdown("**1**"))


def _made() -> tuple[IPythonKernel, output.Display]:
    config = Config()
    config.HistoryManager.enabled = False
    config.IPKernelApp.log_level = 50  # progress bars look for this name to know a notebook
    app = IPKernelApp.instance(config=config)  # never started: plots ask it for its kernel
    kernel = app.kernel = IPythonKernel(parent=app, log=app.log)
    kernel.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())
    kernel.shell.extension_manager.load_extension("storemagic")
    kernel.shell.transform_cell = _Once(kernel.shell.transform_cell)
    run = type(kernel.shell).run_cell_async
    run.__signature__ = inspect.signature(run)  # worked out anew for each cell otherwise
    display = output.Display()
    for part in (kernel, kernel.shell.displayhook, kernel.shell.display_pub):
        part.session = display
    return kernel, display


_OURS = [path.stem for path in Path(__file__).parent.glob("*.py")]


def _step_aside() -> None:
    """A student's own module may be called as one of ours is."""
    for name in _OURS:
        if name in sys.modules:
            sys.modules[f"autograder.{name}"] = sys.modules.pop(name)


def main(settings: dict[str, Any]) -> None:
    _step_aside()
    sys.argv = ["kernel"]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    # The work folder, after the standard library: as in a student's own server. `-I` kept it off for us alone.
    sys.path.insert(next((i for i, path in enumerate(sys.path) if path.endswith("-packages")), 0), "")
    datasets.install(settings["packs"])
    gpu_limit.install(settings["gpu"])
    packs.mounted = settings["packs"]
    cells = Cells(settings)
    with contextlib.suppress(RuntimeError):  # a cell that stops the loop stops the kernel
        asyncio.run(cells.serve())
    os._exit(0)  # while an interpreter ends its threads are gone, and what is flushed then would wait for one


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

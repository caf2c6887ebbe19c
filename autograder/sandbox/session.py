"""One notebook in one confined kernel: its cells, and then the questions that are asked of its functions."""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import secrets
import time
import warnings
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from autograder.errors import NotebookError, SandboxError
from autograder.sandbox.box import STARVED, Box, Reason
from autograder.sandbox.desk import Answer, Desk, reply, words
from autograder.sandbox.display import OUTPUTS, plain, sound, unpack, weight
from autograder.sandbox.gpus import Slot
from autograder.sandbox.inside import frames
from autograder.sandbox.provisioner import Room, manager
from autograder.sandbox.warm import kind as kind_of
from autograder.types import Evidence, Job, Probe, Status
from handin import wire

GRACE = 0.9  # seconds between asking a cell to stop and stopping the kernel
STARTUP = 90.0
SHOWN = {"stream", "display_data", "execute_result", "update_display_data", "error"}


@dataclass(frozen=True)
class End:
    """How a kernel ended before its time."""

    reason: Reason
    detail: str
    cell: int | None  # the cell that ran; None: after the last

    @property
    def status(self) -> Status:
        """Of whatever could not be had because of it."""
        return stopped(self.reason)


@dataclass
class Sitting:
    """What came of running one notebook once."""

    cells: list[Any]  # notebook nodes with their outputs
    answers: dict[str, Answer] = field(default_factory=dict)
    calls: dict[str, list[Evidence | None]] = field(default_factory=dict)  # None: not asked
    late: set[int] = field(default_factory=set)  # cells that used up their time and could be stopped
    ended: dict[int, str] = field(default_factory=dict)  # cells that ran to their end: "", or the error they ended in
    end: End | None = None
    crowded: bool = False  # it was refused a process
    full: bool = False  # it had filled a disk
    starved: bool = False  # the clock ended something that had waited long for a processor
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    gpu_mb: int = 0  # the most that was seen taken of a GPU's memory


def cells_of(notebook: bytes) -> list[Any]:
    """Return the cells of a repaired notebook. Raises NotebookError."""
    try:
        cells = json.loads(notebook)["cells"]
        return [nbformat.from_dict(cell) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotebookError(f"Not a notebook: {type(error).__name__}. Have the doctor look at it first.") from error


async def sit(
    job: Job,
    *,
    ask: Sequence[Probe] = (),
    done: dict[str, list[Evidence | None]] | None = None,
    stop_before: int | None = None,
    practice: bool = False,
    slot: Slot | None = None,
) -> Sitting:
    """Run the cells (up to `stop_before`), then ask the functions of `ask` what is still open in `done`.

    Raises SandboxError when no kernel could be had: our failure. Whatever the student's code does is in the Sitting.
    """
    desk = Desk({probe.exercise for probe in job.probes}, job.limits)
    sources, backend = "\n".join(_source(c) for c in cells_of(job.notebook)), job.resources.backend
    room = Room(
        user=job.user, limits=job.limits, files=job.files, packs=job.packs, practice=practice, slot=slot,
        backend=backend, kind=kind_of(sources, backend) if job.warm else None,
        on_answers=desk.on_answers, on_models=desk.on_models,
    )  # fmt: skip
    session = Session(job, desk, room)
    try:
        return await session.run(stop_before, ask, done or {})
    finally:
        desk.close()


class Session(NotebookClient):
    """nbclient's cell loop with our own clock, and with a kernel whose end is data."""

    def __init__(self, job: Job, desk: Desk, room: Room) -> None:
        self._job, self._desk, self._room = job, desk, room
        originals = cells_of(job.notebook)
        # Cells made anew: no tag, no metadata of a submission decides how it is run.
        made = [
            nbformat.from_dict({"cell_type": "code" if c.get("cell_type") == "code" else "raw", "metadata": {},
                                "source": _source(c), "outputs": [], "execution_count": None, "id": f"c{i}"})
            for i, c in enumerate(originals)
        ]  # fmt: skip
        notebook = nbformat.from_dict({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        super().__init__(
            notebook, km=manager(room), timeout=None, allow_errors=True, record_timing=False, store_widget_state=False,
            skip_cells_with_tag=secrets.token_hex(8), coalesce_streams=False, startup_timeout=STARTUP,
        )  # fmt: skip
        self._sitting = Sitting(originals)
        self._cell_space = 0
        self._space = 512 * job.limits.flood_mb * 1024  # for what is shown; a kernel of ours stops there by itself
        self._asked: int | None = None  # the call that waits for its reply
        self._ended: asyncio.Event = asyncio.Event()
        self._polls: list[asyncio.Task[Any]] = []  # nbclient's own, of the cell that runs

    # -- one run -------------------------------------------------------------------------------------------------

    async def run(self, stop_before: int | None, ask: Sequence[Probe], done: dict[str, Any]) -> Sitting:
        sitting = self._sitting
        await self._start()
        box = self._box
        try:
            await self._cells(stop_before)
            self._desk.shut()
            if box.alive:
                await self._questions(ask, done)
        finally:
            await self._stop()
        sitting.answers = self._desk.answers
        sitting.seconds, sitting.cpu_seconds = box.seconds, box.cpu_seconds
        if box.fault:
            raise SandboxError(f"What a kernel sent could not be kept: {box.fault}. Look for room on the disk.")
        if box.reason not in ("stopped", None) and sitting.end is None:
            sitting.end = End(box.reason, box.detail, None)
        sitting.crowded, sitting.full, sitting.gpu_mb = box.crowded, box.full, box.gpu_mb
        return sitting

    async def _start(self) -> None:
        try:
            await self.km.start_kernel()
            self._box: Box = self.km.provisioner.box
            loop = asyncio.get_running_loop()
            self._box.on_end(lambda: loop.call_soon_threadsafe(self._ended.set))
            self.kc = self.km.client(context=self.km.context)
            self.kc.session.unpack = unpack
            self.kc.start_channels(hb=False)
            await self._ready()
            self.kc.allow_stdin = False
        except Exception as error:
            box: Box | None = getattr(self.km.provisioner, "box", None)
            said = bytes(box.raw).decode(errors="replace").strip()[-300:] if box else ""
            reason = f" ({box.reason})" if box and box.reason else ""
            await self._stop()
            if isinstance(error, SandboxError):
                raise
            raise SandboxError(f"The kernel did not start{reason}: {error}. {said}".strip()) from error

    async def _ready(self) -> None:
        """Return when the kernel answers, and what it shows arrives.

        jupyter_client's own wait goes on for a fifth of a second after that, to see nothing come: messages that belong
        to no cell are passed over anyway.
        """
        deadline = time.monotonic() + STARTUP
        while self._box.alive and time.monotonic() < deadline:
            self.kc.kernel_info()
            with contextlib.suppress(queue.Empty):
                await self.kc.shell_channel.get_msg(timeout=1)
                await self.kc.iopub_channel.get_msg(timeout=1)
                return
        raise SandboxError("it never answered")

    async def _stop(self) -> None:
        box: Box | None = getattr(self.km.provisioner, "box", None)
        if box is not None:
            box.kill()
            while box.alive:
                await asyncio.sleep(0.005)
        if self.kc is not None:
            self.kc.stop_channels()
            self.kc = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await self.km.cleanup_resources()
        if self.km.provisioner is not None:
            await self.km.provisioner.cleanup()

    # -- the cells -----------------------------------------------------------------------------------------------

    async def _cells(self, stop_before: int | None) -> None:
        limits = self._job.limits
        deadline = time.monotonic() + limits.seconds
        most = 2 * limits.output_kb * 1024
        for index in range(len(self.nb.cells) if stop_before is None else stop_before):
            cell = self.nb.cells[index]
            if cell.cell_type != "code":
                continue
            self._desk.cell, self._cell_space = index, most
            seconds = min(limits.cell_seconds, deadline - time.monotonic())
            await self._cell(cell, index, max(0.0, seconds), last=seconds < limits.cell_seconds)
            await asyncio.to_thread(self._box.settle)
            self._sitting.cells[index].update(
                outputs=sound(cell.outputs, most, cut=self._cell_space == 0), execution_count=_count(cell)
            )
            if not self._box.alive or self._box.reason is not None:
                await self._ended.wait()
                box = self._box
                self._sitting.end = End(box.reason or "crashed", box.detail, index)
                return

    async def _cell(self, cell: Any, index: int, seconds: float, last: bool) -> None:
        limits, waited = self._job.limits, self._box.waited
        self._polls.clear()
        running = asyncio.ensure_future(self.async_execute_cell(cell, index, execution_count=None))
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({running, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if running.done() or ended.done():
                return
            self._note_starved(waited, seconds)
            if last:
                self._box.kill("timeout", f"{limits.seconds:g} s for all cells")
                return
            self._box.interrupt()
            await asyncio.wait({running, ended}, timeout=GRACE, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                self._sitting.late.add(index)
            elif not ended.done():
                self._box.kill("timeout", f"{limits.cell_seconds:g} s in one cell")
        finally:
            await self._settle_task(running)
            ended.cancel()

    def _note_starved(self, waited: float, seconds: float) -> None:
        """waited: for a processor, before what the clock has just ended, after so many seconds."""
        self._sitting.starved = self._sitting.starved or self._box.waited - waited > STARVED * seconds

    # nbclient makes tasks of these three and leaves some behind. It takes a task as well, and those we know.

    def _async_poll_kernel_alive(self) -> asyncio.Task[None]:
        return self._poll(self._until_it_ends())

    def _async_poll_output_msg(self, *args: Any) -> asyncio.Task[None]:
        return self._poll(super()._async_poll_output_msg(*args))

    def _async_poll_for_reply(self, *args: Any) -> asyncio.Task[Any]:
        return self._poll(super()._async_poll_for_reply(*args))

    def _poll(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        self._polls.append(asyncio.ensure_future(work))
        return self._polls[-1]

    async def _until_it_ends(self) -> None:
        """nbclient would ask once a second; we are told."""
        await self._ended.wait()
        self.task_poll_for_reply.cancel()

    async def _check_raise_for_error(self, cell: Any, cell_index: int, exec_reply: Any) -> None:
        """Note how a cell ended: of its outputs, the error may have been cut."""
        content = exec_reply["content"] if exec_reply is not None else {}
        if content.get("status") == "ok":
            self._sitting.ended[cell_index] = ""
        elif content.get("status") == "error":
            self._sitting.ended[cell_index] = words(f"{content.get('ename')}: {content.get('evalue')}")

    async def _settle_task(self, running: asyncio.Future[Any]) -> None:
        """Take what the cell loop raised. It reads messages from inside: what it stumbles over, the kernel did."""
        for task in (running, *self._polls):
            task.cancel()
        (outcome, *_) = await asyncio.gather(running, *self._polls, return_exceptions=True)
        if isinstance(outcome, Exception) and not isinstance(outcome, DeadKernelError):
            self._box.kill("output", f"protocol: {type(outcome).__name__}")

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Read what is to be shown. Widgets would drive code out here, and what nobody shows need not be kept."""
        kind = msg["msg_type"]
        if kind in SHOWN:
            content = plain(kind, msg["content"])
            if content is None:
                return None
            size = weight(content)
            if size > min(self._space, self._cell_space) or len(cell.outputs) >= OUTPUTS:
                self._cell_space = 0  # what comes after a gap would mislead
                return None
            self._space, self._cell_space = self._space - size, self._cell_space - size
            msg["content"] = content
        elif kind not in ("status", "execute_input", "clear_output"):
            return None
        return super().process_message(msg, cell, cell_index)

    # -- the questions -------------------------------------------------------------------------------------------

    async def _questions(self, ask: Sequence[Probe], done: dict[str, Any]) -> None:
        """Send hidden inputs, one at a time. No cell runs any more, and nothing printed is read."""
        wanted = [p for p in ask if self._handed_function(p.exercise)]
        if not wanted:
            return
        loop = asyncio.get_running_loop()
        replies: asyncio.Queue[tuple[dict[str, Any], bytes]] = asyncio.Queue()

        def on_reply(header: dict[str, Any], body: bytes) -> None:
            """In the box's thread. One reply to what was asked; others are not even kept."""
            if self._asked is not None and header.get("reply") == self._asked:
                self._asked = None
                _post(loop, replies, (header, body))

        self._desk.on_reply = on_reply
        self.kc.shell_channel.send(self.kc.session.msg("serve_request", {}))
        deadline = time.monotonic() + self._job.limits.seconds
        number = 0
        for probe in wanted:
            results = self._sitting.calls[probe.exercise] = list(done.get(probe.exercise, [None] * len(probe.calls)))
            for place, call in enumerate(probe.calls):
                if results[place] is not None:
                    continue
                number += 1
                seconds = min(probe.call_seconds, deadline - time.monotonic())
                if seconds <= 0:
                    results[place] = Evidence("timeout", detail="no time left for this call")
                    continue
                files = {name: np.frombuffer(content, np.uint8) for name, content in call.files.items()}
                body = wire.encode({"args": call.args, "kwargs": dict(call.kwargs), "files": files})
                request = {"exercise": probe.exercise, "number": number, "seconds": seconds}
                results[place] = await self._question(request, body, replies)
                if not self._box.alive or self._box.reason is not None:
                    await self._ended.wait()
                    return

    def _handed_function(self, exercise: str) -> bool:
        answer = self._desk.answers.get(exercise)
        return answer is not None and answer.kind == "function"

    async def _question(self, request: dict[str, Any], body: bytes, replies: asyncio.Queue[Any]) -> Evidence:
        waited = self._box.waited
        ended = asyncio.ensure_future(self._ended.wait())
        asked = asyncio.ensure_future(self._exchange(request, body, replies))
        try:
            await asyncio.wait({ended, asked}, timeout=request["seconds"] + GRACE, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                try:
                    if asked.result().status == "timeout":
                        self._note_starved(waited, request["seconds"])
                    return asked.result()
                except OSError:
                    self._box.kill("crashed", "it closed the channel on which it is asked")
            else:
                self._note_starved(waited, request["seconds"])
                self._box.kill("timeout", "one call of a function")
            await self._ended.wait()
            return Evidence(stopped(self._box.reason), detail=self._box.detail)
        finally:
            asked.cancel()
            ended.cancel()

    async def _exchange(self, request: dict[str, Any], body: bytes, replies: asyncio.Queue[Any]) -> Evidence:
        channel = self._room.ask
        assert channel is not None
        channel.setblocking(False)
        self._asked = request["number"]
        await asyncio.get_running_loop().sock_sendall(channel, frames.pack(request, body))
        header, content = await replies.get()
        return reply(header, content, self._job.limits.value_mb * 2**20)


def stopped(reason: Reason | None) -> Status:
    """Return what a box that ended for this reason makes of whatever could not be had because of it."""
    return reason if reason in ("timeout", "memory", "disk", "output") else "crashed"


def _post(loop: asyncio.AbstractEventLoop, replies: asyncio.Queue[Any], item: Any) -> None:
    try:
        loop.call_soon_threadsafe(replies.put_nowait, item)
    except RuntimeError:
        return  # the loop is closed: nobody waits for it


def _source(cell: Any) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _count(cell: Any) -> int | None:
    count = cell.get("execution_count")
    return count if isinstance(count, int) and 0 <= count < 10**6 else None

"""One notebook in one confined kernel: its cells, and then the questions that are asked of its functions."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.errors import NotebookError, SandboxError
from autograder.sandbox.box import STARVED, Reason
from autograder.sandbox.desk import Answer, Desk, reply, words
from autograder.sandbox.gpus import Slot
from autograder.sandbox.kernel import Feeds, Kernel
from autograder.sandbox.screen import Screen
from autograder.sandbox.seat import Seat
from autograder.sandbox.warm import kind as kind_of
from autograder.types import Evidence, Job, Probe, Status
from handin import wire

GRACE = 0.9  # seconds between asking a cell to stop and stopping the kernel
STARTUP = 90.0
MOMENT = 0.005
"""Seconds in which a cell cannot take much: what is in use is measured now and then, and not just after such a one."""


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

    cells: list[dict[str, Any]]  # with their outputs
    answers: dict[str, Answer] = field(default_factory=dict)
    calls: dict[str, list[Evidence | None]] = field(default_factory=dict)  # None: not asked
    late: set[int] = field(default_factory=set)  # cells that used up their time and could be stopped
    ended: dict[int, str] = field(default_factory=dict)  # cells that ran to their end: "", or the error they ended in
    cut: set[int] = field(default_factory=set)  # cells of whose outputs some were left out
    end: End | None = None
    crowded: bool = False  # it was refused a process
    full: bool = False  # it had filled a disk
    starved: bool = False  # the clock ended something that had waited long for a processor
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    gpu_mb: int = 0  # the most that was seen taken of a GPU's memory


def cells_of(notebook: bytes) -> list[dict[str, Any]]:
    """Return the cells of a repaired notebook. Raises NotebookError."""
    try:
        return [dict(cell) for cell in json.loads(notebook)["cells"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotebookError(f"Not a notebook: {type(error).__name__}. Have the doctor look at it first.") from error


def sit(
    job: Job,
    *,
    ask: Sequence[Probe] = (),
    done: dict[str, list[Evidence | None]] | None = None,
    stop_before: int | None = None,
    practice: bool = False,
    slot: Slot | None = None,
    seat: Seat | None = None,
) -> Sitting:
    """Run the cells (up to `stop_before`), then ask the functions of `ask` what is still open in `done`.

    seat: held while something of the student's runs.

    Raises SandboxError when no kernel could be had: our failure. Whatever the student's code does is in the Sitting.
    """
    session = Session(job, practice, slot, seat or Seat())
    try:
        return session.run(stop_before, ask, done or {})
    finally:
        session.close()


@dataclass(frozen=True)
class Word:
    """What was waited for: {"ready": true}, {"done": number of a cell}, {"reply": number of a call}; none: the end."""

    header: dict[str, Any] | None
    body: bytes = b""


class Session:
    """Says what runs when, by our own clock. Everything that comes in does so in the box's thread, as a Word."""

    def __init__(self, job: Job, practice: bool, slot: Slot | None, seat: Seat) -> None:
        """Start a kernel."""
        self._job = job
        self._seat = seat
        self._idle = 0.0  # seconds in which it waited for its seat
        self._sitting = Sitting(cells_of(job.notebook))
        self._words: queue.SimpleQueue[Word] = queue.SimpleQueue()
        self._expected: tuple[str, int] | None = ("ready", True)  # nothing else that is said is even kept
        self._desk = Desk({probe.exercise for probe in job.probes}, job.limits)
        self._desk.on_reply = self._on_word
        self._screen = Screen(job.limits, self._on_word)
        sources = "\n".join(_source(cell) for cell in self._sitting.cells)
        kind = kind_of(sources, job.resources.backend) if job.warm and slot is None else None
        self._kernel = Kernel(job, kind, practice, slot, seat)
        self._box = self._kernel.box
        self._kernel.listen(Feeds(self._screen.on_cells, self._desk.on_answers, self._desk.on_models))
        self._box.on_end(lambda: self._words.put(Word(None)))

    # -- one run -------------------------------------------------------------------------------------------------

    def run(self, stop_before: int | None, ask: Sequence[Probe], done: dict[str, Any]) -> Sitting:
        sitting, box = self._sitting, self._box
        try:
            self._ready()
            self._idle = self._seat.take()
            self._cells(stop_before)
            self._desk.shut()
            if box.alive:
                self._questions(ask, done)
        finally:
            box.kill()
            self._seat.leave()
            box.close()
        sitting.answers = self._desk.answers
        sitting.seconds, sitting.cpu_seconds = box.seconds - self._idle, box.cpu_seconds
        if box.fault:
            raise SandboxError(f"What a kernel sent could not be kept: {box.fault}. Look for room on the disk.")
        if box.reason not in ("stopped", None) and sitting.end is None:
            sitting.end = End(box.reason, box.detail, None)
        sitting.crowded, sitting.full, sitting.gpu_mb = box.crowded, box.full, box.gpu_mb
        return sitting

    def close(self) -> None:
        self._box.kill()
        self._kernel.close()
        self._desk.close()

    def _ready(self) -> None:
        if self._wait(STARTUP) is None:
            box = self._box
            box.close()
            said = bytes(box.raw).decode(errors="replace").strip()[-300:]
            raise SandboxError(f"The kernel did not start ({box.reason}). {said}".strip())

    def _on_word(self, header: dict[str, Any], body: bytes = b"") -> None:
        """In the box's thread. What was sent before on other channels belongs to the cell that this word ends."""
        if self._expected is not None and header.get(self._expected[0]) == self._expected[1]:
            self._expected = None
            self._box.once_read(lambda: self._words.put(Word(header, body)))

    def _wait(self, seconds: float) -> Word | None:
        """Return the word that is expected; None when the time is up, or the kernel gone."""
        try:
            word = self._words.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return None
        if word.header is None:
            self._words.put(word)  # it is so from now on
            return None
        return word

    # -- the cells -----------------------------------------------------------------------------------------------

    def _cells(self, stop_before: int | None) -> None:
        limits = self._job.limits
        deadline = time.monotonic() + limits.seconds
        for index, cell in enumerate(self._sitting.cells[:stop_before]):
            if cell.get("cell_type") != "code":
                continue
            self._desk.cell = index
            self._screen.clear()
            cell.update(outputs=[], execution_count=None)
            begun = time.monotonic()
            if (source := _source(cell)).strip():
                seconds = min(limits.cell_seconds, deadline - time.monotonic())
                self._cell(index, source, max(0.0, seconds), last=seconds < limits.cell_seconds)
            if time.monotonic() > begun + MOMENT:
                self._box.settle()
            cell["outputs"] = self._screen.take()
            if not self._box.alive or self._box.reason is not None:
                self._gone()
                self._sitting.end = End(self._box.reason or "crashed", self._box.detail, index)
                return

    def _cell(self, index: int, source: str, seconds: float, last: bool) -> None:
        limits, box, waited = self._job.limits, self._box, self._box.waited
        until = time.monotonic() + seconds
        self._expected = "done", index
        try:
            self._kernel.run(index, source, seconds)
        except TimeoutError:
            pass
        except OSError:
            box.kill("crashed", "it closed the channel on which cells come")
        word = self._wait(until - time.monotonic())
        if word is None and box.alive and box.reason is None:
            self._note_starved(waited, seconds)
            if last:
                box.kill("timeout", f"{limits.seconds:g} s for all cells")
                return
            box.interrupt()
            word = self._wait(GRACE)
            if word is None and box.alive:
                box.kill("timeout", f"{limits.cell_seconds:g} s in one cell")
            elif word is not None:
                self._sitting.late.add(index)
        if word is not None:
            self._note_done(index, word.header or {})

    def _note_done(self, index: int, header: dict[str, Any]) -> None:
        """How a cell ended: of its outputs, the error may have been cut."""
        if header.get("cut") is True:
            self._sitting.cut.add(index)
        if header.get("left") is True:  # it was told to end, and asks of it would find nobody
            self._box.gone.wait(GRACE)
            self._box.kill("crashed", "it was told to exit")
        if header.get("status") == "ok":
            self._sitting.ended[index] = ""
        elif header.get("status") == "error":
            self._sitting.ended[index] = words(header.get("error")) or "an error"
        count = header.get("count")
        if isinstance(count, int) and 0 <= count < 10**6:
            self._sitting.cells[index]["execution_count"] = count

    def _gone(self) -> None:
        """Return when no process is left. Raises SandboxError if that cannot be had."""
        if not self._box.gone.wait(STARTUP):
            raise SandboxError("A sandbox does not end. Look for its processes before grading goes on.")

    def _note_starved(self, waited: float, seconds: float) -> None:
        """waited: for a processor, before what the clock has just ended, after so many seconds."""
        self._sitting.starved = self._sitting.starved or self._box.waited - waited > STARVED * seconds

    # -- the questions -------------------------------------------------------------------------------------------

    def _questions(self, ask: Sequence[Probe], done: dict[str, Any]) -> None:
        """Send hidden inputs, one at a time. No cell runs any more, and nothing printed is read."""
        wanted = [p for p in ask if self._handed_function(p.exercise)]
        if not wanted:
            return
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
                results[place] = self._question(probe.exercise, number, seconds, body)
                if not self._box.alive or self._box.reason is not None:
                    return

    def _handed_function(self, exercise: str) -> bool:
        answer = self._desk.answers.get(exercise)
        return answer is not None and answer.kind == "function"

    def _question(self, exercise: str, number: int, seconds: float, body: bytes) -> Evidence:
        box, waited = self._box, self._box.waited
        until = time.monotonic() + seconds + GRACE
        self._expected = "reply", number
        try:
            if number == 1:
                self._kernel.serve()
            self._kernel.ask({"exercise": exercise, "number": number, "seconds": seconds}, body, seconds + GRACE)
        except TimeoutError:
            pass
        except OSError:
            box.kill("crashed", "it closed the channel on which it is asked")
        word = self._wait(until - time.monotonic())
        if word is not None:
            found = reply(word.header or {}, word.body, self._job.limits.value_mb * 2**20)
            if found.status == "timeout":
                self._note_starved(waited, seconds)
            return found
        if box.alive and box.reason is None:
            self._note_starved(waited, seconds)
            box.kill("timeout", "one call of a function")
        self._gone()
        return Evidence(stopped(box.reason), detail=box.detail)


def stopped(reason: Reason | None) -> Status:
    """Return what a box that ended for this reason makes of whatever could not be had because of it."""
    return reason if reason in ("timeout", "memory", "disk", "output") else "crashed"


def _source(cell: Any) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)

"""One sandbox: started, watched, stopped, and gone without a rest.

A Box knows nothing of notebooks. It starts a program of `inside/` in confinement with the descriptors it is given,
reads what comes out of them in a thread of its own (budgets hold even while everybody else is busy), and ends it when
it uses up what it may.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from autograder.errors import SandboxError
from autograder.sandbox import cgroups, scratch
from autograder.sandbox.budget import BudgetError
from autograder.sandbox.meter import Meter
from autograder.sandbox.start import Order, Recipe, Starter, Template, check_files

Reason = Literal["timeout", "memory", "disk", "output", "crashed", "stopped"]
Feed = Callable[[bytes], None]

CHUNK = 256 * 1024
BATCH = 8  # chunks read of one descriptor before the others have their turn; more than any of them buffers
RAW_CAP = 16 * 1024  # of what bwrap, the launcher and the interpreter itself write to stdout and stderr
TICK = 0.1
STARVED = 0.2  # of its time, spent waiting for a processor: then a clock that ran out says little
ON_GPU = "on the GPU"  # how the detail ends, where it was not the machine's memory
BOMB_MB = 4096  # that several processes may take in a second: the nearer the limit, the sooner the next look


class Box:
    """A running sandbox. Start it in the thread that waits for it: should that thread end, the sandbox dies with it."""

    def __init__(self, order: Order, recipe: Recipe, template: Template | None = None) -> None:
        """template: what to fork it from; None starts it cold."""
        check_files(order.files)
        self.order = order
        self.recipe = recipe
        self._template = template
        self.reason: Reason | None = None
        self.detail = ""
        self.fault = ""  # why it ended, where that is our own failure: a full disk, a mistake of ours
        self.crowded = False  # it was refused a process because it had as many as it may
        self.full = False  # it had filled one of its disks
        self.gpu_mb = 0  # the most that was seen taken of a GPU's memory
        self.raw = bytearray()  # the last words of the program itself, for staff
        self.gone = threading.Event()  # no process is left, everything it sent has been read
        self.exit_code: int | None = None
        self.started = time.monotonic()
        self._cpu = 0.0
        self._raw_left = order.limits.flood_mb * 2**20
        self._over = False
        self._pause = TICK
        self._ended: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._tasks: list[Callable[[], None]] = []
        self._owned: set[int] = set()
        self._group: cgroups.Group | None = None
        self._scratch: Path | None = None
        self._start()

    # -- starting ------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        limits = self.order.limits
        # Numeric libraries start some for each core.
        threads = self._threads = limits.processes + 4 * (os.cpu_count() or 1)
        self._group = cgroups.make(limits.memory_mb, threads) if self.order.group else None
        stdio_read, stdio_write = os.pipe2(os.O_CLOEXEC)
        try:
            started = Starter(self.order, self.recipe, self._group, threads, self._template).start(stdio_write)
        except BaseException:
            os.close(stdio_read)
            self._release()
            raise
        finally:
            os.close(stdio_write)
            for fd in self.order.keep:
                os.close(fd)
        self._process, self._init, self._scratch = started.process, started.init, started.scratch
        self._last_word = started.last_word
        self._meter = Meter(self._process.pid, self._init, self._group, self._scratch, limits.disk_mb)
        self._init_fd = os.pidfd_open(self._init or self._process.pid) if started.fd is None else started.fd
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._on_wake)
        self._selector.register(self._init_fd, selectors.EVENT_READ, self._on_end)
        self.attach(stdio_read, self._on_raw)
        self._thread = threading.Thread(target=self._watch, name="sandbox", daemon=True)
        self._thread.start()

    # -- reading -------------------------------------------------------------------------------------------------

    def attach(self, fd: int, feed: Feed) -> None:
        """Read fd until its end, and close it. `feed` is called in the box's own thread."""
        os.set_blocking(fd, False)
        self._owned.add(fd)

        def register() -> None:
            self._selector.register(fd, selectors.EVENT_READ, lambda: self._drain(fd, feed))

        self.once_read(register)

    def settle(self) -> None:
        """Return when everything that had been sent before the call has been read, and what is in use was measured."""
        done = threading.Event()
        self.once_read(lambda: self._look(closely=True))
        self.once_read(done.set)
        while not done.wait(0.2) and not self.gone.is_set():
            pass

    def once_read(self, task: Callable[[], None]) -> None:
        """Call task, in the box's thread, when everything that has been sent until now has been read."""
        with self._lock:
            if self.gone.is_set():
                return
            self._tasks.append(task)
            with contextlib.suppress(BlockingIOError):
                os.write(self._wake_write, b"x")

    def _drain(self, fd: int, feed: Feed) -> None:
        """Read what there is. A reader that raises ends the box, and the rest is thrown away."""
        for _ in range(BATCH):
            if (
                fd not in self._owned
            ):  # closed by an earlier event of the same round: the number may be another's by now
                return
            try:
                data = os.read(fd, CHUNK)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._forget(fd)
                return
            if self.reason in (None, "stopped", "crashed"):
                self._guard(lambda data=data: feed(data))  # type: ignore[misc]

    def _guard(self, step: Callable[[], None]) -> None:
        try:
            step()
        except BudgetError as error:
            self.kill("output", str(error))
        except Exception as error:  # nobody may wait for ever for a thread that is no more
            self.fault = self.fault or f"{type(error).__name__}: {error}"
            self.kill()

    def _forget(self, fd: int) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(fd)
        if fd in self._owned:
            self._owned.remove(fd)
            os.close(fd)

    def _on_raw(self, data: bytes) -> None:
        self.raw += data[: max(0, RAW_CAP - len(self.raw))]
        self._raw_left -= len(data)
        if self._raw_left < 0:
            raise BudgetError(f"more than {self.order.limits.flood_mb} MB past the notebook's own output")

    # -- watching ------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        check = 0.0
        while not self._over:
            for key, _ in self._selector.select(TICK):
                self._guard(key.data)
            if not self._over and time.monotonic() >= check:
                self._guard(self._look)
                check = time.monotonic() + self._pause
        self._finish()

    def _on_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)
        with self._lock:
            tasks, self._tasks = self._tasks, []
        if tasks:
            # What was sent before we were woken is read first: once_read() depends on it.
            for key, _ in self._selector.select(0):
                if key.fd not in (self._wake_read, self._init_fd):
                    self._guard(key.data)
        for task in tasks:
            self._guard(task)

    def _do_tasks(self) -> None:
        with self._lock:
            tasks, self._tasks = self._tasks, []
        for task in tasks:
            self._guard(task)

    def _on_end(self) -> None:
        """The namespace's first process ended, and with it, by the kernel's word, every other one in it."""
        self._over = True

    def _look(self, closely: bool = False) -> None:
        limits = self.order.limits
        self._cpu = max(self._cpu, self._meter.cpu_seconds())
        if self._cpu > limits.cpu_seconds:
            self.kill("timeout", f"{limits.cpu_seconds:g} s of CPU time")
        disks = self._meter.disks(closely)
        self.full = self.full or disks.full
        if disks.files > limits.files:
            self.kill("disk", f"more than {limits.files:,} files")
        elif disks.over:
            self.kill("disk", f"more than {limits.disk_mb} MB on its disk")
        if self._group is not None:
            if self._group.killed_for_memory():  # perhaps only a child: the rest would wait for it for ever
                self.kill("memory", f"more than {limits.memory_mb} MB")
        else:
            used = self._meter.memory_mb(limits.memory_mb, disks)
            if used > limits.memory_mb:
                self.kill("memory", f"more than {limits.memory_mb} MB")
            self._pause = min(TICK / 2, max(TICK / 10, (1.2 * limits.memory_mb - used) / BOMB_MB))
            self.crowded = self.crowded or self._meter.threads() >= self._threads - 4  # two are bwrap's own
        if (slot := self.order.slot) is not None:
            taken = self._meter.gpu_mb(slot)
            self.gpu_mb = max(self.gpu_mb, taken)
            if taken > slot.cap_mb:
                self.kill("memory", f"more than {slot.memory_mb} MB {ON_GPU}")

    # -- stopping ------------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        return not self.gone.is_set()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def cpu_seconds(self) -> float:
        """CPU time of all processes, measured out here."""
        return self._cpu

    @property
    def waited(self) -> float:
        """Seconds for which the program had to wait for a processor; 0 when it is gone."""
        return self._meter.waited()

    @property
    def pid(self) -> int | None:
        """The program's process id on this machine; None when it is gone."""
        return self._meter.program if self.alive else None

    def on_end(self, call: Callable[[], None]) -> None:
        """Call when the box is gone (from its thread), or now if it is."""
        with self._lock:
            if not self.gone.is_set():
                self._ended.append(call)
                return
        call()

    def interrupt(self) -> None:
        if (pid := self.pid) is not None:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGINT)

    def kill(self, reason: Reason = "stopped", detail: str = "") -> None:
        """End every process. The first reason given is the one that counts."""
        with self._lock:
            if self.reason is None:
                self.reason, self.detail = reason, detail
            if self.gone.is_set():
                return
            with contextlib.suppress(ProcessLookupError):
                if self._init == 0:
                    os.killpg(self._process.pid, signal.SIGKILL)
                signal.pidfd_send_signal(self._init_fd, self._last_word)

    def close(self) -> None:
        """Kill, and return when no process is left. Raises SandboxError if that cannot be had."""
        self.kill()
        if not self.gone.wait(30):
            raise SandboxError("A sandbox does not die within 30 s. Look for its processes before grading goes on.")

    def _finish(self) -> None:
        """In the box's thread: read the rest, wait for the last process, say so."""
        if self._init == 0:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._do_tasks()  # a descriptor may be registered only now
        for key in list(self._selector.get_map().values()):
            if key.fd in self._owned:
                self._guard(key.data)
        self._do_tasks()  # what was to be done once that has been read
        self.exit_code = self._process.wait()
        self._guard(self._sum_up)
        for fd in list(self._owned):
            self._forget(fd)
        self._selector.close()
        self._guard(self._release)
        with self._lock:
            for fd in (self._wake_read, self._wake_write, self._init_fd):
                os.close(fd)
            self.gone.set()
            ended, self._ended = self._ended, []
        for call in ended:
            call()

    def _sum_up(self) -> None:
        self._cpu = max(self._cpu, self._meter.cpu_seconds())
        if self._group is not None:
            self.crowded = self._group.refused_processes() > 0
        with self._lock:
            if self._group is not None and self._group.killed_for_memory() and self.reason in (None, "crashed"):
                self.reason, self.detail = "memory", f"more than {self.order.limits.memory_mb} MB"
            if self.exit_code is None and self.reason is None:
                self.fault = self.fault or "something on this machine ended it"
            if self.reason is None:
                self.reason = "crashed"

    def _release(self) -> None:
        if self._group is not None:
            self._group.close()
        if self._scratch is not None:
            scratch.remove(self._scratch)


def pair() -> tuple[socket.socket, int]:
    """Return a duplex channel: our end, and the descriptor to keep open inside."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    return ours, theirs.detach()

"""One sandbox: started, watched, stopped, and gone without a rest.

A Box knows nothing of notebooks. It starts a program of `inside/` in confinement with the descriptors it is given,
reads what comes out of them in a thread of its own (budgets hold even while everybody else is busy), and ends it when
it uses up what it may.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import psutil

from autograder.errors import SandboxError
from autograder.sandbox import bubblewrap, cgroups, seccomp
from autograder.sandbox.budget import BudgetError as BudgetError
from autograder.sandbox.relay import Relay
from autograder.types import Limits

Recipe = Literal["root", "user", "none"]
Reason = Literal["timeout", "memory", "output", "crashed", "stopped"]
Feed = Callable[[bytes], None]

CHUNK = 256 * 1024
BATCH = 8  # chunks read of one descriptor before the others have their turn; more than any of them buffers
RAW_CAP = 16 * 1024  # of what bwrap, the launcher and the interpreter itself write to stdout and stderr
TICK = 0.1


@dataclass(frozen=True)
class Order:
    """What to start, and what it may use."""

    program: str  # a file of inside/
    settings: Mapping[str, Any]  # its argument, as JSON
    limits: Limits = field(default_factory=Limits)
    user: str = "student"
    files: Mapping[str, bytes] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)  # place inside -> folder outside, read-only
    keep: Sequence[int] = ()  # descriptors that the program gets under the same number; closed here once it runs
    landlock: bool = True
    group: bool = True  # try for a control group


def check_files(files: Mapping[str, bytes]) -> None:
    """Raise SandboxError for names that would lie anywhere but in the work folder."""
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\x00" in name or len(name) > 200:
            raise SandboxError(
                f"The file name {name[:80]!r} does not stay in the work folder. Rename the released file."
            )
    if len(files) > 200:
        raise SandboxError(f"{len(files)} files beside a notebook are too many (200). Put data into a data pack.")


def check_readable(folder: Path) -> None:
    """Raise SandboxError if student code, which is nobody on this machine, could not read a data folder."""
    for path in (folder, *folder.rglob("*")):
        needed = 0o005 if path.is_dir() else 0o004
        if path.stat().st_mode & needed != needed:
            raise SandboxError(f"{path} cannot be read inside a sandbox. Run: chmod -R o+rX {folder}")


class Box:
    """A running sandbox. Start it in the thread that waits for it: should that thread end, the sandbox dies with it."""

    def __init__(self, order: Order, recipe: Recipe) -> None:
        check_files(order.files)
        self.order = order
        self.recipe = recipe
        self.reason: Reason | None = None
        self.detail = ""
        self.fault = ""  # why it ended, where that is our own failure: a full disk, a mistake of ours
        self.crowded = False  # it was refused a process because it had as many as it may
        self.raw = bytearray()  # the last words of the program itself, for staff
        self.gone = threading.Event()  # no process is left, everything it sent has been read
        self.exit_code: int | None = None
        self.started = time.monotonic()
        self._cpu = 0.0
        self._raw_left = order.limits.flood_mb * 2**20
        self._over = False
        self._ended: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._tasks: list[Callable[[], None]] = []
        self._owned: set[int] = set()
        self._relays: list[Relay] = []
        self._group: cgroups.Group | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._start()

    # -- starting ------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        limits = self.order.limits
        # Numeric libraries start some for each core.
        threads = self._threads = limits.processes + 4 * (os.cpu_count() or 1)
        self._group = cgroups.make(limits.memory_mb, threads) if self.order.group else None
        stdio_read, stdio_write = os.pipe2(os.O_CLOEXEC)
        try:
            if self.recipe == "none":
                self._process, self._init = self._start_bare(threads, stdio_write), 0
            else:
                self._process, self._init = self._start_confined(threads, stdio_write)
        except BaseException:
            os.close(stdio_read)
            self._release()
            raise
        finally:
            os.close(stdio_write)
            for fd in self.order.keep:
                os.close(fd)
        self._init_fd = os.pidfd_open(self._init or self._process.pid)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._on_wake)
        self._selector.register(self._init_fd, selectors.EVENT_READ, self._on_end)
        self.attach(stdio_read, self._on_raw)
        self._thread = threading.Thread(target=self._watch, name="sandbox", daemon=True)
        self._thread.start()

    def _settings(self, threads: int, program: Path | str, python: str, uid: int | None) -> str:
        limits = self.order.limits
        disk = limits.disk_mb * 2**20
        rlimits = {
            # A soft limit of 1, not 0: 0 would not stop a core dump that is piped to a program on the host.
            "RLIMIT_CORE": (1, 1), "RLIMIT_NPROC": (threads, threads), "RLIMIT_FSIZE": (disk, disk),
            "RLIMIT_NOFILE": (1024, 1024), "RLIMIT_MSGQUEUE": (0, 0), "RLIMIT_MEMLOCK": (65536, 65536),
        }  # fmt: skip
        if self._group is None:
            # Address space would be the wrong thing to limit: TensorFlow reserves five times what it uses.
            rlimits["RLIMIT_DATA"] = (4 * limits.memory_mb * 2**20,) * 2
        if self.recipe == "none":
            rlimits.pop("RLIMIT_NPROC")  # it would count everything else that this user runs
        return json.dumps({
            "uid": uid, "die": True, "confined": self.recipe != "none", "rlimits": rlimits,
            "landlock": self.order.landlock and self.recipe != "none",
            "read": ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/proc", bubblewrap.INSIDE,
                     bubblewrap.KERNEL, bubblewrap.DATA, *self.order.folders,
                     *map(str, bubblewrap.kernel_env().prefixes)],
            "write": [bubblewrap.HOME, "/tmp", "/dev"],
            "command": [python, "-I", "-B", str(program), json.dumps(dict(self.order.settings))],
        })  # fmt: skip

    def _start_confined(self, threads: int, stdio: int) -> tuple[subprocess.Popen[bytes], int]:
        bwrap = bubblewrap.program()
        if bwrap is None:
            raise SandboxError("bwrap is not installed. Run `make setup`, or install the package bubblewrap.")
        as_root = self.recipe == "root"
        numeric = _unused_id() if as_root else 1000
        env = bubblewrap.kernel_env()
        view = bubblewrap.View(
            self.order.user, bubblewrap.environment(self.order.user), self.order.folders, self.order.files,
            self.order.limits.disk_mb, as_root, numeric,
        )  # fmt: skip
        filter_fd = seccomp.descriptor(fenced=self._group is not None)
        status_read, status_write = os.pipe2(os.O_CLOEXEC)
        given = bubblewrap.arguments(bwrap, env, view, filter_fd, status_write)
        python = f"{bubblewrap.KERNEL}/bin/python"
        launcher = self._settings(
            threads, f"{bubblewrap.INSIDE}/{self.order.program}", python, numeric if as_root else None
        )
        command = [*given.command(), python, "-I", "-S", "-B", f"{bubblewrap.INSIDE}/launcher.py", launcher]
        passed = [status_write, *given.descriptors, *self.order.keep, *([filter_fd] if filter_fd is not None else [])]
        try:
            process = subprocess.Popen(
                self._entered(command), stdin=subprocess.DEVNULL, stdout=stdio, stderr=stdio, pass_fds=passed,
                env={}, cwd="/", start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            os.close(status_read)
            raise SandboxError(f"{bwrap} does not start: {error}") from error
        finally:
            os.close(status_write)
            given.close()
            if filter_fd is not None:
                os.close(filter_fd)
        with os.fdopen(status_read, "rb") as status:
            line = status.readline(4096)
            try:
                return process, int(json.loads(line)["child-pid"])
            except (ValueError, KeyError, TypeError) as error:
                process.kill()
                process.wait()
                raise SandboxError(
                    "bwrap could not make a sandbox on this machine. `autograder check` says what is missing."
                ) from error

    def _start_bare(self, threads: int, stdio: int) -> subprocess.Popen[bytes]:
        """No confinement at all: for one's own practice, never for grades."""
        self._scratch = tempfile.TemporaryDirectory(prefix="practice-")
        work = Path(self._scratch.name)
        for name, data in self.order.files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(data)
        inside = Path(__file__).parent / "inside"
        python = str(bubblewrap.kernel_env().folder / "bin" / "python")
        command = [python, "-I", "-S", "-B", str(inside / "launcher.py"),
                   self._settings(threads, inside / self.order.program, python, None)]  # fmt: skip
        environment = bubblewrap.environment(self.order.user) | {
            "HOME": str(work), "TMPDIR": str(work), "PATH": f"{Path(python).parent}:/usr/bin:/bin",
            "IPYTHONDIR": str(work / ".ipython"), "MPLCONFIGDIR": str(work / ".matplotlib"),
        }  # fmt: skip
        return subprocess.Popen(
            self._entered(command), stdin=subprocess.DEVNULL, stdout=stdio, stderr=stdio,
            pass_fds=list(self.order.keep), env=environment, cwd=work, start_new_session=True,
        )  # fmt: skip

    def _entered(self, command: list[str]) -> list[str]:
        """The command, started by a shell that first puts itself, and so all that follows, into the control group."""
        if self._group is None:
            return command
        script = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 97; shift; done; shift; exec "$@"'
        return ["/bin/sh", "-c", script, "sh", *map(str, self._group.entrances), "--", *command]

    # -- reading -------------------------------------------------------------------------------------------------

    def attach(self, fd: int, feed: Feed) -> None:
        """Read fd until its end, and close it. `feed` is called in the box's own thread."""
        os.set_blocking(fd, False)
        self._owned.add(fd)

        def register() -> None:
            self._selector.register(fd, selectors.EVENT_READ, lambda: self._drain(fd, feed))

        self._soon(register)

    def attach_listener(self, public: Path, inner: Path, budget: Callable[[int], None]) -> None:
        """Carry bytes between whoever connects to `public` and the socket inside that listens on `inner`.

        `budget` is told of every byte that comes out. It may raise BudgetError.
        """
        relay = Relay(self, public, inner, budget)
        self._relays.append(relay)
        self._soon(relay.listen)

    def settle(self) -> None:
        """Return when everything that had been sent before the call has been read."""
        done = threading.Event()
        self._soon(done.set)
        while not done.wait(0.2) and not self.gone.is_set():
            pass

    @property
    def selector(self) -> selectors.BaseSelector:
        """For the relay, in the box's own thread."""
        return self._selector

    def _soon(self, task: Callable[[], None]) -> None:
        with self._lock:
            if self.gone.is_set():
                return
            self._tasks.append(task)
            with contextlib.suppress(BlockingIOError):
                os.write(self._wake_write, b"x")

    def _drain(self, fd: int, feed: Feed) -> None:
        """Read what there is. A reader that raises ends the box, and the rest is thrown away."""
        for _ in range(BATCH):
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
                self.guard(lambda data=data: feed(data))  # type: ignore[misc]

    def guard(self, step: Callable[[], None]) -> None:
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
                self.guard(key.data)
            if not self._over and time.monotonic() >= check:
                self.guard(self._look)
                check = time.monotonic() + (TICK if self._group else 2.5 * TICK)
        self._finish()

    def _on_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)
        with self._lock:
            tasks, self._tasks = self._tasks, []
        if tasks:
            # What was sent before we were woken is read first: settle() depends on it.
            for key, _ in self._selector.select(0):
                if key.fd not in (self._wake_read, self._init_fd):
                    self.guard(key.data)
        for task in tasks:
            self.guard(task)

    def _on_end(self) -> None:
        """The namespace's first process ended, and with it, by the kernel's word, every other one in it."""
        self._over = True

    def _look(self) -> None:
        limits = self.order.limits
        self._cpu = max(self._cpu, self._measure_cpu())
        if self._cpu > limits.cpu_seconds:
            self.kill("timeout", f"{limits.cpu_seconds:g} s of CPU time")
        if self._group is None:
            tree = self._tree()
            if self._proportional_mb(tree) > limits.memory_mb:
                self.kill("memory", f"more than {limits.memory_mb} MB")
            self.crowded = self.crowded or _threads(tree) >= self._threads - 4  # two are bwrap's own

    def _measure_cpu(self) -> float:
        if self._group is not None and (seconds := self._group.cpu_seconds()) is not None:
            return seconds
        total = 0.0
        for process in self._tree():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total

    def _proportional_mb(self, tree: list[psutil.Process]) -> float:
        """Memory of all processes, what they share counted once, and of the file systems that lie in memory."""
        total = 0
        if self._init and (pid := self.pid) is not None:
            for place in (bubblewrap.HOME, "/tmp", "/dev/shm"):
                with contextlib.suppress(OSError):
                    space = os.statvfs(f"/proc/{pid}/root{place}")
                    total += (space.f_blocks - space.f_bfree) * space.f_frsize // 1024
                    total += space.f_files - space.f_ffree  # an empty file takes about 1 kB
        for process in tree:
            try:
                text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
                total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
            except (OSError, StopIteration):
                with contextlib.suppress(psutil.Error):
                    total += process.memory_info().rss // 1024
        return total / 1024

    def _tree(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            top = psutil.Process(self._init or self._process.pid)
            return [top, *top.children(recursive=True)]
        return []

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
    def pid(self) -> int | None:
        """The program's process id on this machine; None when it is gone."""
        if self._init == 0:
            return self._process.pid if self.alive else None
        with contextlib.suppress(psutil.Error, IndexError):
            return int(psutil.Process(self._init).children()[0].pid)
        return None

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
                signal.pidfd_send_signal(self._init_fd, signal.SIGKILL)

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
        for task in self._tasks:
            self.guard(task)
        for key in list(self._selector.get_map().values()):
            if key.fd in self._owned:
                self.guard(key.data)
        self.exit_code = self._process.wait()
        self.guard(self._sum_up)
        for relay in self._relays:
            relay.close()
        for fd in list(self._owned):
            self._forget(fd)
        self._selector.close()
        self.guard(self._release)
        with self._lock:
            for fd in (self._wake_read, self._wake_write, self._init_fd):
                os.close(fd)
            self.gone.set()
            ended, self._ended = self._ended, []
        for call in ended:
            call()

    def _sum_up(self) -> None:
        self._cpu = max(self._cpu, self._measure_cpu())
        if self._group is not None:
            self.crowded = self._group.refused_processes() > 0
        with self._lock:
            if self._group is not None and self._group.killed_for_memory() and self.reason in (None, "crashed"):
                self.reason, self.detail = "memory", f"more than {self.order.limits.memory_mb} MB"
            if self.reason is None:
                self.reason = "crashed"

    def _release(self) -> None:
        if self._group is not None:
            self._group.close()
        if self._scratch is not None:
            self._scratch.cleanup()


def _unused_id() -> int:
    """A user id that no process has. Processes are counted, and may signal each other, by it: no two runs share one."""
    taken = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            taken.add(process.stat().st_uid)
    while (number := random.SystemRandom().randrange(1 << 30, (1 << 30) + (1 << 28))) in taken:
        pass
    return number


def _threads(tree: list[psutil.Process]) -> int:
    count = 0
    for process in tree:
        with contextlib.suppress(psutil.Error):
            count += process.num_threads()
    return count


def pair() -> tuple[socket.socket, int]:
    """Return a duplex channel: our end, and the descriptor to keep open inside."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    return ours, theirs.detach()

"""Warm processes: they have imported what notebooks import, and a sandbox is a fork of one.

Importing TensorFlow takes longer than what most notebooks do with it, and its pages are shared by all who were forked.
A fork stands behind the same walls as a sandbox that starts cold, which is the reference: tests hold the two together.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal

from autograder.errors import SandboxError
from autograder.sandbox import bubblewrap
from autograder.sandbox.inside import frames
from autograder.sandbox.start import Descriptors, Recipe, kept
from autograder.types import BACKENDS

Kind = Literal["light", "heavy"]

_EVERY_KERNEL = (
    "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect",
    "IPython.extensions.storemagic", "tornado.platform.asyncio", "tornado.queues", "difflib", "numpy", "numpy.random",
    "handin.answers", "handin.page", "handin.plain", "handin.quiz", "handin.carrier", "handin.packs",
)  # fmt: skip
IMPORTS: Mapping[Kind, tuple[str, ...]] = {
    "light": _EVERY_KERNEL,
    "heavy": (
        *_EVERY_KERNEL, "tensorflow", "keras", "keras.src.saving.saving_lib", "h5py", "matplotlib.font_manager",
        "pandas", "PIL.Image", "unittest.mock",
    ),
}  # fmt: skip
"""Nothing among these may start a thread of its own, compute on a device, or want a running IPython."""

STARTUP, ANSWER = 120.0, 30.0  # seconds
DISK_MB = 64  # for what libraries write when they are imported
PLOTS = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}  # a kernel says so before anything draws
QUIET = "TF_CPP_MIN_LOG_LEVEL"  # which many notebooks set; nothing that is computed depends on it
_HEAVY = re.compile(r"\b(tensorflow|keras|matplotlib|pandas|scipy|h5py)\b")
_ONLY_QUIET = re.compile(rf"os\.environ(\.setdefault)?\s*[\[(]\s*['\"]{QUIET}['\"]|%(set_)?env {QUIET}")
_DECIDED_AT_IMPORT = re.compile(r"environ|putenv|%env|%set_env|TF_|XLA_|KERAS_|_THREADS|CUDA_|importlib|sys\.modules")


def kind(sources: str, backend: str = BACKENDS[0]) -> Kind | None:
    """Return what a notebook's code should be forked from; None where it must start cold.

    It must where it may choose, before it imports a library, how that library is to behave; and where Keras computes
    with something that no warm process has.
    """
    if _DECIDED_AT_IMPORT.search(_ONLY_QUIET.sub("", sources)):
        return None
    if _HEAVY.search(sources):
        return "heavy" if backend == BACKENDS[0] else None
    return "light"


class Warm:
    """One warm process. Raises SandboxError where none can be had."""

    def __init__(self, recipe: Recipe, kind: Kind, folders: Mapping[str, Path]) -> None:
        """folders: what forks see of the host beside the system, by their places inside."""
        self.folders = folders
        self.forks = 0
        self._lock = threading.Lock()
        self._running = 0
        self._retired = False
        self._broken = False
        with tempfile.TemporaryFile() as said:
            self._start(recipe == "root", kind, said)
            try:
                ready = self._orders.recv(16)
            except TimeoutError:
                ready = b""
            if ready != b"ready":
                self._end()
                said.seek(0)
                words = said.read().decode(errors="replace").strip()[-300:] or "no reason known"
                raise SandboxError(f"A warm process does not start: {words}")

    def _start(self, as_root: bool, kind: Kind, output: BinaryIO) -> None:
        bwrap = bubblewrap.program()
        if bwrap is None:
            raise SandboxError("bwrap is not installed. Run `make setup`, or install the package bubblewrap.")
        environment = bubblewrap.environment("student") | {QUIET: "2", **PLOTS}
        numeric = 0 if as_root else 1000
        view = bubblewrap.View("student", environment, folders=self.folders, files={}, disk_mb=DISK_MB,
                               as_root=as_root, numeric_id=numeric, template=True)  # fmt: skip
        self._orders, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._orders.settimeout(STARTUP)
        given = bubblewrap.arguments(bwrap, bubblewrap.kernel_env(), view)
        settings = {"orders": inside.fileno(), "imports": IMPORTS[kind], "own_users": not as_root}
        python = f"{bubblewrap.KERNEL}/bin/python"
        command = [*given.command(), python, "-I", "-B", f"{bubblewrap.INSIDE}/warm.py", json.dumps(settings)]
        try:
            self._process = subprocess.Popen(
                kept(command), stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={}, cwd="/",
                pass_fds=[inside.fileno(), *given.descriptors], start_new_session=True,
            )  # fmt: skip
        finally:
            inside.close()
            given.close()

    @property
    def alive(self) -> bool:
        return not self._broken and self._process.poll() is None

    def fork(self, order: Mapping[str, Any], files: Mapping[str, bytes], descriptors: Descriptors) -> Forked:
        """Have a program started. Raises SandboxError where that fails."""
        with self._lock:
            self.forks += 1
            self._running += 1
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        fds = [os.memfd_create("order"), theirs.detach()]
        try:
            with open(fds[0], "wb", closefd=False) as file:
                file.write(frames.pack(dict(order)))
                file.writelines(frames.pack({"name": name}, content) for name, content in files.items())
            os.lseek(fds[0], 0, os.SEEK_SET)
            fds += [os.open(path, os.O_WRONLY) for path in descriptors.entrances]
            socket.send_fds(self._orders, [b"x"], [*fds[:2], descriptors.output, *fds[2:], *descriptors.keep])
        except OSError as error:
            ours.close()
            raise self._failed(f"The warm process takes no orders: {error}") from error
        finally:
            for fd in fds:
                os.close(fd)
        ours.settimeout(ANSWER)
        try:
            _, passed, _, _ = socket.recv_fds(ours, 5, 1)
        except OSError:
            passed = []
        if not passed:
            ours.close()
            raise self._failed("The warm process made no sandbox.")
        ours.settimeout(None)
        return Forked(passed[0], ours, self._done)

    def _failed(self, words: str) -> SandboxError:
        """Whatever is wrong with it, another one takes its place."""
        self._broken = True
        self._done()
        return SandboxError(words)

    def retire(self) -> None:
        """End it when nothing that was forked from it runs any more."""
        with self._lock:
            self._retired = True
            idle = self._running == 0
        if idle:
            self._end()

    def _done(self) -> None:
        with self._lock:
            self._running -= 1
            over = self._retired and self._running == 0
        if over:
            self._end()

    def _end(self) -> None:
        self._orders.close()
        with contextlib.suppress(OSError):
            self._process.send_signal(signal.SIGTERM)
        self._process.wait()


class Forked:
    """The first process of a sandbox: in what a Box wants of it, a subprocess.Popen."""

    def __init__(self, fd: int, report: socket.socket, done: Callable[[], None]) -> None:
        self.fd, self._report, self._done = fd, report, done
        about = Path(f"/proc/self/fdinfo/{fd}").read_text()
        self.pid = next(int(line.split()[1]) for line in about.splitlines() if line.startswith("Pid:"))

    def wait(self) -> int | None:
        """Return how the program ended; None if the sandbox was ended before anybody could say."""
        with self._report:
            word = self._report.recv(64)
        self._done()
        return int(word) if word else None

"""Starts a program of `inside/`: in confinement, or for practice without any."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Protocol

from autograder.errors import SandboxError
from autograder.sandbox import bubblewrap, scratch, seccomp
from autograder.sandbox.cgroups import Group
from autograder.sandbox.gpus import READ, Slot
from autograder.types import Limits

Recipe = Literal["root", "user", "landlock", "none"]
NAMESPACED = ("root", "user")
"""Recipes in which a sandbox sees a file system of its own, with places of its own."""

INSIDE = Path(__file__).parent / "inside"
HOST_FILES = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/stat", "/proc/loadavg", "/proc/filesystems", "/sys/devices/system/cpu",
)  # fmt: skip
"""What may be read of the host where nothing else hides it. /proc/self is what it is when the rules are made: of other
processes nothing can be read."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


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
    environment: Mapping[str, str] = field(default_factory=dict)  # beside what every program has
    slot: Slot | None = None  # of GPUs


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


class Process(Protocol):
    """As much of a subprocess.Popen as is wanted of what was started."""

    @property
    def pid(self) -> int: ...

    def wait(self) -> int | None:
        """Return how it ended; None where nobody could say."""


class Forked(Process, Protocol):
    """The first process of a sandbox that was forked."""

    fd: int  # of the process; the caller's to close


class Template(Protocol):
    """A warm process, of which sandboxes are forks."""

    folders: Mapping[str, Path]  # as in Order; a fork sees them, or none

    def fork(self, order: Mapping[str, Any], files: Mapping[str, bytes], descriptors: Descriptors) -> Forked: ...


@dataclass(frozen=True)
class Descriptors:
    """What an order names. They stay the caller's."""

    output: int
    entrances: tuple[Path, ...]  # of a control group
    keep: tuple[int, ...]  # the program knows them by the same numbers


@dataclass(frozen=True)
class Started:
    process: Process
    init: int  # of the process with which all others end; 0 where there is none
    scratch: Path | None = None  # the folder that is written to, where it lies on the host's disk
    last_word: signal.Signals = signal.SIGKILL  # what ends init, and with it everything
    fd: int | None = None  # of init, where there is one already


@dataclass(frozen=True)
class Starter:
    """group: the control group to put it into, where there is one. threads: how many it may have at a time.

    template: what to fork it from, instead of starting it.
    """

    order: Order
    recipe: Recipe
    group: Group | None
    threads: int
    template: Template | None = None

    def start(self, stdio: int) -> Started:
        """Start it, with its output on a descriptor. Raises SandboxError where nothing starts."""
        if self.order.slot is not None and self.template is not None:
            raise SandboxError("A fork is given no GPU: what it was forked from has never seen one.")
        match self.recipe:
            case "none":
                return self._bare(stdio)
            case "landlock":
                return self._walled(stdio)
        return self._confined(stdio) if self.template is None else self._forked(self.template, stdio)

    def _settings(
        self, uid: int | None, read: Iterable[str | Path] = (), write: Iterable[str | Path] = (),
        filter_fd: int | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """The launcher's. filter_fd: where it loads the filter itself."""
        limits = self.order.limits
        disk = (limits.disk_mb + 1) * 2**20  # a little more than there is: a full disk is the better known error
        rlimits = {
            # A soft limit of 1, not 0: 0 would not stop a core dump that is piped to a program on the host.
            "RLIMIT_CORE": (1, 1), "RLIMIT_NPROC": (self.threads, self.threads), "RLIMIT_FSIZE": (disk, disk),
            "RLIMIT_NOFILE": (limits.open_files, limits.open_files), "RLIMIT_MSGQUEUE": (0, 0),
            "RLIMIT_MEMLOCK": (65536, 65536),
        }  # fmt: skip
        if self.group is None:
            # The watchdog looks now and then; this holds in between. Not address space: TensorFlow reserves five times
            # what it uses. The stacks of threads count whole, and numeric libraries start some for each core.
            data = int(1.2 * limits.memory_mb) + 32 * (os.cpu_count() or 1)
            rlimits["RLIMIT_DATA"] = (data * 2**20,) * 2
        if self.recipe == "none":
            rlimits.pop("RLIMIT_NPROC")  # it would count everything else that this user runs
        elif self.recipe == "landlock" and uid is None:
            rlimits["RLIMIT_NPROC"] = (self.threads + _threads_of_ours(),) * 2  # it does
        return {
            "uid": uid, "die": True, "confined": self.recipe != "none", "rlimits": rlimits,
            "landlock": self.order.landlock and self.recipe != "none",
            "read": [*map(str, read)], "write": [*map(str, write)], "filter": filter_fd,
        }  # fmt: skip

    @property
    def _environment(self) -> dict[str, str]:
        slot = self.order.slot
        return (
            bubblewrap.environment(self.order.user) | dict(self.order.environment) | (slot.environment if slot else {})
        )

    @property
    def _folders(self) -> dict[str, Path]:
        """Place inside -> folder outside, where a sandbox has places of its own. It has /proc, and nothing of /sys."""
        shown = [Path(path) for path in READ if path.startswith("/sys/")] if self.order.slot else []
        return {**self.order.folders, **{str(path): path for path in shown if path.is_dir()}}

    def _launcher(
        self, settings: Mapping[str, Any], python: str, launcher: Path | str, program: Path | str
    ) -> list[str]:
        """The command of the launcher, which then becomes the program."""
        command = [python, "-I", "-B", str(program), json.dumps(dict(self.order.settings))]
        return [python, "-I", "-S", "-B", str(launcher), json.dumps({**settings, "command": command})]

    def _confined(self, stdio: int) -> Started:
        bwrap = bubblewrap.program()
        if bwrap is None:
            raise SandboxError("bwrap is not installed. Run `make setup`, or install the package bubblewrap.")
        as_root = self.recipe == "root"
        numeric = _unused_id() if as_root else 1000
        env = bubblewrap.kernel_env()
        view = bubblewrap.View(
            self.order.user, self._environment, self._folders, self.order.files, self.order.limits.disk_mb, as_root,
            numeric, devices=self.order.slot.files if self.order.slot else {},
        )  # fmt: skip
        filter_fd = seccomp.descriptor(fenced=self.group is not None, gpu=self.order.slot is not None)
        status_read, status_write = os.pipe2(os.O_CLOEXEC)
        given = bubblewrap.arguments(bwrap, env, view, filter_fd, status_write)
        python = f"{bubblewrap.KERNEL}/bin/python"
        inside = Path(bubblewrap.INSIDE)
        settings = self._inside(numeric if as_root else None, None)
        command = [
            *given.command(), *self._launcher(settings, python, inside / "launcher.py", inside / self.order.program)
        ]  # fmt: skip
        passed = [status_write, *given.descriptors, *self.order.keep, *([filter_fd] if filter_fd is not None else [])]
        try:
            process = subprocess.Popen(
                kept(self._entered(command)), stdin=subprocess.DEVNULL, stdout=stdio, stderr=stdio, pass_fds=passed,
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
                return Started(process, int(json.loads(line)["child-pid"]))
            except (ValueError, KeyError, TypeError) as error:
                process.terminate()
                process.wait()
                raise SandboxError(
                    "bwrap could not make a sandbox on this machine. It needs user namespaces (sysctl "
                    "kernel.unprivileged_userns_clone=1, or an AppArmor profile for bwrap), or root."
                ) from error

    def _inside(self, uid: int | None, filter_fd: int | None) -> dict[str, Any]:
        """The launcher's settings where a sandbox has places of its own."""
        # CUDA gives its threads names, by writing into /proc. A thread's own folder has no name that is known before.
        named = ["/proc"] if self.order.slot else []
        return self._settings(
            uid, filter_fd=filter_fd, write=[bubblewrap.HOME, "/tmp", "/dev", *named],
            read=["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/proc", bubblewrap.INSIDE,
                  bubblewrap.KERNEL, bubblewrap.DATA, *self._folders, *bubblewrap.kernel_env().prefixes],
        )  # fmt: skip

    def _forked(self, template: Template, stdio: int) -> Started:
        uid = _unused_id() if self.recipe == "root" else None
        filter_fd = seccomp.descriptor(fenced=self.group is not None)
        view = {
            "environment": self._environment | {"PWD": bubblewrap.WORK},
            "home": bubblewrap.HOME, "work": bubblewrap.WORK,
            "own": bubblewrap.OWN, "size": self.order.limits.disk_mb * 2**20,
            "etc": {f"/etc/{n}": t for n, t in bubblewrap.users(self.order.user, uid or 1000).items()},
            "hidden": bubblewrap.DATA if template.folders and not self.order.folders else "",
        }  # fmt: skip
        keep = (*self.order.keep, *([filter_fd] if filter_fd is not None else []))
        order = {
            "program": self.order.program, "settings": dict(self.order.settings), "view": view, "numbers": keep,
            "launcher": self._inside(uid, filter_fd),
            "entrances": len(self.group.entrances) if self.group is not None else 0,
        }  # fmt: skip
        entrances = self.group.entrances if self.group is not None else ()
        try:
            process = template.fork(order, self.order.files, Descriptors(stdio, entrances, keep))
        finally:
            if filter_fd is not None:
                os.close(filter_fd)
        return Started(process, process.pid, fd=process.fd)

    def _bare(self, stdio: int) -> Started:
        """No confinement at all: for one's own practice, never for grades."""
        own, work = self._scratch()
        python = str(bubblewrap.kernel_env().folder / "bin" / "python")
        command = self._launcher(self._settings(None), python, INSIDE / "launcher.py", INSIDE / self.order.program)
        return Started(self._on_the_host(self._entered(command), stdio, work, self.order.keep), 0, own)

    def _walled(self, stdio: int) -> Started:
        """Where no namespace can be made: Landlock says which files, seccomp which calls, and a keeper ends it all.

        As root under a user id of this run alone, else under the grader's own. The host's disk is written to, in one
        folder, and measured from outside.
        """
        from autograder.sandbox.inside import launcher  # of Linux alone

        env = bubblewrap.kernel_env()
        uid = _unused_id() if os.geteuid() == 0 else None
        inside_can_signal = uid is not None or launcher.version() >= 6  # Landlock keeps signals inside since then
        slot = self.order.slot
        filter_fd = seccomp.descriptor(
            fenced=self.group is not None, alone=True, signals=inside_can_signal, gpu=slot is not None
        )
        if filter_fd is None or launcher.version() == 0:
            raise SandboxError("Landlock and libseccomp are both needed where no namespace can be made.")
        own, work = self._scratch()
        if uid is not None:
            for path in (own, *own.rglob("*")):
                os.chown(path, uid, uid)
        python = str(env.folder / "bin" / "python")
        etc = [f"/etc/{name}" for name in (*bubblewrap.ETC, "passwd", "group", "hosts", "nsswitch.conf")]
        of_gpus: list[str | Path] = [*slot.files.values(), "/proc/self"] if slot else []
        settings = self._settings(
            uid, filter_fd=filter_fd, write=[own, *DEVICES, *of_gpus],
            read=[*HOST_FILES, *etc, INSIDE, env.folder, *env.prefixes, *self.order.folders.values(),
                  *(READ if slot else [])],
        )  # fmt: skip
        command = self._launcher(settings, python, INSIDE / "launcher.py", INSIDE / self.order.program)
        try:
            process = self._on_the_host(kept(self._entered(command), uid), stdio, work, (*self.order.keep, filter_fd))
        finally:
            os.close(filter_fd)
        return Started(process, process.pid, own, signal.SIGTERM)

    def _scratch(self) -> tuple[Path, Path]:
        """Make a folder on the host's disk, with the files that lie beside the notebook."""
        made = scratch.make()
        work = made / "work"
        work.mkdir()
        (made / "tmp").mkdir()
        for name, data in self.order.files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(data)
        return made, work

    def _on_the_host(self, command: list[str], stdio: int, work: Path, keep: Sequence[int]) -> subprocess.Popen[bytes]:
        home, temporary = work.parent, work.parent / "tmp"
        environment = self._environment | {
            "HOME": str(home), "TMPDIR": str(temporary), "PATH": f"{bubblewrap.kernel_env().folder}/bin:/usr/bin:/bin",
            "IPYTHONDIR": str(temporary / ".ipython"), "MPLCONFIGDIR": str(temporary / ".matplotlib"),
        }  # fmt: skip
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stdio, stderr=stdio, pass_fds=list(keep), env=environment,
            cwd=work, start_new_session=True,
        )  # fmt: skip

    def _entered(self, command: list[str]) -> list[str]:
        """The command, started by a shell that first puts itself, and so all that follows, into the control group."""
        if self.group is None:
            return command
        script = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 97; shift; done; shift; exec "$@"'
        return ["/bin/sh", "-c", script, "sh", *map(str, self.group.entrances), "--", *command]


def kept(command: list[str], uid: int | None = None) -> list[str]:
    """The command below a keeper, with which all of it ends, also when we are killed: bwrap's own wish to die with its
    parent comes too late for a sandbox that is just starting. uid: where it is this run's alone, and no namespace ends
    with its first process."""
    keeper = [str(bubblewrap.kernel_env().folder / "bin" / "python"), "-I", "-S", "-B", str(INSIDE / "keeper.py")]
    return [*keeper, json.dumps({"parent": os.getpid(), "uid": uid, "command": command})]


def _threads_of_ours() -> int:
    """How many threads this user has."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid == os.getuid():
                count += sum(1 for _ in (process / "task").iterdir())
    return count


def _unused_id() -> int:
    """A user id that no process has. Processes are counted, and may signal each other, by it: no two runs share one."""
    taken = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            taken.add(process.stat().st_uid)
    while (number := random.SystemRandom().randrange(1 << 30, (1 << 30) + (1 << 28))) in taken:
        pass
    return number

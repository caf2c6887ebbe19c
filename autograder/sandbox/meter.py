"""What a sandbox uses, measured from outside: CPU time, memory, threads and files of all its processes."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.sandbox import bubblewrap, gpus
from autograder.sandbox.cgroups import Group
from autograder.sandbox.gpus import Slot

DEEP = 3500  # letters of a path: beyond the limit of one nothing could be looked at
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
LISTED = Path(f"/proc/self/task/{os.getpid()}/children").exists()
FEW = 200  # open files of all processes
SOCKET_KB, PIPE_KB = 256, 64  # that each buffers, at most, as Linux comes
SURE = 0.8  # of the limit: below it, memory that several processes share may be counted for each


@dataclass(frozen=True)
class Disks:
    """The file systems in memory that student code may write to, together."""

    kb: int = 0
    files: int = 0  # folders too
    full: bool = False  # one of them is
    over: bool = False  # more lies there than may: where nothing but us keeps it small


class Meter:
    """process: of the program that was started; init: the namespace's first, 0 where there is no namespace."""

    def __init__(
        self, process: int, init: int, group: Group | None, folder: Path | None = None, disk_mb: int = 0
    ) -> None:
        """folder: of the host's, where it is written to, and may grow to disk_mb."""
        self._process, self._init, self._group = process, init, group
        self._folder, self._disk_mb = folder, disk_mb
        self._program: int | None = None
        self._walked, self._next_walk = Disks(), 0.0

    @property
    def program(self) -> int | None:
        """The confined program's process id on this machine; None when it is gone, or not there yet."""
        if self._init == 0:
            return self._process
        if self._program is None:
            self._program = next(_children(self._init), None)
        return self._program

    def cpu_seconds(self) -> float:
        if self._group is not None and (seconds := self._group.cpu_seconds()) is not None:
            return seconds
        total = 0.0
        for pid in self._tree():
            with contextlib.suppress(psutil.Error):
                times = psutil.Process(pid).cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total

    def waited(self) -> float:
        """Seconds for which the program's first thread, in which cells run, could have run and had no processor."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            return int(Path(f"/proc/{self.program}/schedstat").read_text().split()[1]) / 1e9
        return 0.0

    def memory_mb(self, limit: int, disks: Disks) -> float:
        """Memory of all processes, what they share counted once, and of the file systems that lie in memory.

        Counting what is shared takes long: it is done only near the limit, and above it.
        """
        tree = list(self._tree())
        other = _socket_kb(tree) + disks.kb
        used = sum(map(_resident_kb, tree)) + other
        if used > SURE * limit * 1024:
            used = sum(map(_proportional_kb, tree)) + other
        return used / 1024

    def gpu_mb(self, slot: Slot) -> int:
        """Memory of all processes on the GPU of the slot on which it is most."""
        return gpus.used_mb(slot, self._tree(), gpus.usage())

    def threads(self) -> int:
        return sum(len(_tasks(pid)) for pid in self._tree())

    def disks(self, closely: bool = False) -> Disks:
        """closely: count now what else is counted now and then."""
        if self._folder is not None:
            return self._of_the_host(self._folder, closely)
        kb = files = 0
        full = False
        if self._init and (pid := self.program) is not None:
            for place in (bubblewrap.HOME, "/tmp", "/dev/shm"):
                with contextlib.suppress(OSError):
                    space = os.statvfs(f"/proc/{pid}/root{place}")
                    made = space.f_files - space.f_ffree
                    kb += (space.f_blocks - space.f_bfree) * space.f_frsize // 1024 + made  # an empty file takes 1 kB
                    files += made
                    full = full or (space.f_blocks > 0 and space.f_bfree == 0)
        return Disks(kb, files, full)

    def _of_the_host(self, folder: Path, closely: bool) -> Disks:
        """Going through a folder takes its time: it is done as often as keeps it to a tenth of a processor."""
        if time.monotonic() < self._next_walk and not closely:
            return self._walked
        begun = time.monotonic()
        kb = files = 0
        waiting, over = [str(folder)], False
        while waiting and not over:
            base = waiting.pop()
            with contextlib.suppress(OSError), os.scandir(base) as entries:
                for entry in entries:
                    files += 1
                    with contextlib.suppress(OSError):
                        kb += entry.stat(follow_symlinks=False).st_blocks // 2
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
            over = kb > self._disk_mb * 1024 or len(base) > DEEP
        # It lies on a disk, not in memory.
        self._walked = Disks(0, files, over=over)
        self._next_walk = time.monotonic() + max(0.1, 9 * (time.monotonic() - begun))
        return self._walked

    def _tree(self) -> Iterator[int]:
        waiting = [self._init or self._process]
        while waiting:
            pid = waiting.pop()
            yield pid
            waiting += _children(pid)


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _children(pid: int) -> Iterator[int]:
    """Every thread has children of its own. Few kernels leave the list out; asking all processes takes milliseconds."""
    if not LISTED:
        with contextlib.suppress(psutil.Error):
            yield from (child.pid for child in psutil.Process(pid).children())
        return
    for task in _tasks(pid):
        with contextlib.suppress(OSError):
            yield from map(int, (task / "children").read_text().split())


def _resident_kb(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KB
    return 0


def _socket_kb(tree: list[int]) -> int:
    """What sockets and pipes may hold in the kernel's memory, which is nobody's. A notebook has some forty."""
    try:
        many = sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in tree) > FEW  # noqa: PTH208 (looked at all the time)
    except OSError:
        return 0
    if not many:
        return 0
    held = set()
    for pid in tree:
        with contextlib.suppress(OSError):
            for fd in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    held.add(os.readlink(fd))  # noqa: PTH115
    return sum(
        SOCKET_KB if name.startswith("socket:") else PIPE_KB for name in held if name.startswith(("socket:", "pipe:"))
    )


def _proportional_kb(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return _resident_kb(pid)

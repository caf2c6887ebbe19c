"""What a sandbox uses, measured from outside: CPU time, memory and threads of all its processes."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.sandbox import bubblewrap
from autograder.sandbox.cgroups import Group


@dataclass(frozen=True)
class Meter:
    """process: of the program that was started; init: the namespace's first, 0 where there is no namespace."""

    process: int
    init: int
    group: Group | None

    @property
    def program(self) -> int | None:
        """The confined program's process id on this machine; None when it is gone."""
        if self.init == 0:
            return self.process
        with contextlib.suppress(psutil.Error, IndexError):
            return int(psutil.Process(self.init).children()[0].pid)
        return None

    def cpu_seconds(self) -> float:
        if self.group is not None and (seconds := self.group.cpu_seconds()) is not None:
            return seconds
        total = 0.0
        for process in self._tree():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total

    def memory_mb(self) -> float:
        """Memory of all processes, what they share counted once, and of the file systems that lie in memory."""
        total = self._files_kb()
        for process in self._tree():
            try:
                text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
                total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
            except (OSError, StopIteration):
                with contextlib.suppress(psutil.Error):
                    total += process.memory_info().rss // 1024
        return total / 1024

    def threads(self) -> int:
        count = 0
        for process in self._tree():
            with contextlib.suppress(psutil.Error):
                count += process.num_threads()
        return count

    def _files_kb(self) -> int:
        total = 0
        if self.init and (pid := self.program) is not None:
            for place in (bubblewrap.HOME, "/tmp", "/dev/shm"):
                with contextlib.suppress(OSError):
                    space = os.statvfs(f"/proc/{pid}/root{place}")
                    total += (space.f_blocks - space.f_bfree) * space.f_frsize // 1024
                    total += space.f_files - space.f_ffree  # an empty file takes about 1 kB
        return total

    def _tree(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            top = psutil.Process(self.init or self.process)
            return [top, *top.children(recursive=True)]
        return []

"""One control group for one run: memory, processes, CPU time. Where none can be made, the keeper watches instead."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OURS = "autograder"


@dataclass(frozen=True)
class Group:
    """A control group that exists. folders: one a controller in version 1, the same folder for all in version 2."""

    version: int
    folders: Mapping[str, Path]

    @property
    def entrances(self) -> tuple[Path, ...]:
        """Files to write a process id into."""
        return tuple(dict.fromkeys(folder / "cgroup.procs" for folder in self.folders.values()))

    def cpu_seconds(self) -> float | None:
        folder = self.folders.get("cpu")
        if folder is None:
            return None
        try:
            if self.version == 1:
                return int((folder / "cpuacct.usage").read_text()) / 1e9
            return _entry(folder / "cpu.stat", "usage_usec") / 1e6
        except OSError:
            return None

    def killed_for_memory(self) -> bool:
        folder = self.folders["memory"]
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        with contextlib.suppress(OSError):
            return _entry(folder / name, "oom_kill") > 0
        return False

    def refused_processes(self) -> int:
        """How often a process was refused because there were too many."""
        with contextlib.suppress(OSError):
            return _entry(self.folders["pids"] / "pids.events", "max")
        return 0

    def members(self) -> tuple[int, ...]:
        found: set[int] = set()
        for entrance in self.entrances:
            with contextlib.suppress(OSError):
                found.update(int(word) for word in entrance.read_text().split())
        return tuple(found)

    def close(self, wait: float = 5.0) -> bool:
        """Remove the group. Return False if a process was still in it after `wait` seconds."""
        deadline = time.monotonic() + wait
        while self.members() and time.monotonic() < deadline:
            time.sleep(0.01)
        empty = not self.members()
        for folder in dict.fromkeys(self.folders.values()):
            with contextlib.suppress(OSError):
                folder.rmdir()
        return empty


def _entry(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        word, _, number = line.partition(" ")
        if word == name:
            return int(number)
    return 0


def make(memory_mb: int, processes: int) -> Group | None:
    """Return a new group with these limits, or None where this machine lets us make none."""
    homes = _homes()
    if homes is None:
        return None
    version, parents = homes
    name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
    group = Group(version, {controller: parent / name for controller, parent in parents.items()})
    memory, limit = group.folders["memory"], str(memory_mb * 2**20)
    try:
        for folder in dict.fromkeys(group.folders.values()):
            folder.mkdir()
        if version == 1:
            (memory / "memory.limit_in_bytes").write_text(limit)
            with contextlib.suppress(OSError):  # no accounting of swap: then there is nothing to swap to, mostly
                (memory / "memory.memsw.limit_in_bytes").write_text(limit)
        else:
            (memory / "memory.max").write_text(limit)
            with contextlib.suppress(OSError):
                (memory / "memory.swap.max").write_text("0")
        (group.folders["pids"] / "pids.max").write_text(str(processes))
    except OSError:
        group.close(wait=0)
        return None
    return group


@lru_cache(maxsize=1)
def _homes() -> tuple[int, dict[str, Path]] | None:
    """Return the folders in which groups can be made: (version, controller -> folder)."""
    found = _version_2() or _version_1()
    for parent in found[1].values() if found else ():
        for folder in parent.glob("[0-9]*-*"):
            if not Path("/proc", folder.name.partition("-")[0]).exists():
                _end(folder)
    return found


def _end(folder: Path, wait: float = 5.0) -> None:
    """Remove what a killed grader left. A sandbox that was just starting then does not see that its parent is gone."""
    deadline = time.monotonic() + wait
    with contextlib.suppress(OSError):
        while (members := (folder / "cgroup.procs").read_text().split()) and time.monotonic() < deadline:
            for pid in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.01)
        folder.rmdir()


def _version_1() -> tuple[int, dict[str, Path]] | None:
    homes = {}
    for name, controller in (("memory", "memory"), ("pids", "pids"), ("cpu", "cpuacct")):
        parent = ROOT / controller / OURS
        try:
            parent.mkdir(exist_ok=True)
        except OSError:
            if name == "cpu":
                continue
            return None
        if not os.access(parent / "cgroup.procs", os.W_OK):
            return None
        homes[name] = parent
    return 1, homes


def _version_2() -> tuple[int, dict[str, Path]] | None:
    """The unified hierarchy: as root below its top, else below our own group where it was delegated to us."""
    if not (ROOT / "cgroup.controllers").exists():
        return None
    own = Path("/proc/self/cgroup").read_text().partition("::")[2].strip().lstrip("/")
    # A group that has processes can give controllers to no child: try its parent too, whose child we are.
    candidates = [ROOT] if os.geteuid() == 0 else []
    candidates += [ROOT / own, (ROOT / own).parent]
    for above in candidates:
        parent = above / OURS
        try:
            _delegate(above)
            parent.mkdir(exist_ok=True)
            _delegate(parent)
            trial = parent / f"try-{uuid.uuid4().hex[:8]}"
            trial.mkdir()
            usable = (trial / "memory.max").exists() and (trial / "pids.max").exists()
            # Moving a process needs the right to write in a common ancestor: only trying tells.
            usable = (
                usable and os.access(trial / "cgroup.procs", os.W_OK) and os.access(above / "cgroup.procs", os.W_OK)
            )
            trial.rmdir()
        except OSError:
            continue
        if usable:
            return 2, {"memory": parent, "pids": parent, "cpu": parent}
    return None


def _delegate(folder: Path) -> None:
    control = folder / "cgroup.subtree_control"
    missing = {"memory", "pids"} - set(control.read_text().split())
    if missing:
        control.write_text(" ".join(f"+{name}" for name in sorted(missing)))

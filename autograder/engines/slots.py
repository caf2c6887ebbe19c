"""Who gets which GPU: slots for several small jobs on each, given out in the order in which they were asked for.

All graders of a user on a machine share them, whatever process they are in: the formgrader's button, a class that is
graded beside it, the workers of a cluster's node. So a slot is a file that its holder keeps locked; the operating
system lets go of it when the process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import json
import logging
import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.errors import SandboxError
from autograder.sandbox import cuda, gpus
from autograder.sandbox.gpus import CONTEXT_MB, Device, Slot
from autograder.types import Limits, Remark, Resources

LOOK = 0.3  # seconds between two looks of somebody who waits
ROUNDING = 1e-6  # three thirds are one


class Slots:
    """The slots of some devices. folder: where the files lie, the same for all who share these devices."""

    def __init__(self, devices: Sequence[Device], folder: Path, why: str = "") -> None:
        """why: there are no more."""
        self.devices = tuple(devices)
        self.why = why
        self._folder = folder

    def refusal(self, asked: Resources) -> str:
        """Return why there will never be a slot for it here, "" if there will."""
        if not self.devices:
            return self.why or "this machine has no GPU"
        if self._placed(asked, []) is None:
            most = max(device.memory_mb for device in self.devices)
            return f"it asks for more than this machine has (GPUs: {len(self.devices)}, of at most {most} MB)"
        return ""

    @contextmanager
    def held(
        self, asked: Resources, wait: bool = True, given_up: Callable[[], bool] = lambda: False
    ) -> Iterator[Slot | None]:
        """Hold a slot, once it is our turn; None where we do not wait for it, or have given up.

        Everything is taken in one step and nothing else is waited for, so nobody waits for ever: whoever holds a slot
        ends. Only for what refusal() has no word against.
        """
        with self._entry() as entry:
            while (slot := self._try(entry, asked)) is None and wait and not given_up():
                time.sleep(LOOK)
            if slot is not None:
                yield slot
                return
        yield None  # and nobody stands behind us any more

    # -- the files ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _entry(self) -> Iterator[Path]:
        """A file of ours, locked for as long as we wait or hold; its name says whose turn it is."""
        with self._alone():
            last = max((int(path.stem) for path in self._folder.glob("*.job")), default=0)
            path = self._folder / f"{last + 1:012}.job"
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(fd, fcntl.LOCK_EX)
        try:
            yield path
        finally:
            with self._alone():  # nobody is just reading it
                path.unlink(missing_ok=True)
            os.close(fd)

    def _try(self, entry: Path, asked: Resources) -> Slot | None:
        with self._alone():
            others = [path for path in sorted(self._folder.glob("*.job")) if path != entry and _is_locked(path)]
            if any(path < entry and not path.read_text() for path in others):
                return None  # somebody waits who came before us
            held = [json.loads(text) for path in others if (text := path.read_text())]
            slot = self._placed(asked, held)
            if slot is not None:
                written = {"devices": [d.uuid for d in slot.devices], "share": slot.share, "memory_mb": slot.cap_mb}
                entry.write_text(json.dumps(written))
            return slot

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with _own(self._folder).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    # -- the arithmetic ----------------------------------------------------------------------------------------------

    def _placed(self, asked: Resources, held: Sequence[dict[str, Any]]) -> Slot | None:
        """Return a slot beside those that are held, on the devices that have most left."""
        share, many = (asked.gpu, 1) if asked.gpu <= 1 else (1.0, int(asked.gpu))
        fitting = []
        for device in self.devices:
            beside = [slot for slot in held if device.uuid in slot["devices"]]
            memory = asked.gpu_memory_mb or math.floor(share * device.memory_mb) - CONTEXT_MB
            left = 1 - share - sum(slot["share"] for slot in beside)
            left_mb = device.memory_mb - memory - CONTEXT_MB - sum(slot["memory_mb"] for slot in beside)
            if memory > 0 and left >= -ROUNDING and left_mb >= 0:
                fitting.append((left, left_mb, memory, device))
        if len(fitting) < many:
            return None
        chosen = sorted(fitting, key=lambda place: place[:2], reverse=True)[:many]
        return Slot(tuple(place[3] for place in chosen), share, min(place[2] for place in chosen))


def _is_locked(path: Path) -> bool:
    """Whether whoever made it still lives; what a killed process left is removed."""
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
            return False
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False


def _own(folder: Path) -> Path:
    """Return the path of the lock in a folder that only we may enter."""
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    if folder.is_symlink() or about.st_uid != os.geteuid() or about.st_mode & 0o077:
        raise SandboxError(f"{folder} is not ours alone. Remove it: the slots of GPUs are counted there.")
    return folder / "lock"


@lru_cache(maxsize=1)
def machine() -> Slots:
    """The slots of this machine's GPUs, as far as CUDA can use them from inside a sandbox. Found once a process."""
    usable, why = [], ""
    for device in gpus.found():
        refused = cuda.refusal(device)
        if refused:
            why = f"{device.name} ({device.uuid}): {refused}"
            _log.warning("A GPU is not used. %s", why)
        else:
            usable.append(device)
    return Slots(usable, Path(tempfile.gettempdir()) / f"autograder-gpus-{os.geteuid()}", why)


# -- what becomes of a job -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Granted:
    """What a job runs with."""

    slot: Slot | None = None
    remarks: tuple[Remark, ...] = ()


_first = threading.Lock()  # of several threads that ask for the machine's GPUs, one tries them


@contextmanager
def granted(asked: Resources, given_up: Callable[[], bool] = lambda: False) -> Iterator[Granted]:
    """Hold what a job asks for while it runs, or what its fallback leaves. SandboxError where it must not run."""
    if not asked.gpu:
        yield Granted()
        return
    with _first:
        slots = machine()
    if why := slots.refusal(asked):
        if asked.fallback == "refuse":
            raise SandboxError(
                f'This assignment runs on a GPU alone (fallback = "refuse" in course.toml), and there is none for it: '
                f'{why}. Grade on another machine, or allow the CPU: fallback = "wait".'
            )
        yield Granted(remarks=(_on_the_cpu(asked, why),))
        return
    with slots.held(asked, wait=asked.fallback != "cpu", given_up=given_up) as slot:
        if slot is None and given_up():
            raise SandboxError("Grading was stopped before a GPU was free. Grade again.")
        yield Granted(slot) if slot else Granted(remarks=(_on_the_cpu(asked, "all GPUs were busy"),))


def _on_the_cpu(asked: Resources, why: str) -> Remark:
    words = f'ran on the CPU, and may have been slow: {why} (gpu = {asked.gpu:g}, fallback = "{asked.fallback}")'
    return Remark("", words)


def limits_on(slot: Slot | None, asked: Resources, limits: Limits) -> Limits:
    """Return the limits of a run: on a GPU the minutes of its resources, for one cell as for all.

    A processor is kept busy while a GPU computes, and others prepare its data.
    """
    if slot is None or asked.minutes is None:
        return limits
    seconds = 60 * asked.minutes
    cpu = max(limits.cpu_seconds, 2 * seconds)
    return replace(limits, seconds=seconds, cell_seconds=seconds, cpu_seconds=cpu)


_log = logging.getLogger(__name__)

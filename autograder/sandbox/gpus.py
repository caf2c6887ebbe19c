"""GPUs: which ones there are, what of one a sandbox is shown, and how much memory its processes have taken.

All of it comes from nvidia-smi, which lies beside every driver: nothing is installed for it, and the grader itself
never opens a GPU.
"""

from __future__ import annotations

import csv
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

CONTEXT_MB = 1024
"""What CUDA itself may take on a device beside a program's tensors: its context, the code of its kernels. Generous, for
it could not be measured."""
EVERY_JOB = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools")
"""What CUDA opens beside the device itself; the last one since driver 570."""
READ = (
    "/proc/driver/nvidia", "/proc/driver/nvidia-uvm", "/sys/module/nvidia", "/sys/module/nvidia_uvm",
    "/sys/devices/system/cpu", "/sys/devices/system/node",
)  # fmt: skip
"""What the driver's libraries read when they start, and give up without."""
LIBRARIES = Path("/usr/local/nvidia/lib64")
"""Where containers have the driver's libraries, outside of the linker's cache."""

PERIOD = 0.5  # seconds between two looks at the memory that is taken
ANSWER = 20.0  # seconds that nvidia-smi may take


@dataclass(frozen=True)
class Device:
    uuid: str
    name: str
    memory_mb: int
    files: tuple[Path, ...]  # its own, as against those of every job; inside they lie in /dev under the same name


@dataclass(frozen=True)
class Slot:
    """What one job has of the GPUs while it runs."""

    devices: tuple[Device, ...]
    share: float  # of each
    memory_mb: int  # for tensors, on each

    @property
    def cap_mb(self) -> int:
        """Of what its processes have taken on one device: above it they are ended."""
        return self.memory_mb + CONTEXT_MB

    @property
    def fraction(self) -> float:
        """Of a device's memory, as the frameworks want to be told."""
        return min(1.0, self.memory_mb / min(device.memory_mb for device in self.devices))

    @property
    def files(self) -> dict[str, Path]:
        """Device files, by their places inside."""
        files = [*map(Path, EVERY_JOB), *(file for device in self.devices for file in device.files)]
        return {f"/dev/{file.name}": file for file in files if file.exists()}

    @property
    def environment(self) -> dict[str, str]:
        """TensorFlow and PyTorch want to be told in Python, too: inside/gpu_limit.py."""
        found = {
            "CUDA_VISIBLE_DEVICES": ",".join(device.uuid for device in self.devices),
            "TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "XLA_PYTHON_CLIENT_MEM_FRACTION": f"{self.fraction:.4f}",
        }  # fmt: skip
        return found | ({"LD_LIBRARY_PATH": str(LIBRARIES)} if LIBRARIES.is_dir() else {})


def found() -> tuple[Device, ...]:
    """Return the GPUs of this machine; none where nvidia-smi is missing or fails."""
    return devices(_asked("--query-gpu=uuid,name,memory.total,pci.bus_id,index"))


def devices(table: str) -> tuple[Device, ...]:
    """Read nvidia-smi's answer."""
    made = []
    for uuid, name, memory, bus, index in _rows(table, 5):
        if memory.isdigit():  # a card that fails says so in words
            made.append(Device(uuid, name, int(memory), (Path(f"/dev/nvidia{_minor(bus, index)}"),)))
    return tuple(made)


def _minor(bus: str, index: str) -> str:
    """The number in the name of the device's file, which need not be nvidia-smi's."""
    about = Path("/proc/driver/nvidia/gpus", bus.lower().removeprefix("0000"), "information")
    try:
        lines = (line.partition(":") for line in about.read_text().splitlines())
        return next(value.strip() for name, _, value in lines if name == "Device Minor")
    except (OSError, StopIteration):
        return index


Taken = Mapping[tuple[int, str], int]
"""MB by process (as this machine numbers it) and device."""


def taken(table: str) -> dict[tuple[int, str], int]:
    """Read nvidia-smi's answer. What it cannot say (on WSL, in MIG mode) counts as nothing."""
    made: dict[tuple[int, str], int] = {}
    for pid, uuid, memory in _rows(table, 3):
        if pid.isdigit() and memory.isdigit():
            made[int(pid), uuid] = made.get((int(pid), uuid), 0) + int(memory)
    return made


def used_mb(slot: Slot, processes: Iterable[int], by: Taken) -> int:
    """Return the most that these processes, together, have taken of one of the slot's devices."""
    tree = set(processes)
    return max(sum(mb for (pid, uuid), mb in by.items() if uuid == d.uuid and pid in tree) for d in slot.devices)


class Usage:
    """What is taken now, as of less than a second ago. Never waits: nvidia-smi may take longer than a sandbox has."""

    def __init__(self, ask: Callable[[], Taken]) -> None:
        self._ask = ask
        self._last: Taken = {}
        self._next = 0.0
        self._asking = False
        self._lock = threading.Lock()

    def __call__(self) -> Taken:
        with self._lock:
            if not self._asking and time.monotonic() >= self._next:
                self._asking = True
                threading.Thread(target=self._refresh, name="gpu", daemon=True).start()
            return self._last

    def _refresh(self) -> None:
        last = self._last
        try:
            last = self._ask()
        finally:
            with self._lock:
                self._last, self._next, self._asking = last, time.monotonic() + PERIOD, False


usage: Callable[[], Taken] = Usage(lambda: taken(_asked("--query-compute-apps=pid,gpu_uuid,used_memory")))
"""Of this machine."""


def _asked(query: str) -> str:
    command = ["nvidia-smi", query, "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=ANSWER)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _rows(table: str, columns: int) -> Iterable[list[str]]:
    return (row for row in csv.reader(table.splitlines(), skipinitialspace=True) if len(row) == columns)

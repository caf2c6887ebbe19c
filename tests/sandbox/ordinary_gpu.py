"""Run as an ordinary user by test_gpus.py, in the tier that its argument names: a job with one of two GPUs."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from autograder.engines import slots
from autograder.engines.runner import run_job
from autograder.engines.slots import Slots
from autograder.sandbox import gpus, tiers
from autograder.sandbox.gpus import Device
from autograder.types import Job, Resources
from tests.sandbox.jobs import QUICK, A, B, notebook, tell, told, value


def ioctl(device: str) -> str:
    """An expression that asks a device something, as CUDA does all the time: Landlock has a right of its own for it."""
    return f"__import__('fcntl').ioctl(open({device!r}), 0x4600)"


def main(tier: str) -> None:
    tiers.RECIPES[False] = ("landlock",) if tier == "landlock" else ("user",)
    found = {"tier": tiers.require().name}
    with tempfile.TemporaryDirectory() as place:
        own, other = (Path(place) / name for name in ("nvidia7", "nvidia6"))
        own.symlink_to("/dev/full")
        other.write_text("another's")  # stands where only its own rule could open it
        device = Device("GPU-7", "a GPU that is not there", 16000, (own,))
        gpus.EVERY_JOB = ()  # type: ignore[assignment]
        slots.machine = lambda: Slots([device], Path(place) / "slots")  # type: ignore[assignment]
        seen = str(own) if tier == "landlock" else "/dev/nvidia7"
        tried = {
            "own": f"open({seen!r}, 'rb').read(1)",
            "asked": ioctl(seen),
            "other": f"open({str(other)!r}).read()",
            "name": "open(f'/proc/self/task/{__import__(\"os\").getpid()}/comm', 'w').write('cuda')",
            "cpus": "len(open('/sys/devices/system/cpu/online').read()) > 0",
            "classes": "__import__('os').listdir('/sys/class')",
            "settings": "open('/proc/sys/kernel/core_pattern', 'r+')",
            "keeper": "open('/proc/1/mem', 'r+b')",
        }
        cells = notebook([A, *map(tell, tried.values()), B])
        done = run_job(Job("x", cells, "ann", (value("b"),), limits=QUICK, resources=Resources(gpu=0.5)))
        assert done.lost is None, done.lost
        found |= dict(zip(tried, told(done), strict=True)) | {"b": done.evidence["b"].status}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])

"""Whether CUDA can use a GPU from inside a sandbox, found out by trying: each driver needs something else."""

from __future__ import annotations

import json

from autograder.errors import SandboxError
from autograder.sandbox import tiers
from autograder.sandbox.box import Box
from autograder.sandbox.desk import words
from autograder.sandbox.gpus import CONTEXT_MB, Device, Slot
from autograder.sandbox.start import Order
from autograder.types import Limits

SECONDS = 60.0  # a driver that nobody has used since the machine started takes its time


def refusal(device: Device) -> str:
    """Return why a device cannot be used from inside a sandbox; "" if it can."""
    slot = Slot((device,), 1.0, device.memory_mb - CONTEXT_MB)
    try:
        box = Box(Order("cuda.py", {}, Limits(memory_mb=4096, cpu_seconds=SECONDS), slot=slot), tiers.tier().recipe)
        box.gone.wait(SECONDS)
        box.close()
        found = json.loads(bytes(box.raw).splitlines()[-1])
        count, error = found.get("count"), found.get("error")
    except (SandboxError, ValueError, IndexError, AttributeError) as failure:
        return f"CUDA could not be tried in a sandbox: {failure}"
    if count == 1:
        return ""
    return f"inside a sandbox CUDA does not open it: {words(error) or f'it finds {count} devices'}"

"""What students read when their code used up something: how much it may, and where it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.engines.oom import Asked
from autograder.sandbox.box import ON_GPU
from autograder.sandbox.gpus import Slot
from autograder.sandbox.session import End
from autograder.types import Limits, Remark

FULL = "[Errno 28]"  # Python's word for a full disk, in any language
REFUSED = ("MemoryError", "_ArrayMemoryError")
"""Names of errors in which a request for memory ends. As reported by the kernel: they choose words, and never score."""


def ended(end: End | None, limits: Limits, cells: Sequence[Any], slot: Slot | None = None) -> tuple[Remark, ...]:
    """Tell how a kernel ended before its time."""
    if end is None:
        return ()
    what = {
        "timeout": f"Your code took more than {end.detail.removesuffix(' in one cell')}",
        "memory": f"Your code used more than {size(limits.memory_mb)} of memory",
        "disk": f"Your code wrote {end.detail}",
        "output": f"Your code put out more than it may ({end.detail})",
    }.get(end.reason, "The kernel of your notebook died")
    if end.detail.startswith("protocol"):
        what = "Your code sent something that no notebook's kernel sends"
    if slot is not None and end.detail.endswith(ON_GPU):
        what = f"Your code used more than {size(slot.memory_mb)} of the GPU's memory"
    place = f" {place_of(cells[end.cell])}" if end.cell is not None else ", after the last cell"
    student = f"{what}{place}. What it had handed in before counts; what comes after was not run."
    return (Remark(student, f"{end.reason}: {end.detail}", end.cell),)


def late(cell: Any, index: int, limits: Limits) -> Remark:
    """Tell of a cell that could be stopped, so that the next ones ran."""
    words = f"Your code took more than {limits.cell_seconds:g} s {place_of(cell)}. It was stopped there."
    return Remark(words, f"cell {index}: time", index)


def refused(cell: Any, index: int, limits: Limits) -> Remark:
    words = f"Your code asked for more memory than the {size(limits.memory_mb)} it may use {place_of(cell)}."
    return Remark(f"{words} It got none.", f"cell {index}: memory", index)


def out_of_memory(asked: Asked, cell: Any, index: int, limits: Limits, slot: Slot | None, seen_mb: int) -> Remark:
    """Tell of an error in which a library said what it had no memory for. seen_mb: the most that it had of a GPU."""
    on_gpu = slot is not None and asked.on_gpu is not False
    what = f"a tensor of shape {' × '.join(f'{n:,}' for n in asked.shape)}" if asked.shape else "more memory"
    much = f" ({size(asked.size // 2**20)})" if asked.size else ""
    room = size(slot.memory_mb) + " of the GPU's memory" if slot and on_gpu else size(limits.memory_mb) + " of memory"
    helps = "smaller batches, smaller images, fewer maps or units in a layer"
    precision = '`keras.mixed_precision.set_global_policy("mixed_float16")`, which takes half for each number'
    words = (
        f"Your code asked for {what}{much} {place_of(cell)}, and the {room} that it may use had no room for it. "
        f"What helps: {helps}{f'; or {precision}' if on_gpu and not asked.halved else ''}."
    )
    seen = f" of the GPU; {seen_mb} MB of {slot.cap_mb} MB were seen taken" if slot and on_gpu else ""
    return Remark(words, f"cell {index}: memory{seen}", index)


def crowded(limits: Limits) -> Remark:
    many = f"Your notebook tried to run more processes and threads at a time than the {limits.processes:,} it may."
    return Remark(f"{many} Some were refused.", "process limit")


def full(limits: Limits) -> Remark:
    room = (
        f"Your code filled its disk: it may write {size(limits.disk_mb)} each below its home folder, /tmp and /dev/shm."
    )
    return Remark(f"{room} What came after was refused.", "disk limit")


def size(mb: int) -> str:
    """4096 -> "4 GB", 1536 -> "1.5 GB", 512 -> "512 MB"."""
    if mb >= 1000 * 2**20:
        return "more than 1,000 TB"
    for unit, of in (("TB", 2**20), ("GB", 2**10)):
        if mb >= of:
            return f"{mb / of:.4g} {unit}"
    return f"{mb} MB" if mb else "less than 1 MB"


def place_of(cell: Any) -> str:
    """Name a cell by its first line of code."""
    source = cell.get("source", "")
    lines = ("".join(source) if isinstance(source, list) else str(source)).splitlines()
    code = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    if not code:
        return "in this cell"
    shown = code[0] if len(code[0]) <= 60 else f"{code[0][:57]}..."
    # Backticks set code; one of the student's own would end it.
    return f"in the cell that starts `{shown.replace('`', chr(39))}`"

"""What students read when their code used up something: how much it may, and where it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.sandbox.session import End
from autograder.types import Limits, Remark

FULL = "[Errno 28]"  # Python's word for a full disk, in any language
REFUSED = ("MemoryError", "_ArrayMemoryError")
"""Names of errors in which a request for memory ends. As reported by the kernel: they choose words, and never score."""


def ended(end: End | None, limits: Limits, cells: Sequence[Any]) -> tuple[Remark, ...]:
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
    return f"{mb / 1024:.3g} GB" if mb >= 1024 else f"{mb} MB"


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

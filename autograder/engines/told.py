"""What students read when their code used up something: how much it may, and where it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.engines.oom import Asked
from autograder.retold import retold
from autograder.sandbox.box import ON_GPU
from autograder.sandbox.gpus import Slot
from autograder.sandbox.session import End
from autograder.types import Limits, Remark
from handin.words import N_, _, grouped

FULL = "[Errno 28]"  # Python's word for a full disk, in any language
REFUSED = ("MemoryError", "_ArrayMemoryError")
"""Names of errors in which a request for memory ends. As reported by the kernel: they choose words, and never score."""


def ended(end: End | None, limits: Limits, cells: Sequence[Any], slot: Slot | None = None) -> tuple[Remark, ...]:
    """Tell how a kernel ended before its time."""
    if end is None:
        return ()
    detail = retold(end.detail.removesuffix(" in one cell"), _DETAILS)
    if slot is not None and end.detail.endswith(ON_GPU):
        what = _("Your code used more than {size} of the GPU's memory").format(size=size(slot.memory_mb))
    elif end.detail.startswith("protocol"):
        what = _("Your code sent something that no notebook's kernel sends")
    elif end.reason == "timeout":
        what = _("Your code took more than {time}").format(time=detail)
    elif end.reason == "memory":
        what = _("Your code used more than {size} of memory").format(size=size(limits.memory_mb))
    elif end.reason == "disk":
        what = _("Your code wrote {much}").format(much=detail)
    elif end.reason == "output":
        what = _("Your code put out more than it may ({much})").format(much=detail)
    else:
        what = _("The kernel of your notebook died")
    if end.cell is None:
        where = _("{what}, after the last cell.").format(what=what)
    else:
        where = _("{what} {in_cell}.").format(what=what, in_cell=place_of(cells[end.cell]))
    rest = _("What it had handed in before counts; what comes after was not run.")
    # Whoever ends itself, by os._exit() say, leaves no detail.
    return (Remark(f"{where} {rest}", f"{end.reason}: {end.detail or 'the kernel died of its own accord'}", end.cell),)


# What a sandbox says, which knows no languages.
_DETAILS = (
    N_("{n} s for all cells"), N_("{n} s of CPU time"), N_("one call of a function"), N_("more than {n} files"),
    N_("more than {n} MB on its disk"), N_("more than {n} MB of messages"), N_("too much handed in"),
    N_("more than {n} MB past the notebook's own output"), N_("more than {n} answers"),
    N_("too many models handed in"), N_("a model of more than {n} MB"),
)  # fmt: skip


def late(cell: Any, index: int, limits: Limits) -> Remark:
    """Tell of a cell that could be stopped, so that the next ones ran."""
    words = _("Your code took more than {seconds:g} s {in_cell}. It was stopped there.")
    return Remark(words.format(seconds=limits.cell_seconds, in_cell=place_of(cell)), f"cell {index}: time", index)


def refused(cell: Any, index: int, limits: Limits) -> Remark:
    words = _("Your code asked for more memory than the {size} it may use {in_cell}. It got none.")
    return Remark(words.format(size=size(limits.memory_mb), in_cell=place_of(cell)), f"cell {index}: memory", index)


def out_of_memory(asked: Asked, cell: Any, index: int, limits: Limits, slot: Slot | None, seen_mb: int) -> Remark:
    """Tell of an error in which a library said what it had no memory for. seen_mb: the most that it had of a GPU."""
    on_gpu = slot is not None and asked.on_gpu is not False
    shape = " × ".join(grouped(f"{n:,}") for n in asked.shape)
    what = _("a tensor of shape {shape}").format(shape=shape) if asked.shape else _("more memory")
    much = f" ({size(asked.size // 2**20)})" if asked.size else ""
    if slot and on_gpu:
        room = _("{size} of the GPU's memory").format(size=size(slot.memory_mb))
    else:
        room = _("{size} of memory").format(size=size(limits.memory_mb))
    words = _("Your code asked for {what} {in_cell}, and the {room} that it may use had no room for it.")
    words = words.format(what=f"{what}{much}", in_cell=place_of(cell), room=room)
    if on_gpu and not asked.halved:
        helps = _(
            "What helps: smaller batches, smaller images, fewer maps or units in a layer; or "
            '`keras.mixed_precision.set_global_policy("mixed_float16")`, which takes half for each number.'
        )
    else:
        helps = _("What helps: smaller batches, smaller images, fewer maps or units in a layer.")
    words = f"{words} {helps}"
    seen = f" of the GPU; {seen_mb} MB of {slot.cap_mb} MB were seen taken" if slot and on_gpu else ""
    return Remark(words, f"cell {index}: memory{seen}", index)


def crowded(limits: Limits) -> Remark:
    many = _(
        "Your notebook tried to run more processes and threads at a time than the {n:,} it may. Some were refused."
    )
    return Remark(many.format(n=limits.processes), "process limit")


def full(limits: Limits) -> Remark:
    room = _(
        "Your code filled its disk: it may write {size} each below its home folder, /tmp and /dev/shm. "
        "What came after was refused."
    )
    return Remark(room.format(size=size(limits.disk_mb)), "disk limit")


def size(mb: int) -> str:
    """4096 -> "4 GB", 1536 -> "1.5 GB", 512 -> "512 MB"."""
    if mb >= 1000 * 2**20:
        return _("more than 1,000 TB")
    for unit, of in (("TB", 2**20), ("GB", 2**10)):
        if mb >= of:
            return f"{mb / of:.4g} {unit}"
    return f"{mb} MB" if mb else _("less than 1 MB")


def place_of(cell: Any) -> str:
    """Name a cell by its first line of code."""
    source = cell.get("source", "")
    lines = ("".join(source) if isinstance(source, list) else str(source)).splitlines()
    code = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    if not code:
        return _("in this cell")
    shown = code[0] if len(code[0]) <= 60 else f"{code[0][:57]}..."
    # Backticks set code; one of the student's own would end it.
    return _("in the cell that starts `{code}`").format(code=shown.replace("`", "'"))

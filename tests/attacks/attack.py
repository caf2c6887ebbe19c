"""An attack as it lies in a file: what it tries, what must come of it, and its cells."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from autograder.types import Limits

HERE = Path(__file__).parent

WORDS = (
    "answered", "no-answer", "time-limit", "memory-limit", "process-limit", "output-limit", "disk-limit", "crashed",
    "protocol", "rejected-file",
)  # fmt: skip

LAYERS = (
    "mount-namespace", "pid-namespace", "net-namespace", "ipc-namespace", "uts-namespace", "cgroup-namespace",
    "proc-sys",  # /proc/sys bound read-only
    "environment",  # built from nothing
    "uid", "seccomp", "landlock", "rlimits", "cgroup", "watchdog", "tmpfs",
    "kill",  # everything dies with the namespace's first process
    "keeper",  # and with a process outside, that whatever loses its parent comes back to
    "budget", "clock", "display", "frames", "desk", "wire", "snapshot", "silence",
    "judge",  # keys and comparison lie outside
    "cache", "doctor", "ingest", "identity", "page", "spreadsheet",
)  # fmt: skip
"""What an attack may name as what holds it."""

LIVES = ("answered", "no-answer", "process-limit", "disk-limit")
"""Words after which the kernel is still there, so that what is honest after the attack must count."""

QUICK = Limits(
    cell_seconds=20, seconds=60, cpu_seconds=60, memory_mb=768, processes=64, disk_mb=32, output_kb=256, flood_mb=8,
    value_mb=2, model_mb=8,
)  # fmt: skip


@dataclass(frozen=True)
class Attack:
    """expect: the word that must come of it.

    kernel: "lives" or "dies" where the word alone does not tell; "spoiled" where an attack breaks its own student's
    later answers, and nobody else's.
    cells: by place. "target" stand where the answer to the question `target` is worked out, "after-target" below its
    check, "function" in place of the honest function, "end" below the last check.
    """

    path: Path
    kind: str
    name: str
    what: str
    expect: str
    held_by: tuple[str, ...] = ()
    harmless: bool = False  # may be tried where nothing confines: there it must get through
    kernel: str = ""
    student: str = ""
    limits: Limits = QUICK
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def lives(self) -> bool:
        return (self.kernel or ("lives" if self.expect in LIVES else "dies")) == "lives"

    @property
    def aims_at_function(self) -> bool:
        return "function" in self.cells

    @property
    def source(self) -> str:
        return self.path.read_text("utf-8")


PLACES = ("target", "after-target", "function", "end")
_KEYS = ("expect", "held-by", "control", "kernel", "student", "limits")
_MARK = re.compile(r"^# %%[ \t]*(.*)$", re.MULTILINE)


def read(path: Path) -> Attack:
    """Read an attack as text. ValueError says what is wrong with its header."""
    text = path.read_text("utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    what, told = [], {}
    for line in said.splitlines():
        key, colon, value = line.partition(": ")
        if colon and key in _KEYS:
            told[key] = value.strip()
        else:
            what.append(line)
    if told.get("expect") not in WORDS:
        raise ValueError(f"{path}: expect: {told.get('expect')!r} is none of {', '.join(WORDS)}")
    held = tuple(word.strip() for word in told.get("held-by", "").split(",") if word.strip())
    if strange := set(held) - set(LAYERS):
        raise ValueError(f"{path}: held-by: {strange}")
    if told.get("kernel", "lives") not in ("lives", "dies", "spoiled"):
        raise ValueError(f"{path}: kernel: {told['kernel']!r}")
    if told.get("control", "harmless") != "harmless":
        raise ValueError(f"{path}: control: {told['control']!r}")
    return Attack(
        path, path.parent.name, path.stem, " ".join(" ".join(what).split()), told["expect"], held, "control" in told,
        told.get("kernel", ""), told.get("student", ""), _limits(told.get("limits", "")), _cells(path, text),
    )  # fmt: skip


def _limits(text: str) -> Limits:
    known = {f.name: f.type for f in fields(Limits)}
    given: dict[str, Any] = {}
    for name, value in (word.split("=") for word in text.split()):
        given[name] = int(value) if known[name] == "int" else float(value)
    return replace(QUICK, **given)


def _cells(path: Path, text: str) -> dict[str, tuple[str, ...]]:
    parts = _MARK.split(text)[1:]
    found: dict[str, list[str]] = {}
    for place, source in zip(parts[::2], parts[1::2], strict=True):
        if (place.strip() or "target") not in PLACES:
            raise ValueError(f"{path}: no place {place!r}")
        found.setdefault(place.strip() or "target", []).append(source.strip("\n"))
    return {place: tuple(cells) for place, cells in found.items()}


def corpus() -> list[Attack]:
    """Attacks that are student code."""
    return [read(path) for path in sorted((HERE / "corpus").glob("*/*.py"))]


def submissions() -> list[Attack]:
    """Attacks that are what is submitted."""
    return [read(path) for path in sorted((HERE / "submissions").glob("*/*.py")) if path.stem != "__init__"]

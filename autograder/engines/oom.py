"""What a library was asking for when memory ran out, read from the text of its error.

The text comes from the kernel, so a student can write any: it chooses words, and never scores.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod

LONGEST = 20_000  # letters looked at
DIMENSIONS = 10

_UNITS = {"bytes": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SIZE = r"(?P<size>\d{1,20}(?:\.\d{1,6})?) ?(?P<unit>bytes|[KMGT]iB|B)"
_SHAPE = r"(?P<shape>\d[\d, ]{0,200})"
# The libraries' own words, with what of them says where it was.
_TEXTS = (
    re.compile(
        rf"OOM when allocating tensor with shape\[{_SHAPE}\](?: and type (?P<type>\w+))?"  # TensorFlow
        r"(?: on \S{0,80}?device:(?P<on>[CG]PU))?"
    ),
    re.compile(rf"(?P<gpu>CUDA) out of memory\. Tried to allocate {_SIZE}"),  # PyTorch
    re.compile(rf"(?P<cpu>DefaultCPUAllocator): [^:]{{0,80}}: you tried to allocate {_SIZE}"),  # PyTorch
    re.compile(rf"RESOURCE_EXHAUSTED: [^\n]{{0,60}}?allocat(?:e|ing) (?:request for )?{_SIZE}"),  # JAX
    re.compile(rf"(?P<cpu>Unable to allocate) {_SIZE} for an array with shape \({_SHAPE}\) and data type"),  # NumPy
    re.compile(r"(?:RESOURCE_EXHAUSTED|ResourceExhaustedError):[\s\S]{0,200}?(?:ut of|failed to allocate) memory"),
)  # fmt: skip
_BYTES = {
    "half": 2, "bfloat16": 2, "float": 4, "double": 8, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4,
    "uint32": 4, "int64": 8, "uint64": 8, "bool": 1, "complex64": 8, "complex128": 16,
}  # fmt: skip
"""TensorFlow's names of types, and what one number of each takes."""


@dataclass(frozen=True)
class Asked:
    """shape: of the tensor or array, () where it is not said. size: bytes, 0 where it is not said."""

    shape: tuple[int, ...] = ()
    size: int = 0
    on_gpu: bool | None = None  # None where it is not said
    halved: bool = False  # its numbers take two bytes already


def asked(error: str) -> Asked | None:
    """Return what an error says was asked for; None if it is about something else."""
    found = next((match for text in _TEXTS if (match := text.search(error[:LONGEST]))), None)
    if found is None:
        return None
    groups = {name: value for name, value in found.groupdict().items() if value}
    shape = tuple(int(size) for size in re.findall(r"\d{1,18}", groups.get("shape", ""))[:DIMENSIONS])
    size = prod(shape) * _BYTES.get(groups.get("type", ""), 0) if shape else 0
    if "size" in groups:
        size = int(float(groups["size"]) * _UNITS[groups["unit"]])
    on_gpu = (
        True if "gpu" in groups else False if "cpu" in groups else groups["on"] == "GPU" if "on" in groups else None
    )
    return Asked(shape, size, on_gpu, groups.get("type") in ("half", "bfloat16"))

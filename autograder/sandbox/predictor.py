"""Predictions of a model that somebody else made, from a sandbox that never ran that somebody's code.

The grader looks at the file's outside, hands it in, and gets an array back; it opens no model itself.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from autograder.errors import SandboxError
from autograder.sandbox import backends, forks, tiers
from autograder.sandbox.box import STARVED, Box
from autograder.sandbox.budget import BudgetError
from autograder.sandbox.desk import words
from autograder.sandbox.inside.frames import FrameError, Reader
from autograder.sandbox.modelfile import RefusedError, inspect
from autograder.sandbox.start import NAMESPACED, Order
from autograder.types import BACKENDS, Limits, Probe, Status
from handin import wire

PREDICTIONS_MB = 256
FACTS_MB = 4
LAYERS = 1000
OUT_OF_MEMORY = (b"MemoryError", b"OOM when allocating", b"RESOURCE_EXHAUSTED", b"DefaultCPUAllocator")
"""Of Python, TensorFlow, JAX and PyTorch, in what the program says last."""


@dataclass(frozen=True)
class Prediction:
    """status: ok, refused, timeout, memory or crashed."""

    status: Status
    predictions: Any = None  # of the images; float32, or uint8 where the probe picks; None where it names none
    results: tuple[Any, ...] = ()  # of each of the inputs: an array, or in a few words why there is none
    detail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    starved: bool = False  # its time was up, and it had waited long for a processor


def predict(
    model: BinaryIO | bytes, probe: Probe, limits: Limits, practice: bool = False, warm: bool = False,
    backend: str = BACKENDS[0],
) -> Prediction:  # fmt: skip
    """Have a .keras file predict what a probe of kind model asks. Raises SandboxError for failures of our own.

    warm: fork the sandbox from a process that has TensorFlow already. On a GPU nothing is predicted: it takes seconds,
    and what comes from a file does not get near a driver.
    """
    if isinstance(model, bytes):
        with _in_memory("model", model) as file:
            return predict(file, probe, limits, practice, warm, backend)
    try:
        inspect(model, limits.model_mb, probe.max_parameters)
    except RefusedError as error:
        return Prediction("refused", detail=str(error)[:300])
    rows = [] if probe.images is None else [_rows(probe.images)]
    tier = tiers.require(practice)
    model.flush()
    # Opened anew and read-only; by descriptor, for the images may be readable to the grader alone.
    handed: dict[str, int | None] = {"model": _reopened(model), "images": None, "inputs": None}
    if probe.images is not None:
        handed["images"] = os.open(probe.images, os.O_RDONLY)
    if probe.inputs:
        with _in_memory("inputs", wire.encode(list(probe.inputs))) as file:
            handed["inputs"] = _reopened(file)
    out, inside = os.pipe()
    settings = {
        **handed, "out": inside, "max_parameters": probe.max_parameters, "fill": probe.fill, "pick": probe.pick,
        "own_places": tier.recipe in NAMESPACED,
    }  # fmt: skip
    # The copies of the file and of its weights lie in memory too.
    own = replace(limits, disk_mb=max(limits.disk_mb, 2 * limits.model_mb + 64))
    returned = Returned([*rows, *map(_length, probe.inputs)], probe.numbers)
    keep = tuple(fd for fd in (*handed.values(), inside) if fd is not None)
    try:
        template = forks.of(tier.recipe, "heavy") if warm and backend == BACKENDS[0] else None
        order = Order("predict.py", settings, own, keep=keep, environment=backends.environment(backend))
        box = Box(order, tier.recipe, template)
    except BaseException:
        os.close(out)
        raise
    box.attach(out, returned.feed)
    starved = False
    if not box.gone.wait(limits.predict_seconds):
        starved = box.waited > STARVED * limits.predict_seconds
        box.kill("timeout", f"{limits.predict_seconds:g} s to predict")
    box.close()
    if box.fault:
        raise SandboxError(f"Predictions could not be read: {box.fault}.")
    return replace(_outcome(box, returned, bool(rows)), cpu_seconds=box.cpu_seconds, starved=starved)


def _reopened(file: BinaryIO) -> int:
    return os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY)


@contextmanager
def _in_memory(name: str, content: bytes) -> Iterator[BinaryIO]:
    with os.fdopen(os.memfd_create(name), "w+b") as file:
        file.write(content)
        file.flush()
        yield file


def _outcome(box: Box, returned: Returned, images: bool) -> Prediction:
    if returned.refused:
        return Prediction("refused", detail=returned.refused)
    if returned.complete and box.reason in ("crashed", "stopped", None):
        first, rest = (returned.results[:1], returned.results[1:]) if images else ([None], returned.results)
        return Prediction("ok", first[0], tuple(rest), facts=returned.facts)
    if box.reason == "timeout":
        return Prediction("timeout", detail=box.detail)
    if box.reason == "memory" or any(word in box.raw for word in OUT_OF_MEMORY):
        return Prediction("memory", detail=box.detail or "memory")
    if box.reason == "output":
        return Prediction("refused", detail=f"output: {box.detail}")
    said = bytes(box.raw).decode(errors="replace")
    return Prediction("crashed", detail=words(said.strip()[-200:].replace("\n", " ")))


class Returned:
    """Puts results together, never more of them than were asked for, nor more numbers than were announced."""

    def __init__(self, rows: Sequence[int], numbers: int) -> None:
        """rows: how many rows each of the results must have; numbers: how many a row may have."""
        self._numbers = numbers
        self.facts: dict[str, Any] = {}
        self.results: list[Any] = []  # arrays, or words
        self.refused = ""
        self.complete = False
        self._rows = rows
        self._shape: tuple[int, ...] = ()
        self._dtype = "<f4"
        self._data = bytearray()
        self._left = 0  # bytes of the result that is on its way
        self._space = PREDICTIONS_MB * 2**20
        self._frames = Reader(FACTS_MB * 2**20)

    def feed(self, data: bytes) -> None:
        try:
            for header, body in self._frames.feed(data):
                self._take(header, body)
        except FrameError as error:
            raise BudgetError(f"protocol: {error}") from error

    def _take(self, header: dict[str, Any], body: bytes) -> None:
        if "refused" in header:
            self.refused = words(header["refused"]) or "file: refused"
        elif "facts" in header:
            if self.facts:
                raise BudgetError("facts twice")
            self.facts = _sound(_object(body))
        elif "result" in header:
            self._announce(header)
        elif "part" in header:
            if len(body) > self._left:
                raise BudgetError("more predictions than announced")
            self._data += body
            self._left -= len(body)
            if not self._left:
                self._finish()
        elif "end" in header:
            self.complete = bool(self.facts) and not self._left and len(self.results) == len(self._rows)

    def _announce(self, header: dict[str, Any]) -> None:
        if self._left or len(self.results) >= len(self._rows) or not self.facts:
            raise BudgetError("a result that nobody waits for")
        if "failed" in header:
            self.results.append(words(header["failed"]))
            return
        shape, rows = header.get("shape"), self._rows[len(self.results)]
        if not (isinstance(shape, list) and 1 <= len(shape) <= 5 and all(type(n) is int and n >= 0 for n in shape)):
            raise BudgetError("no shape")
        if shape[0] != rows:
            raise BudgetError(f"{shape[0]} rows for {rows} images")
        dtype = header.get("dtype")
        if dtype not in ("<f4", "|u1"):
            raise BudgetError("no type")
        self._left = math.prod(shape) * (4 if dtype == "<f4" else 1)
        self._space -= self._left
        if math.prod(shape[1:]) > self._numbers or self._space < 0:
            raise BudgetError("too many numbers for each image")
        self._shape, self._dtype, self._data = tuple(shape), dtype, bytearray()
        if not self._left:
            self._finish()

    def _finish(self) -> None:
        self.results.append(np.frombuffer(self._data, dtype=self._dtype).reshape(self._shape))


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BudgetError("facts are no JSON") from error
    if not isinstance(found, dict):
        raise BudgetError("no facts")
    return found


def _sound(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts of the types that they should have: a model file may have taken its sandbox over."""
    parameters, listed = facts.get("parameters"), facts.get("layers")
    shapes = {name: facts.get(name) for name in ("input_shape", "output_shape")}
    return {
        "parameters": parameters if type(parameters) is int and 0 <= parameters < 10**12 else 0,
        "input": words(facts.get("input"), 80),
        "layers": [_plain(item) for item in listed[:LAYERS] if isinstance(item, dict)]
        if isinstance(listed, list)
        else [],
        **{
            name: [n if type(n) is int else None for n in shape[:8]] if isinstance(shape, list) else []
            for name, shape in shapes.items()
        },
    }


def _plain(value: Any, depth: int = 0) -> Any:
    """JSON of a bounded size, with words that can be shown and numbers that are some."""
    if isinstance(value, str):
        return words(value, 160)
    if isinstance(value, list) and depth < 6:
        return [_plain(item, depth + 1) for item in value[:64]]
    if isinstance(value, dict) and depth < 6:
        return {words(name, 40): _plain(item, depth + 1) for name, item in list(value.items())[:64]}
    if isinstance(value, float) and not math.isfinite(value):
        return 0.0
    return value if isinstance(value, bool | int | float) and abs(value) < 10**15 else None


def _length(given: Any) -> int:
    return len(given)


def _rows(images: Path) -> int:
    """How many images there are. Raises SandboxError with the remedy."""
    try:
        return int(np.load(images, mmap_mode="r", allow_pickle=False).shape[0])
    except (OSError, ValueError, IndexError) as error:
        raise SandboxError(f"The hidden images {images} cannot be read: {error}. Fetch the data pack again.") from error

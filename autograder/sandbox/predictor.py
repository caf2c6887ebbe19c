"""Predictions of a model that somebody else made, from a sandbox that never ran that somebody's code.

The grader looks at the file's outside, hands it in, and gets an array back; it opens no model itself.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from autograder.errors import SandboxError
from autograder.sandbox import tiers
from autograder.sandbox.box import Box, BudgetError, Order
from autograder.sandbox.desk import words
from autograder.sandbox.inside.frames import FrameError, Reader
from autograder.sandbox.modelfile import RefusedError, inspect
from autograder.types import Limits, Status

CLASSES = 100_000  # numbers a prediction may have for one image
PREDICTIONS_MB = 256


@dataclass(frozen=True)
class Prediction:
    """status: ok, refused, timeout, memory or crashed."""

    status: Status
    predictions: Any = None  # float32, first axis is that of the images
    detail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    cpu_seconds: float = 0.0


def predict(
    model: BinaryIO | bytes, images: Path, limits: Limits, max_parameters: int | None = None, practice: bool = False
) -> Prediction:
    """Have a .keras file predict the images of an .npy file. Raises SandboxError for failures of our own."""
    if isinstance(model, bytes):
        fd = os.memfd_create("model")
        with os.fdopen(fd, "w+b") as file:
            file.write(model)
            file.flush()
            return predict(file, images, limits, max_parameters, practice)
    try:
        inspect(model, limits.model_mb, max_parameters)
    except RefusedError as error:
        return Prediction("refused", detail=str(error)[:300])
    count = _rows(images)
    tier = tiers.require(practice)
    model.flush()
    out, inside = os.pipe()
    # Opened anew and read-only; by descriptor, for the images may be readable to the grader alone.
    handed = os.open(f"/proc/self/fd/{model.fileno()}", os.O_RDONLY)
    shown = os.open(images, os.O_RDONLY)
    settings = {
        "model": handed, "images": shown, "out": inside, "max_parameters": max_parameters,
        "confined": tier.recipe != "none",
    }  # fmt: skip
    # The copies of the file and of its weights lie in memory too.
    own = replace(limits, disk_mb=max(limits.disk_mb, 2 * limits.model_mb + 64))
    returned = Returned(count)
    try:
        box = Box(Order("predict.py", settings, own, keep=(handed, shown, inside)), tier.recipe)
    except BaseException:
        os.close(out)
        raise
    box.attach(out, returned.feed)
    if not box.gone.wait(limits.predict_seconds):
        box.kill("timeout", f"{limits.predict_seconds:g} s to predict")
    box.close()
    if box.fault:
        raise SandboxError(f"Predictions could not be read: {box.fault}.")
    return replace(_outcome(box, returned), cpu_seconds=box.cpu_seconds)


def _outcome(box: Box, returned: Returned) -> Prediction:
    if returned.refused:
        return Prediction("refused", detail=returned.refused)
    if returned.complete and box.reason in ("crashed", "stopped", None):
        return Prediction("ok", returned.array(), facts=returned.facts)
    if box.reason == "timeout":
        return Prediction("timeout", detail=box.detail)
    if box.reason == "memory" or b"MemoryError" in box.raw or b"OOM when allocating" in box.raw:
        return Prediction("memory", detail=box.detail or "memory")
    if box.reason == "output":
        return Prediction("refused", detail=f"output: {box.detail}")
    said = bytes(box.raw).decode(errors="replace")
    return Prediction("crashed", detail=words(said.strip()[-200:].replace("\n", " ")))


class Returned:
    """Puts the predictions together, never more of them than were announced, nor than there could be."""

    def __init__(self, rows: int) -> None:
        self.facts: dict[str, Any] = {}
        self.refused = ""
        self.complete = False
        self._rows = rows
        self._shape: tuple[int, ...] = ()
        self._data = bytearray()
        self._size = -1
        self._frames = Reader(2 * 2**20)

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
            self._announce(header)
        elif "part" in header:
            if len(self._data) + len(body) > self._size:
                raise BudgetError("more predictions than announced")
            self._data += body
        elif "end" in header:
            self.complete = self._size >= 0 and len(self._data) == self._size

    def _announce(self, header: dict[str, Any]) -> None:
        shape, facts = header.get("shape"), header["facts"]
        if not (isinstance(shape, list) and 1 <= len(shape) <= 4 and all(type(n) is int and n >= 0 for n in shape)):
            raise BudgetError("no shape")
        if shape[0] != self._rows:
            raise BudgetError(f"{shape[0]} rows for {self._rows} images")
        if math.prod(shape[1:]) > CLASSES or 4 * math.prod(shape) > PREDICTIONS_MB * 2**20:
            raise BudgetError("too many numbers for each image")
        if not isinstance(facts, dict) or self._size >= 0:
            raise BudgetError("no facts")
        self._shape, self._size, self.facts = tuple(shape), 4 * math.prod(shape), _sound(facts)

    def array(self) -> Any:
        return np.frombuffer(bytes(self._data), dtype="<f4").reshape(self._shape)


def _sound(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts of the types that they should have: a model file may have taken its sandbox over."""
    parameters, listed = facts.get("parameters"), facts.get("layers")
    layers = [layer for layer in listed if isinstance(layer, dict)] if isinstance(listed, list) else []
    shapes = {name: facts.get(name) for name in ("input_shape", "output_shape")}
    return {
        "parameters": parameters if type(parameters) is int and 0 <= parameters < 10**12 else 0,
        "input": words(facts.get("input"), 80),
        "layers": [{"name": words(layer.get("name"), 80), "class": words(layer.get("class"), 80)} for layer in layers],
        **{
            name: [n if type(n) is int else None for n in shape[:8]] if isinstance(shape, list) else []
            for name, shape in shapes.items()
        },
    }


def _rows(images: Path) -> int:
    """How many images there are. Raises SandboxError with the remedy."""
    try:
        return int(np.load(images, mmap_mode="r", allow_pickle=False).shape[0])
    except (OSError, ValueError, IndexError) as error:
        raise SandboxError(f"The hidden images {images} cannot be read: {error}. Fetch the data pack again.") from error

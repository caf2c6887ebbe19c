"""One hostile model file, all the way: predicted in a sandbox, judged, and looked at for what it cost and left."""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import psutil

from autograder.checkers.accuracy import Accuracy
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.sandbox import cgroups
from autograder.sandbox.predictor import Prediction, predict
from autograder.types import Evidence, HiddenSet, Limits, Variant, Verdict

CORPUS = Path(__file__).with_name("corpus")
WORDS = {"refused", "rejected-file", "memory-limit", "time-limit", "crashed", "judged-zero"}
"""What must come of a file. refused: for what it holds, and somebody may look at it; rejected-file: it is no plain file
of a Keras model; judged-zero: it was predicted, and earns nothing."""
LIMITS = Limits(memory_mb=1536, cpu_seconds=300, predict_seconds=180, disk_mb=64, model_mb=64)
MAX_PARAMETERS = 100_000
IMAGES = 300
CHECKER = Accuracy(steps={"full": ((0.5, 0.5), (0.9, 1.0))}, input_shape=(28, 28), max_parameters=MAX_PARAMETERS)
EXERCISE = Exercise("digits", "Digits", 10, "Build it.", CHECKER.key, CHECKER, pack="mnist")


@dataclass(frozen=True)
class Attack:
    """because: part of the reason that staff read; without it, a file that fails for a slip of ours would look refused.
    seconds: what it may take, where it is meant to use all of it. control: statements that, where nobody is careful,
    have the payload set the environment variable CANARY."""

    name: str
    tries: str
    expect: str
    because: str
    module: ModuleType

    @property
    def seconds(self) -> float:
        return float(getattr(self.module, "SECONDS", LIMITS.predict_seconds))

    @property
    def control(self) -> str:
        return str(getattr(self.module, "CONTROL", ""))

    def build(self) -> bytes:
        made: bytes = self.module.build()
        return made


def attacks() -> list[Attack]:
    return [_read(path.stem) for path in sorted(CORPUS.glob("[a-z]*.py"))]


def _read(name: str) -> Attack:
    module = importlib.import_module(f"tests.attacks.models.corpus.{name}")
    tries, _, rest = (module.__doc__ or "").partition("\n")
    found = re.search(r"^expect: ([a-z-]+)$", rest, re.MULTILINE)
    if not tries.endswith(".") or found is None or found[1] not in WORDS:
        raise ValueError(f"{module.__file__} must say what it tries, and then expect: {' | '.join(sorted(WORDS))}")
    because = re.search(r"^because: (.+)$", rest, re.MULTILINE)
    return Attack(name, tries, found[1], because[1] if because else "", module)


def hidden_set(folder: Path) -> HiddenSet:
    """Images whose brightest pixel is that of their class; readable to the grader alone."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, IMAGES)
    drawn = rng.random((IMAGES, 28, 28), dtype=np.float32) / 2
    drawn[np.arange(IMAGES), 0, labels] = 1
    path = folder / "images.npy"
    np.save(path, drawn)
    path.chmod(0o600)
    return HiddenSet("mnist", "full", path, labels, "0" * 16)


@dataclass(frozen=True)
class Outcome:
    word: str
    verdict: Verdict
    detail: str
    seconds: float
    grown_mb: float  # of the grader's own memory, at the highest
    left: tuple[str, ...]  # processes, files, descriptors and control groups that were not there before


def attempt(content: bytes, hidden: HiddenSet, seconds: float = LIMITS.predict_seconds) -> Outcome:
    variant = Variant("digits", {}, hidden.labels, "1" * 16, hidden=hidden)
    probe = CHECKER.probe(variant)
    limits = Limits(**{**vars(LIMITS), "predict_seconds": seconds})
    with tempfile.TemporaryDirectory() as folder, _own_temporary(Path(folder)), _handed_over(content) as model:
        before = _possessions(Path(folder))
        _lowest_memory()
        start, memory = time.monotonic(), _memory_mb("VmRSS")
        made = predict(model, probe, limits)
        evidence = Evidence(
            made.status, made.predictions, tuple(Evidence("ok", result) for result in made.results),
            probe=probe.digest, variant=variant.digest, detail=made.detail, facts=dict(made.facts),
        )  # fmt: skip
        verdict = judge(EXERCISE, variant, evidence)
        took, grown = time.monotonic() - start, _memory_mb("VmHWM") - memory
        left = _possessions(Path(folder)) - before
    return Outcome(_word(made, verdict), verdict, made.detail, took, grown, tuple(sorted(left)))


def _word(made: Prediction, verdict: Verdict) -> str:
    if made.detail.startswith("output:") and verdict.score == 0:  # as what it predicts earns nothing
        return "judged-zero"
    if made.status == "refused":
        return "rejected-file" if made.detail.startswith("file:") else "refused"
    if made.status == "ok":
        return "judged-zero" if verdict.score == 0 else "points"
    return {"memory": "memory-limit", "timeout": "time-limit"}.get(made.status, made.status)


@contextmanager
def _handed_over(content: bytes) -> Iterator[Any]:
    """As it comes from the first sandbox: a file without a name, of which the grader holds nothing in memory."""
    with tempfile.TemporaryFile(dir="/var/tmp") as file:
        file.write(content)
        file.seek(0)
        yield file


@contextmanager
def _own_temporary(folder: Path) -> Iterator[None]:
    """Whatever is left behind is then ours, and not that of a neighbour."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _possessions(folder: Path) -> set[str]:
    found = {f"process {child.pid}" for child in psutil.Process().children(recursive=True)}
    found |= {f"file {path.relative_to(folder)}" for path in folder.rglob("*")}
    groups = {cgroups.ROOT / part / cgroups.OURS for part in ("", "memory", "pids", "cpu", "cpuacct")}
    found |= {f"group {made}" for group in groups for made in group.glob(f"{os.getpid()}-*")}
    found |= {f"memory file {link}" for link in _targets() if "memfd:" in link}
    return found | {f"descriptor number {number}" for number in range(1, len(_targets()) + 1)}


def _targets() -> list[str]:
    targets = []
    for fd in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # of the folder that is being listed
            targets.append(os.readlink(fd))  # noqa: PTH115 (it is no path)
    return targets


def _memory_mb(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise ValueError(name)


def _lowest_memory() -> None:
    """Give back what is free, and forget how much it was: only then is what is used next seen."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")

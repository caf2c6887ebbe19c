"""Trainings of the worked solution of mnist on a GPU, 1, 2, 4 and 8 at a time, and what the cap on memory does.

    python -m bench.gpu --setting full --at 1 2 4 8

Each row is graded as a class of so many students would be, each with an equal share of a GPU: seconds for all,
trainings an hour, the accuracies that the grader measured, and the most memory that nvidia-smi saw one process take.
Then three jobs side by side: one asks its library for more than it may have, one goes around the library, and one is
honest.

Where there is no GPU it says so, and measures nothing. --cpu runs the same trainings without one: to compare, or to see
that the benchmark works. The figures of a machine that does something else at the time are of no use.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.course import Course, find_root, load_course
from autograder.demo.scratch import make_course, release
from autograder.engines.local import LocalEngine
from autograder.engines.runner import run_job
from autograder.engines.slots import machine
from autograder.pipeline import Graded, grade
from autograder.sandbox import bubblewrap, gpus
from autograder.types import BACKENDS, Job, Resources, Run

NAME, EXERCISE = "mnist", "classifier"
CAP_MB = 4096
HOLD = "import keras\nheld = []\nfor _ in range(64):\n    held.append(keras.ops.ones((256, 2**20)))  # 1 GB"
AROUND = """\
import ctypes, time
cuda, context, at = ctypes.CDLL("libcuda.so.1"), ctypes.c_void_p(), ctypes.c_uint64()
assert cuda.cuInit(0) == 0
assert cuda.cuCtxCreate_v2(ctypes.byref(context), 0, 0) == 0
for _ in range(64):
    if cuda.cuMemAlloc_v2(ctypes.byref(at), ctypes.c_size_t(2**28)):
        break
    time.sleep(0.2)
time.sleep(20)
print("nobody minded")
"""
HONEST = """\
import keras, numpy as np
x, y = np.random.rand(8192, 28, 28, 1), np.random.randint(0, 10, 8192)
layers = keras.layers
m = keras.Sequential([layers.Conv2D(24, 5, activation="relu"), layers.Flatten(), layers.Dense(10, "softmax")])
m.compile("adam", "sparse_categorical_crossentropy")
m.fit(x, y, epochs=5, verbose=0)
print("done")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at", type=int, nargs="+", default=[1, 2, 4, 8], help="how many trainings at a time")
    parser.add_argument("--setting", choices=("small", "full"), default="full")
    parser.add_argument("--backend", choices=BACKENDS, default=BACKENDS[0])
    parser.add_argument("--cpu", action="store_true")
    options = parser.parse_args()
    slots = machine()
    if not slots.devices and not options.cpu:
        print(f"No GPU was found ({slots.why or 'nvidia-smi names none'}): nothing was measured.")
        return
    _heading(options)
    with tempfile.TemporaryDirectory() as scratch:
        course = make_course(load_course(find_root(Path.cwd())), Path(scratch) / "course", options.setting)
        release(course, NAME)
        students = [f"student{number:03}" for number in range(max(options.at))]
        for student in students:
            shutil.copytree(course.root / "solutions" / NAME, course.root / "submitted" / student / NAME)
        print(
            f"{'at a time':>9} {'seconds':>8} {'an hour':>8} {'accuracy':>9} {'from':>7} {'to':>7} {'MB':>6}  of",
            flush=True,
        )
        for many in options.at:
            _row(course, students[:many], 0.0 if options.cpu else 1 / many, options.backend)
    if not options.cpu:
        _capped(options.backend)


def _row(course: Course, students: Sequence[str], share: float, backend: str) -> None:
    asked = Resources(gpu=share, fallback="refuse", backend=backend)
    assignment = replace(course.assignment(NAME), resources=asked)
    with _watched() as most:
        begun = time.perf_counter()
        graded = list(grade(course, assignment, students, LocalEngine(len(students)), force=True, keep=False))
        seconds = time.perf_counter() - begun
    if lost := [one.report.lost for one in graded if one.report.lost]:
        raise SystemExit(f"a run was lost: {lost[0]}")
    measured = [accuracy for one in graded if (accuracy := _accuracy(one)) is not None]
    spread = (statistics.mean(measured), min(measured), max(measured)) if measured else (0.0, 0.0, 0.0)
    many = len(students)
    numbers = f"{many:>9} {seconds:>8.1f} {3600 * many / seconds:>8.0f}"
    print(f"{numbers} {spread[0]:>9.2%} {spread[1]:>7.2%} {spread[2]:>7.2%} {most[0]:>6}  {len(measured)}", flush=True)
    for remark in dict.fromkeys(r.staff for one in graded for r in one.report.remarks):
        print(f"          ({remark})")


def _accuracy(graded: Graded) -> float | None:
    return graded.report.verdicts[EXERCISE].facts.get("accuracy")


@contextmanager
def _watched() -> Iterator[list[int]]:
    """The most that one process has taken of a GPU, in MB, as the only number of a list."""
    most, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(gpus.PERIOD):
            most[0] = max([most[0], *gpus.usage().values()])

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def _capped(backend: str) -> None:
    """Three jobs at a time, each with a quarter of a GPU."""
    asked = Resources(gpu=0.25, gpu_memory_mb=CAP_MB, fallback="refuse", backend=backend)
    print(f"\nthe cap: {CAP_MB} MB of tensors, {CAP_MB + gpus.CONTEXT_MB} MB in all")

    def run(cell: str) -> Run:
        return run_job(Job("bench", _notebook(cell), "student", (), resources=asked))

    cells = {"asks for 64 GB": HOLD, "goes around its library": AROUND, "is honest": HONEST}
    with ThreadPoolExecutor(len(cells)) as pool:
        for name, done in zip(cells, pool.map(run, cells.values()), strict=True):
            said = done.lost or "; ".join(r.staff for r in done.remarks) or _printed(done)
            print(f"  {name:<24} {done.seconds:>6.1f} s  {said}")


def _notebook(cell: str) -> bytes:
    made: dict[str, Any] = {
        "cell_type": "code",
        "id": "c0",
        "metadata": {},
        "source": cell,
        "outputs": [],
        "execution_count": None,
    }
    return json.dumps({"cells": [made], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _printed(run: Run) -> str:
    outputs = json.loads(run.notebook)["cells"][0]["outputs"]
    return " ".join(str(o.get("text") or o.get("evalue") or "").strip() for o in outputs)[-200:]


def _heading(options: argparse.Namespace) -> None:
    packages = bubblewrap.kernel_env().folder.glob("lib/python*/site-packages/*.dist-info")
    wanted = ("tensorflow", "keras", "jax-", "torch-")
    versions = sorted(p.name.removesuffix(".dist-info") for p in packages if p.name.startswith(wanted))
    devices = [f"{device.name}, {device.memory_mb} MB" for device in machine().devices]
    load, python = f"{os.getloadavg()[0]:.1f}", platform.python_version()
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {load}, Python {python}")
    used = "no GPU is used" if options.cpu else "; ".join(devices)
    print(f"{used}; Keras on {options.backend}; {', '.join(versions)}")
    print(f"the worked solution of {NAME}, setting {options.setting}")


if __name__ == "__main__":
    main()

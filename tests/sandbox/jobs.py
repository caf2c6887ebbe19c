"""Notebooks and jobs in a few words, for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.engines.runner import run_job
from autograder.types import Call, Evidence, Job, Limits, Plain, Probe, Run

HAND_IN = "from handin.carrier import hand_in"
FORGE = """
import json, os, sys
from handin import carrier, wire
frames, fds = sys.modules["autograder.frames"], carrier.carry.__self__._settings["fds"]
def write(fd, data):
    view = memoryview(data)
    while view: view = view[os.write(fd, view):]
def forge(header, body=b""): write(fds["answers"], frames.pack(header, body))
def value(exercise, value): forge({"exercise": exercise, "kind": "value", "status": "ok", "variant": "v"},
                                  wire.encode(value))
def show(kind, content): raw(kind, json.dumps(content).encode())
def raw(kind, body): write(fds["cells"], frames.pack({"shown": kind, "name": "stdout"}, body))
"""
"""A cell that speaks the sandbox's own languages, as student code can: it runs in one process with our agent."""

QUICK = Limits(cell_seconds=20, seconds=60, cpu_seconds=60, memory_mb=1024, disk_mb=64)


def check(exercise: str, expression: str, kind: str = "number") -> tuple[str, str]:
    """A check cell that hands in what an expression comes to."""
    return exercise, f"hand_in({exercise!r}, {kind!r}, 'v', {expression})"


A, B = check("a", "1"), check("b", "2")


def notebook(cells: Sequence[str | tuple[str, str]], tags: Sequence[str] = ()) -> bytes:
    """A notebook of code cells; a pair is a check cell: its grade_id and its source."""
    made: list[dict[str, Any]] = []
    for index, cell in enumerate((HAND_IN, *cells)):
        grade_id, source = cell if isinstance(cell, tuple) else ("", cell)
        metadata: dict[str, Any] = {"tags": list(tags)} if tags else {}
        if grade_id:
            metadata["nbgrader"] = {"grade_id": grade_id, "grade": True, "locked": True, "solution": False}
        made.append(
            {"cell_type": "code", "id": f"c{index}", "metadata": metadata, "source": source, "outputs": [],
             "execution_count": None}
        )  # fmt: skip
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def value(exercise: str) -> Probe:
    return Probe(exercise, "value", "v")


def calls(exercise: str, *arguments: Plain, seconds: float = 2.0) -> Probe:
    return Probe(exercise, "calls", "v", tuple(Call((argument,)) for argument in arguments), seconds)


def run(
    *cells: str | tuple[str, str],
    probes: Sequence[Probe] = (value("a"), value("b")),
    limits: Limits = QUICK,
    tags: Sequence[str] = (),
    packs: tuple[Path, ...] = (),
    files: Mapping[str, bytes] | None = None,
    user: str = "ann",
) -> Run:
    """Run a notebook; fail the test if it was lost."""
    job = Job("a/ann/nb", notebook(cells, tags), user, tuple(probes), files or {}, limits, packs)
    done = run_job(job)
    assert done.lost is None, done.lost
    return done


def shown(done: Run) -> str:
    """All that the executed notebook shows."""
    cells = json.loads(done.notebook)["cells"]
    texts = []
    for output in (output for cell in cells for output in cell["outputs"]):
        texts.append(output.get("text", "") + "\n".join(output.get("traceback", [])))
        texts.append(str(output.get("data", {}).get("text/plain", "")))
    return "\n".join(texts)


def answer(done: Run, exercise: str = "a") -> Evidence:
    return done.evidence[exercise]


def tell(expression: str) -> str:
    """A cell that prints what an expression comes to inside, or the error it ends in."""
    return f"try:\n    print('TOLD', {expression})\nexcept Exception as e:\n    print('TOLD', type(e).__name__)"


def told(done: Run) -> list[str]:
    return [line.removeprefix("TOLD ") for line in shown(done).splitlines() if line.startswith("TOLD ")]

"""One honest notebook, run confined and, for practice, with nothing around it."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.engines.runner import run_job
from autograder.sandbox.bubblewrap import kernel_env
from autograder.types import Job, Limits, Plain, Run
from tests.sandbox.jobs import notebook, value

CORPUS = Path(__file__).with_name("corpus")
LIMITS = Limits(cell_seconds=240, seconds=480, memory_mb=3000)
COMMANDS = re.compile(r"# (?=%|!|\w+ = [!%]|[\w.]+\?\??$)")
"""A line for IPython alone, kept as a comment so that the file is Python, as Jupytext keeps them."""


@dataclass(frozen=True)
class Work:
    """needs: packages that the kernel's environment may lack."""

    name: str
    does: str
    needs: tuple[str, ...]
    cells: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        installed = kernel_env().folder.glob("lib/python*/site-packages/*.dist-info")
        names = {path.name.partition("-")[0].lower() for path in installed}
        return tuple(package for package in self.needs if package not in names)

    @property
    def tensorflow(self) -> bool:
        return any(re.search(r"^import (keras|tensorflow)", cell, re.MULTILINE) for cell in self.cells)


def works() -> list[Work]:
    return [_read(path) for path in sorted(CORPUS.glob("[a-z]*.py"))]


def _read(path: Path) -> Work:
    text = path.read_text("utf-8")
    does, _, rest = (ast.get_docstring(ast.parse(text)) or "").partition("\n")
    needs = re.search(r"^needs: (.+)$", rest, re.MULTILINE)
    cells = re.split(r"^# %%\n", text, flags=re.MULTILINE)[1:]
    return Work(path.stem, does, tuple(needs[1].split()) if needs else (), tuple(map(_cell, cells)))


def _cell(text: str) -> str:
    lines = text.strip("\n").split("\n")
    whole = lines[0].startswith(("# %%bash", "# %%writefile"))
    return "\n".join(line.removeprefix("# ") if whole else COMMANDS.sub("", line) for line in lines)


@dataclass(frozen=True)
class Done:
    """What came of the work: the value that its last line hands in, and what it showed, but for texts."""

    value: Plain
    shown: list[list[str]]
    told: list[str]
    run: Run


def done(work: Work, practice: bool) -> Done:
    *cells, last = work.cells
    content = notebook([*cells, ("work", last)])
    run = run_job(Job("a/ann/nb", content, "ann", (value("work"),), limits=LIMITS), practice=practice)
    assert run.lost is None, run.lost
    evidence = run.evidence["work"]
    assert evidence.status == "ok", (evidence.status, evidence.detail, errors(run))
    return Done(evidence.value, [_shown(cell) for cell in _cells(run)], [r.student for r in run.remarks], run)


def _cells(run: Run) -> list[Any]:
    cells: list[Any] = json.loads(run.notebook)["cells"]
    return cells


def errors(run: Run) -> list[str]:
    outputs = (output for cell in _cells(run) for output in cell["outputs"])
    return [f"{o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]


def _shown(cell: Any) -> list[str]:
    """The kinds of what a cell shows. Texts are left out: logs hold times, and come in pieces of any length."""
    kinds = []
    for output in cell["outputs"]:
        if output["output_type"] == "error":
            kinds.append(output["ename"])
        elif output["output_type"] != "stream":
            kinds.append(" ".join(sorted(output["data"])))
    return kinds

"""nbgrader's hidden tests: put into the cells that run, and kept out of what is shown of them.

They run in the student's kernel, as in nbgrader, so a student who sets out to read them can. What this takes care of is
that nobody reads them by chance, in a traceback or an output.
"""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from autograder.types import Job

SHORTEST = 8
"""Letters of a hidden line; a shorter one is found anywhere by chance."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NUMBER = re.compile(r"(?:np|numpy)\.(?:float|int|uint)\d+\((.+)\)")


def with_tests(job: Job) -> Job:
    """Return the job with the whole source of graded cells in its notebook."""
    if not job.tests:
        return job
    notebook = json.loads(job.notebook)
    for cell in notebook["cells"]:
        if (whole := job.tests.get(_grade_id(cell))) is not None:
            cell["source"] = whole
    return replace(job, notebook=json.dumps(notebook).encode())


def shown(cells: list[Any], job: Job) -> list[Any]:
    """Return executed cells as their student may see them: as released, and no output that quotes a hidden test.

    Of a cell with hidden tests nothing is shown but the name of its error: functions of the student's may print what
    they are called with.
    """
    if not job.tests:
        return cells
    released = {c["id"]: c["source"] for c in json.loads(job.notebook)["cells"]}
    secret = _secret(job, released.values())
    made = []
    for cell in cells:
        cell = {**cell, "source": released.get(cell.get("id"), cell.get("source", ""))}
        if _grade_id(cell) in job.tests:
            cell["outputs"] = [_error(o) for o in cell.get("outputs", []) if o["output_type"] == "error"]
        elif "outputs" in cell:
            cell["outputs"] = [_NOT_SHOWN if _quotes(o, secret) else o for o in cell["outputs"]]
        made.append(cell)
    return made


def result(cell: Any) -> float | None:
    """Return the number that a cell came to in the end, None if it came to something else or to nothing."""
    found = [o for o in cell.get("outputs", []) if o["output_type"] == "execute_result"]
    text = str(found[-1]["data"].get("text/plain", "")).strip() if found else ""
    wrapped = _NUMBER.fullmatch(text)  # as NumPy 2 writes its numbers
    try:
        return float(wrapped[1] if wrapped else text)
    except ValueError:
        return None


def was_cut(cell: Any) -> bool:
    """Whether not all of a cell's outputs were kept."""
    return any("[output cut here" in text for output in cell.get("outputs", []) for text in _texts(output))


_NOT_SHOWN = {
    "output_type": "stream",
    "name": "stderr",
    "text": "(Not shown: this output quotes a test of the grader.)\n",
}


def _secret(job: Job, released: Any) -> set[str]:
    """Letters and digits of each line that students were not given."""
    known = {_letters(line) for source in released for line in source.split("\n")}
    lines = {_letters(line) for source in job.tests.values() for line in source.split("\n")}
    return {line for line in lines - known if len(line) >= SHORTEST}


def _quotes(output: Any, secret: set[str]) -> bool:
    said = "".join(map(_letters, _texts(output)))
    return any(line in said for line in secret)


def _texts(output: Mapping[str, Any]) -> Iterator[str]:
    for part in (output.get("text"), output.get("traceback"), output.get("evalue"), *output.get("data", {}).values()):
        yield "\n".join(map(str, part)) if isinstance(part, list) else str(part or "")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, _COLOUR.sub("", text)))


def _error(output: Any) -> Any:
    name = str(output.get("ename", ""))
    kind = getattr(builtins, name, None)
    # The name of a class of the student's own could carry anything.
    told = name if isinstance(kind, type) and issubclass(kind, BaseException) else "Error"
    words = f"{told} in the tests of this cell"
    return {"output_type": "error", "ename": told, "evalue": "", "traceback": [words]}


def _grade_id(cell: Mapping[str, Any]) -> str:
    about = (cell.get("metadata") or {}).get("nbgrader")
    return str(about.get("grade_id", "")) if isinstance(about, Mapping) else ""

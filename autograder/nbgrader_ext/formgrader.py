"""The formgrader's page: our verdict below each check cell, a comment box on each exercise, student content inert.

Staff read this page with the rights of staff. So nothing that a student's code put out is rendered as HTML, and the
only HTML in an output is a card of ours.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from markupsafe import escape
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, from_dict

from autograder.feedback.cards import card
from autograder.feedback.markdown import Notebook as Markdown
from autograder.nbgrader_ext.places import course_of, root_of
from autograder.store import Store
from autograder.types import Report

_PNG = b"\x89PNG\r\n\x1a\n"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHOWN = {"last_name", "first_name", "student", "notebook_path"}  # by a template that escapes nothing
_LONGEST = 50_000  # characters of one output

# The page brings Bootstrap 3, whose .label is white on a colour. The card needs no more than to be told from output.
_STYLE = """
article.card, .for-staff { border-left: 4px solid #337ab7; padding: .2em 1em; margin: 0; }
.output_html { margin-bottom: .8em; }
.output_markdown { background: #f5f5f5; border: 1px solid #ccc; border-radius: 4px; padding: .6em 1em; }
article.card + .for-staff { border-color: #8a6d3b; }
article.card h3 { font-size: 1.2em; margin: .3em 0; }
article.card h4 { font-size: 1em; margin: .3em 0; }
article.card .label { all: unset; color: #555; }
article.card .mark { display: none; }
.rendered_html th, .rendered_html td { padding: .1em 1.2em .1em 0; }
"""


def inert_markdown(source: str) -> str:
    """Stand in for nbconvert's markdown2html, which passes raw HTML and javascript: links on."""
    return str(Markdown().html(source))


class ShowVerdicts(Preprocessor):
    """Makes a submission fit for the formgrader's page. The file on disk stays as it is."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        report = self._report(resources)
        for name in _SHOWN & resources.keys():
            if resources[name]:
                resources[name] = str(escape(resources[name]))
        cells = []
        for number, cell in enumerate(nb.cells):
            inert = inert_cell(cell, number)
            cells.append(inert)
            about = inert["metadata"].get("nbgrader", {})
            exercise = about.get("grade_id", "")
            if report is not None and report.lost is None and about.get("grade") and exercise not in report.verdicts:
                inert["metadata"] = {}  # withdrawn since: the page would look for its points in the gradebook
            elif about.get("grade") or about.get("task"):
                # The page draws a comment box for solution cells; the gradebook has a comment for every exercise.
                about["solution"] = bool(about["grade"])
                if report is not None and exercise in report.verdicts:
                    _add_card(cells, report, exercise, number)
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        metadata = {"kernelspec": kernel, "language_info": {"name": "python", "pygments_lexer": "ipython3"}}
        return from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}), resources

    def _report(self, resources: Any) -> Report | None:
        assignment, student = resources.get("assignment_id"), resources.get("student")
        if not assignment or not student:
            return None
        return Store(root_of(course_of(self))).report(assignment, student)


def inert_cell(cell: Any, number: int) -> dict[str, Any]:
    """Return the cell with text that is only text, PNG that is PNG, and no metadata but nbgrader's."""
    kind = cell.get("cell_type")
    source = str(cell.get("source", ""))
    about = cell.get("metadata", {}).get("nbgrader", {})
    name = about.get("grade_id", "") if isinstance(about, dict) else ""
    nbgrader = {}
    if isinstance(name, str) and _ID.fullmatch(name):
        points = about.get("points", 0)
        nbgrader = {"grade_id": name, "schema_version": 3, "cell_type": kind} | {
            flag: bool(about.get(flag)) for flag in ("grade", "solution", "locked", "task")
        }
        if nbgrader["grade"] or nbgrader["task"]:
            nbgrader["points"] = float(points) if isinstance(points, int | float) else 0.0
    made: dict[str, Any] = {
        "cell_type": kind if kind in ("code", "markdown") else "markdown",
        "id": f"cell-{number}",
        "metadata": {"nbgrader": nbgrader} if nbgrader else {},
        "source": source if kind in ("code", "markdown") else "\n".join(f"    {line}" for line in source.splitlines()),
    }
    if kind == "code":
        count = cell.get("execution_count")
        made["execution_count"] = count if isinstance(count, int) else None
        made["outputs"] = [inert_output(output) for output in cell.get("outputs", [])]
    return made


def inert_output(output: Any) -> dict[str, Any]:
    """Return the output as a stream, or as text, Markdown or PNG; the page escapes what is not PNG."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _cut(output.get("text"))}
    if kind == "error":
        trace = output.get("traceback")
        said = [_cut(line) for line in trace] if isinstance(trace, list) else []
        return {"output_type": "stream", "name": "stderr", "text": _cut("\n".join(said)) or _cut(output.get("ename"))}
    data = output.get("data", {})
    if picture := _png(data.get("image/png")):
        shown = {"image/png": picture}
    elif data.get("text/markdown"):  # a question, as ask() showed it; the page makes it inert as it does a cell
        shown = {"text/markdown": _cut(data["text/markdown"])}
    elif data.get("text/plain"):
        shown = {"text/plain": _cut(data["text/plain"])}
    else:
        shown = {"text/plain": f"(output not shown: {', '.join(sorted(map(str, data)))[:200]})"}
    return {"output_type": "display_data", "metadata": {}, "data": shown}


def _cut(text: object) -> str:
    if isinstance(text, list):
        text = "".join(str(line) for line in text)
    text = text if isinstance(text, str) else ""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n(cut; {len(text):,} characters)"


def _png(encoded: object) -> str:
    if isinstance(encoded, list):
        encoded = "".join(str(line) for line in encoded)
    if not isinstance(encoded, str):
        return ""
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(data).decode() if data.startswith(_PNG) else ""


def _add_card(cells: list[dict[str, Any]], report: Report, exercise: str, number: int) -> None:
    verdict = report.verdicts[exercise]
    html = card(verdict, report.points.get(exercise, 0.0), report.titles.get(exercise, exercise), exercise=exercise)
    if verdict.note:
        html += f'<div class="for-staff"><strong>For staff</strong><pre>{escape(verdict.note)}</pre></div>'
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/html": f"<style>{_STYLE}</style>{html}"}}
    if cells[-1]["cell_type"] == "code":
        cells[-1]["outputs"].append(shown)
    else:  # prose has no outputs: the card gets a cell without a source to show
        cells.append(
            {"cell_type": "code", "id": f"card-{number}", "metadata": {"transient": {"remove_source": True}},
             "source": "", "execution_count": None, "outputs": [shown]}
        )  # fmt: skip

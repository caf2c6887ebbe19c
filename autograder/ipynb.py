"""Reads notebooks that nobody vouches for: bytes in, a plain nbformat 4 dictionary or a NotebookError out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import nbformat
import nbformat.reader

from autograder.errors import NotebookError
from handin.words import N_, _

LIMIT = 20 * 2**20
"""Bytes. A notebook of text is a thousandth of it; only outputs and pasted pictures come near."""

DEPTH = 64
"""Nested lists and objects. Notebooks need about ten; deeper ones would exhaust the stack of whoever walks them."""

CELLS = 2000
VALUES = 300_000
"""Lists, objects and what they hold, counted by commas: each takes far more memory than its text."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - _STEP.keys())
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TYPES = ("code", "markdown", "raw")
_SMALLER = N_("Clear its outputs (Edit, Clear Outputs of All Cells), save it, and submit it again")
_AGAIN = N_("Open it in JupyterLab, save it, and submit it again")


def read(raw: bytes, limit: int = LIMIT) -> dict[str, Any]:
    """Return {cells, metadata, nbformat: 4, nbformat_minor: 5}; every cell has cell_type, source (text) and metadata.

    Code cells have outputs and execution_count too. Of id and attachments only what is sound is kept. What is no cell
    at all is left out. NotebookError when nothing can be made of the bytes; its text says what to do.
    """
    if len(raw) > limit:
        raise _no_notebook(_("it is larger than {n} MB.").format(n=limit // 2**20), _SMALLER)
    content = _parse(raw)
    if not isinstance(content, dict):
        raise _no_notebook(_("it is JSON, but no notebook."))
    content = _upgraded(content)
    cells = content.get("cells")
    if not isinstance(cells, list):
        raise _no_notebook(_("it has no list of cells."))
    if len(cells) > CELLS:
        told = _("it has more than {n:,} cells. Delete those that you do not need")
        raise NotebookError(told.format(n=CELLS))
    metadata = content.get("metadata")
    return {
        "cells": [_cell(cell) for cell in cells if isinstance(cell, dict)],
        "metadata": _clean(metadata) if isinstance(metadata, dict) else {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _no_notebook(why: str, how: str = "") -> NotebookError:
    return NotebookError(f"{why} {_(how or _AGAIN)}")


def write(notebook: Mapping[str, Any]) -> bytes:
    """Return the bytes of a notebook, as JupyterLab would lay them out."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def text(value: object) -> str:
    """Join what nbformat allows as a string or as a list of lines; anything else is empty. Always encodable."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _parse(raw: bytes) -> Any:
    if not raw.strip():
        raise _no_notebook(_("the file is empty."))
    # Counted before the parser runs: its own guard depends on the recursion limit that some library may have raised.
    bare = _STRING.sub(b"", raw)
    if sum(map(bare.count, (b"[", b"{", b","))) > VALUES:
        raise _no_notebook(_("it holds more than {n:,} values.").format(n=VALUES), _SMALLER)
    brackets = bare.translate(None, _NO_BRACKETS)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > DEPTH:
        raise _no_notebook(_("its JSON is nested more than {n} levels deep.").format(n=DEPTH))
    try:
        decoded = raw.decode(json.detect_encoding(raw)).removeprefix("\ufeff")
        return json.loads(decoded, parse_constant=lambda name: None)
    except (ValueError, RecursionError):
        raise _no_notebook(_("it is not a notebook (no JSON), or only a part of one.")) from None


def _upgraded(content: dict[str, Any]) -> dict[str, Any]:
    major = content.get("nbformat", 3 if "worksheets" in content else 4)
    if not isinstance(major, int) or isinstance(major, bool) or not 1 <= major <= 4:
        told = _("its notebook format ({format}) is unknown.")
        raise _no_notebook(told.format(format=text(str(major))[:20]))
    if major == 4 or "cells" in content:
        return content
    try:
        old = nbformat.reader.reads(json.dumps({"metadata": {}, "nbformat_minor": 0, **content, "nbformat": major}))
        new: dict[str, Any] = json.loads(json.dumps(nbformat.convert(old, 4)))
    except Exception:  # the converters trust their input: a damaged file can make them raise anything
        told = _("it is of an old notebook format ({format}) and cannot be converted.")
        raise _no_notebook(told.format(format=major)) from None
    for cell in new.get("cells", []):
        cell.pop("id", None)  # drawn at random: the same bytes must give the same notebook
    return new


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    metadata = cell.get("metadata")
    found: dict[str, Any] = {
        "cell_type": kind if kind in _TYPES else "raw",
        "metadata": _clean(metadata) if isinstance(metadata, dict) else {},
        "source": text(cell.get("source")),
    }
    if isinstance(cell.get("id"), str) and _ID.fullmatch(cell["id"]):
        found["id"] = cell["id"]
    if kind == "code":
        count = cell.get("execution_count")
        found["execution_count"] = count if isinstance(count, int) and not isinstance(count, bool) else None
        found["outputs"] = _outputs(cell.get("outputs"))
    elif attachments := _attachments(cell.get("attachments")):
        found["attachments"] = attachments
    return found


def _outputs(outputs: object) -> list[dict[str, Any]]:
    return [_output(output) for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else []


def _output(output: dict[str, Any]) -> dict[str, Any]:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": text(output.get("text"))}
    if kind == "error":
        trace = output.get("traceback")
        lines = [text(line) for line in trace] if isinstance(trace, list) else []
        return {"output_type": "error", "ename": text(output.get("ename")), "evalue": text(output.get("evalue")),
                "traceback": lines}  # fmt: skip
    bundle = output.get("data")
    data = {text(mime): text(value) for mime, value in bundle.items()} if isinstance(bundle, dict) else {}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _attachments(attachments: object) -> dict[str, dict[str, str]]:
    if not isinstance(attachments, dict):
        return {}
    return {
        text(name): {text(mime): text(value) for mime, value in bundle.items()}
        for name, bundle in attachments.items()
        if isinstance(bundle, dict)
    }


def _clean(value: Any) -> Any:
    """The same plain values with every string encodable. Depth is bounded, so recursion is."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {text(name): _clean(item) for name, item in value.items()}
    return value

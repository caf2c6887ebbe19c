"""Outputs that came from inside, made fit to be kept: valid, merged, bounded. Every step is linear in their size."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import nbformat

OUTPUTS = 2000  # of one cell


def sound(outputs: Collection[Any], cap: int) -> list[Any]:
    """Return outputs as nbformat wants them, at most about `cap` bytes. What is no output is left out."""
    kept: list[Any] = []
    size = 0
    for output in _merged([output for output in list(outputs)[:OUTPUTS] if _valid(output)]):
        size += len(json.dumps(output, ensure_ascii=False))
        if size > cap:
            kept.append(nbformat.from_dict({"output_type": "stream", "name": "stderr", "text": "[output cut here]\n"}))
            break
        kept.append(output)
    return kept


def _valid(output: Any) -> bool:
    try:
        nbformat.validate(output, ref="output", version=4)
        return True
    except Exception:  # whatever a validator makes of hostile JSON
        return False


def _merged(outputs: list[Any]) -> list[Any]:
    """Join the pieces of stdout, and of stderr, and show progress bars as they looked in the end."""
    merged: list[Any] = []
    streams: dict[str, Any] = {}
    pieces: dict[str, list[str]] = {}
    for output in outputs:
        if output["output_type"] != "stream":
            merged.append(output)
            continue
        name = output["name"]
        if name not in streams:
            streams[name], pieces[name] = output, []
            merged.append(output)
        text = output["text"]
        pieces[name].append(text if isinstance(text, str) else "".join(text))
    for name, output in streams.items():
        output["text"] = as_on_screen("".join(pieces[name]))
    return merged


def as_on_screen(text: str) -> str:
    """What a terminal would show in the end of text with carriage returns and backspaces."""
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    parts = [part for part in line.split("\r") if part]
    shown: list[str] = []
    for part in parts:
        letters: list[str] = []
        for letter in part:
            if letter != "\b":
                letters.append(letter)
            elif letters:
                letters.pop()
        if letters:  # a shorter text leaves the end of the longer one before it, but not in a notebook
            shown = letters
    return "".join(shown)

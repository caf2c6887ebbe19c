"""Outputs that came from inside, made fit to be kept: valid and bounded. Every step is linear in their size."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from typing import Any

OUTPUTS = 2000  # of one cell
VALUES = 50_000  # in the JSON of one message, long texts aside
METADATA, PARTS = 2000, 20  # bytes; objects and lists
_EMPTY = sys.getsizeof("")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.DOTALL)


def unpack(data: bytes) -> Any:
    """Read a message's JSON. What would become so many small objects that they fill the memory becomes {}."""
    bare = _STRING.sub(b"", bytes(data))
    if sum(bare.count(mark) for mark in (b",", b"[", b"{")) > VALUES:
        return {}
    return json.loads(bytes(data).decode("utf-8", "replace"), parse_constant=_refused)


def _refused(word: str) -> Any:
    raise ValueError(word)


def plain(kind: str, content: dict[str, Any]) -> dict[str, Any] | None:
    """Return the parts that a message of this kind has, with nothing but text in them; None if it shows nothing.

    Not by nbformat's own validation, which makes kilobytes of every fault that it finds.
    """
    if kind == "stream":
        text, name = content.get("text"), content.get("name")
        return {"name": name, "text": text} if name in ("stdout", "stderr") and isinstance(text, str) else None
    if kind == "error":
        lines = content.get("traceback")
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            return None
        told = {part: content.get(part) for part in ("ename", "evalue")}
        return {**told, "traceback": lines} if all(isinstance(text, str) for text in told.values()) else None
    data, metadata = content.get("data"), content.get("metadata")
    if not isinstance(data, dict):
        return None
    shown = {name: text for name, text in data.items() if isinstance(text, str)}
    found = {part: content[part] for part in content if part in ("transient", "execution_count")}
    return {**found, "data": shown, "metadata": metadata if _small(metadata) else {}}


def _small(metadata: Any) -> bool:
    """Short, and of few parts: what is short may be deep, or become a thousand times as large where it is read."""
    try:
        text = json.dumps(metadata, allow_nan=False)
    except (ValueError, RecursionError):
        return False
    return isinstance(metadata, dict) and len(text) <= METADATA and text.count("{") + text.count("[") <= PARTS


def weight(content: dict[str, Any]) -> int:
    """The memory that plain content takes: a single rare letter makes a whole text four times as large."""
    texts = (*content.get("data", {}).values(), *content.get("traceback", []))
    told = (*texts, content.get("text", ""), content.get("evalue", ""))
    about = content.get("metadata")
    parts = 8 * len(json.dumps(about)) if about else 0
    return sum(sys.getsizeof(text) - _EMPTY for text in told) + parts


def finished(outputs: Iterable[dict[str, Any]], cap: int, cut: bool = False) -> list[Any]:
    """Return a cell's outputs as a notebook keeps them, at most about `cap` bytes; what is printed comes in pieces.

    cut: something was left out already, and the reader is told.
    """
    kept: list[Any] = []
    size = 0
    for output in outputs:
        whole = {**output, "text": as_on_screen("".join(output["text"]))} if "text" in output else output
        size += len(json.dumps(whole, ensure_ascii=False))
        if size > cap:
            cut = True
            break
        kept.append(whole)
    if cut:
        kept.append({"output_type": "stream", "name": "stderr", "text": "[output cut here]\n"})
    return kept


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

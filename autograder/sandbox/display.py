"""Outputs that came from inside, made fit to be kept: valid, merged, bounded. Every step is linear in their size."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection
from typing import Any

import nbformat

OUTPUTS = 2000  # of one cell
VALUES = 50_000  # in the JSON of one message, long texts aside
METADATA, PARTS = 2000, 20  # bytes; objects and lists
_EMPTY = sys.getsizeof("")
_METADATA_WEIGHT = 8 * METADATA
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
    """Return the content of a message that shows something with nothing but text in it, None if there is none.

    This comes before nbformat's own validation, which makes kilobytes of every fault that it finds.
    """
    if kind == "stream":
        text, name = content.get("text"), content.get("name")
        return {"name": name, "text": text} if name in ("stdout", "stderr") and isinstance(text, str) else None
    if kind == "error":
        lines = content.get("traceback")
        texts = [content.get("ename"), content.get("evalue"), *(lines if isinstance(lines, list) else [None])]
        return content if all(isinstance(text, str) for text in texts) else None
    data, metadata = content.get("data"), content.get("metadata")
    if not isinstance(data, dict):
        return None
    shown = {name: text for name, text in data.items() if isinstance(text, str)}
    return {**content, "data": shown, "metadata": metadata if _small(metadata) else {}}


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
    return sum(sys.getsizeof(text) - _EMPTY for text in told) + _METADATA_WEIGHT * bool(content.get("metadata"))


def sound(outputs: Collection[Any], cap: int, cut: bool = False) -> list[Any]:
    """Return outputs as nbformat wants them, at most about `cap` bytes. What is no output is left out.

    cut: something was left out already, and the reader is told.
    """
    kept: list[Any] = []
    size = 0
    for output in _merged([output for output in list(outputs)[:OUTPUTS] if _valid(output)]):
        text = json.dumps(output, ensure_ascii=False)
        size += len(text)
        if size > cap:
            cut = True
            break
        kept.append(nbformat.from_dict(json.loads(text)))  # a later update of a display would change what was looked at
    if cut:
        kept.append(nbformat.from_dict({"output_type": "stream", "name": "stderr", "text": "[output cut here]\n"}))
    return kept


def _valid(output: Any) -> bool:
    """Whether it is an output that plain() would let through. nbformat asks more gently, and takes a millisecond."""
    if not isinstance(output, dict):
        return False
    rest = {name: value for name, value in output.items() if name != "output_type"}
    match output.get("output_type"):
        case "stream":
            return rest.keys() == {"name", "text"} and isinstance(rest["name"], str) and _text(rest["text"])
        case "error":
            lines = rest.get("traceback")
            named = rest.keys() == {"ename", "evalue", "traceback"} and isinstance(lines, list)
            return named and all(isinstance(text, str) for text in (rest["ename"], rest["evalue"], *rest["traceback"]))
        case "display_data":
            return rest.keys() == {"data", "metadata"} and _shown(rest)
        case "execute_result":
            count = rest.get("execution_count")
            counted = count is None or (type(count) is int and count >= 0)
            return rest.keys() == {"data", "metadata", "execution_count"} and counted and _shown(rest)
    return False


def _shown(rest: dict[str, Any]) -> bool:
    data = rest["data"]
    return isinstance(rest["metadata"], dict) and isinstance(data, dict) and all(map(_text, data.values()))


def _text(value: Any) -> bool:
    """As a notebook may keep it: whole, or in lines."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))


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

"""What the cell that runs shows. Reads bytes that student code may have written; keeps what is sound and fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.sandbox.budget import BudgetError
from autograder.sandbox.display import OUTPUTS, finished, plain, unpack, weight
from autograder.sandbox.inside.frames import FrameError, Reader
from autograder.types import Limits

MESSAGE_CAP = 4 * 2**20  # at least; what is shown of one cell is cut far below it, inside
MESSAGE_COST = 64  # bytes that a message takes in Python, however short it is
DISPLAYS = ("display_data", "execute_result")
PIECES = 1000  # of a text, before they are joined: each is an object of its own


class Screen:
    """on_cells() runs in the box's thread, and raises BudgetError when too much, or nonsense, comes in."""

    def __init__(self, limits: Limits, on_word: Callable[[dict[str, Any]], None]) -> None:
        """on_word: is told, in the box's thread, what the kernel says of itself."""
        self._flood_mb = limits.flood_mb
        self._most = 2 * limits.output_kb * 1024
        self._left = limits.flood_mb * 2**20
        self._space = 512 * limits.flood_mb * 1024  # for what is shown; a kernel of ours stops there by itself
        self._frames = Reader(max(MESSAGE_CAP, self._most))
        self._on_word = on_word
        self._shut = True
        self.clear()

    def clear(self) -> None:
        """Begin with the next cell."""
        self._outputs: list[dict[str, Any]] = []
        self._named: dict[str, dict[str, Any]] = {}  # displays that may be updated
        self._printed: dict[str, dict[str, Any]] = {}  # what is printed in pieces is one output
        self._clear_first = False
        self._cell_space = 2 * self._most  # a rare letter makes a text four times as large
        self._shut = False

    def take(self) -> list[Any]:
        """Return the outputs of the cell that has ended. What comes before the next clear() is not kept."""
        self._shut = True
        return finished(self._outputs, self._most, cut=self._cell_space == 0)

    def on_cells(self, data: bytes) -> None:
        self._spend(len(data))
        try:
            for header, body in self._frames.feed(data):
                self._spend(MESSAGE_COST)
                kind = header.get("shown")
                if kind is None:
                    self._on_word(header)
                elif not self._shut:
                    self._show(kind, _content(header, body))
        except FrameError as error:
            raise BudgetError(f"protocol: {error}") from error

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise BudgetError(f"more than {self._flood_mb} MB of messages")

    def _show(self, kind: Any, content: dict[str, Any]) -> None:
        if kind == "clear_output":
            self._clear_first = content.get("wait") is True
            if not self._clear_first:
                self._forget()
            return
        found = plain(kind, content) if kind in ("stream", "error", "update_display_data", *DISPLAYS) else None
        if found is None:
            return
        size = weight(found)
        if size > min(self._space, self._cell_space) or len(self._outputs) >= OUTPUTS:
            self._cell_space = 0  # what comes after a gap would mislead
            return
        self._space, self._cell_space = self._space - size, self._cell_space - size
        if self._clear_first:
            self._clear_first = False
            self._forget()
        self._put(kind, found)

    def _forget(self) -> None:
        self._outputs.clear()
        self._named.clear()
        self._printed.clear()

    def _put(self, kind: str, found: dict[str, Any]) -> None:
        transient = found.get("transient")
        name = transient.get("display_id") if isinstance(transient, dict) else None
        if kind == "update_display_data":
            if isinstance(name, str) and name in self._named:
                self._named[name].update(data=found["data"], metadata=found["metadata"])
            return
        if kind == "stream":
            self._print(found["name"], found["text"])
            return
        parts = ("ename", "evalue", "traceback") if kind == "error" else ("data", "metadata")
        output = {"output_type": kind, **{part: found[part] for part in parts}}
        if kind == "execute_result":
            count = found.get("execution_count")
            output["execution_count"] = count if type(count) is int and count >= 0 else None
        self._outputs.append(output)
        if isinstance(name, str) and kind in DISPLAYS:
            self._named[name] = output

    def _print(self, name: str, text: str) -> None:
        output = self._printed.get(name)
        if output is None:
            output = self._printed[name] = {"output_type": "stream", "name": name, "text": []}
            self._outputs.append(output)
        output["text"].append(text)
        if len(output["text"]) > PIECES:
            output["text"] = ["".join(output["text"])]


def _content(header: dict[str, Any], body: bytes) -> dict[str, Any]:
    if header.get("shown") == "stream":
        return {"name": header.get("name"), "text": body.decode("utf-8", "replace")}
    try:
        content = unpack(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}

"""Cuts what a cell shows, kindly: an honest notebook that prints 50 MB is shortened here and graded on its answers.

The wall does not depend on it: a kernel that gets around this is stopped by the budget outside.
"""

from __future__ import annotations

import json
from typing import Any

from jupyter_client.session import Session

OVERHEAD = 700  # bytes of a message around what it says
ERROR_KB = 64
SHOWN = {"stream", "display_data", "execute_result", "update_display_data", "comm_open", "comm_msg"}


class Allowance:
    """How much may still be shown: of this cell, and of the whole notebook."""

    def __init__(self, cell_kb: int, total_kb: int) -> None:
        self.cell_kb = cell_kb
        self._total = total_kb * 1024
        self.next_cell()

    def next_cell(self) -> None:
        self._left = min(self.cell_kb * 1024, self._total)
        self._told = False

    @property
    def notice(self) -> str:
        return f"\n[output cut here: {self.cell_kb} kB of one cell are shown]\n"

    def spend(self, size: int) -> bool:
        """Take size bytes, if there are as many."""
        if size + OVERHEAD > self._left:
            return False
        self.charge(size)
        return True

    def charge(self, size: int) -> None:
        self._left -= size + OVERHEAD
        self._total -= size + OVERHEAD

    def rest(self) -> int:
        return max(0, self._left - OVERHEAD)

    def tell(self) -> bool:
        """Whether the notice is still to be shown for this cell; nothing is shown after it."""
        self._left = 0
        first, self._told = not self._told, True
        return first


class CuttingSession(Session):
    """Sends messages; what is shown, only as long as the allowance lasts."""

    allowance: Allowance

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **kwargs: Any) -> Any:
        kind = msg_or_type if isinstance(msg_or_type, str) else msg_or_type["header"]["msg_type"]
        if kind in SHOWN or kind in ("error", "execute_reply"):
            shown = content if isinstance(msg_or_type, str) else msg_or_type["content"]
            shown = self._cut(kind, shown or {})
            if shown is None:
                return None
            if isinstance(msg_or_type, str):
                content = shown
            else:
                msg_or_type = {**msg_or_type, "content": shown}
        return super().send(stream, msg_or_type, content, *args, **kwargs)

    def _cut(self, kind: str, content: dict[str, Any]) -> dict[str, Any] | None:
        if kind in ("error", "execute_reply"):
            return self._cut_error(content)
        size = _size(content)
        if self.allowance.spend(size):
            return content
        rest = self.allowance.rest() if kind == "stream" else 0
        if not self.allowance.tell():
            return None
        if kind == "stream":
            return {**content, "text": _fitting(str(content.get("text", "")), rest) + self.allowance.notice}
        if kind.startswith("comm"):
            return None
        return {**content, "data": {"text/plain": self.allowance.notice.strip()}, "metadata": {}}

    def _cut_error(self, content: dict[str, Any]) -> dict[str, Any]:
        if _size(content) <= ERROR_KB * 1024:
            return content
        cut = {**content, "evalue": str(content.get("evalue", ""))[:1000], "payload": []}
        if "traceback" in content:
            lines = [str(line)[: ERROR_KB * 128] for line in content["traceback"][:4]]
            cut["traceback"] = [*lines, self.allowance.notice]
        return cut


def _fitting(text: str, size: int) -> str:
    """The start of text that takes at most size bytes as JSON."""
    text = text[:size]
    while (excess := len(json.dumps(text)) - size) > 0:
        text = text[: min(len(text) - excess // 12 - 1, len(text) * size // (size + excess) + 1)]
    return text


def _size(content: dict[str, Any]) -> int:
    text = content.get("text")
    if isinstance(text, str) and len(text) > 1_000_000:
        return len(text)  # too large anyway: do not copy it
    return len(json.dumps(content, default=str))

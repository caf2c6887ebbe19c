"""What cells show, on its way out: displays, results, errors, and what is printed by whatever means.

It is cut kindly: an honest notebook that prints 50 MB is shortened here and graded on its answers. The wall does not
depend on it: a kernel that gets around this is stopped by the budget outside.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import os
import select
import threading
from typing import Any

from jupyter_client.session import Session

OVERHEAD = 700  # bytes of a message around what it says
ERROR_KB = 64
SHOWN = {"display_data", "execute_result", "update_display_data"}
TO_CHANGE = {"clear_output"}
PIPE = 2**20  # bytes: more than a pipe holds, so that one call reads what was written until then


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
        if size > self._left:
            return False
        self._left -= size
        self._total -= size
        return True

    @property
    def rest(self) -> int:
        return self._left

    @property
    def cut(self) -> bool:
        """Whether something of this cell was left out."""
        return self._told

    def tell(self) -> bool:
        """Whether the notice is still to be shown for this cell; nothing is shown after it."""
        self._left = 0
        first, self._told = not self._told, True
        return first


class Display(Session):
    """What IPython thinks is a session of Jupyter's: it says what to show, and we carry it out."""

    def begin(self, sender: Any, allowance: Allowance) -> None:
        """To be called once, before anything is shown."""
        self._sender = sender
        self._allowance = allowance

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Overrides: nothing goes to a stream of Jupyter's; there is none."""
        kind = msg_or_type if isinstance(msg_or_type, str) else msg_or_type["header"]["msg_type"]
        said = (content if isinstance(msg_or_type, str) else msg_or_type["content"]) or {}
        if kind == "error":
            said = self._cut_error(said)
        elif kind in SHOWN:
            said = self._cut(said)
        elif kind not in TO_CHANGE:
            return
        if said is not None:
            self._sender.post({"shown": kind}, _json(said).encode())

    def flush(self) -> None:
        """Return when what was shown is out: a later crash must not take it back."""
        self._sender.flush()

    def print(self, name: str, text: str) -> None:
        """name: stdout or stderr."""
        if not text:
            return
        data = text.encode("utf-8", "backslashreplace")
        if not self._allowance.spend(len(data)):
            rest = self._allowance.rest
            if not self._allowance.tell():
                return
            data = data[:rest].decode("utf-8", "ignore").encode() + self._allowance.notice.encode()
        self._sender.print({"shown": "stream", "name": name}, data)

    def _cut(self, content: dict[str, Any]) -> dict[str, Any] | None:
        if self._allowance.spend(_size(content) + OVERHEAD):
            return content
        if not self._allowance.tell():
            return None
        return {**content, "data": {"text/plain": self._allowance.notice.strip()}, "metadata": {}}

    def _cut_error(self, content: dict[str, Any]) -> dict[str, Any]:
        if _size(content) <= ERROR_KB * 1024:
            return content
        lines = [str(line)[: ERROR_KB * 128] for line in content.get("traceback", [])[:4]]
        shortened = str(content.get("evalue", ""))[:1000]
        return {**content, "evalue": shortened, "traceback": [*lines, self._allowance.notice]}


class OutStream(io.TextIOBase):
    """sys.stdout or sys.stderr."""

    def __init__(self, name: str, fd: int, display: Display) -> None:
        self.name, self._fd, self._display = name, fd, display
        self._process = os.getpid()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "UTF-8"

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def flush(self) -> None:
        if os.getpid() == self._process:
            self._display.flush()

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() == self._process:
            self._display.print(self.name, text)
        else:  # forked, and its threads are not: what it says comes by the descriptor, as a program's does
            os.write(self._fd, text.encode("utf-8", "backslashreplace"))
        return len(text)


class Pipes(threading.Thread):
    """What is written to descriptors 1 and 2, by libraries and by other programs."""

    def __init__(self, display: Display) -> None:
        super().__init__(daemon=True, name="pipes")
        self._display = display
        self._lock = threading.Lock()
        self._read = {}
        for fd, name in ((1, "stdout"), (2, "stderr")):
            ours, theirs = os.pipe()
            os.set_blocking(ours, False)
            os.dup2(theirs, fd)
            os.close(theirs)
            self._read[ours] = (name, codecs.getincrementaldecoder("utf-8")("replace"))
        self.start()

    def run(self) -> None:
        while self._read:
            select.select(list(self._read), [], [])
            self.drain()

    def drain(self) -> None:
        """Show what has been written until now."""
        with self._lock:
            for fd, (name, decoder) in list(self._read.items()):
                with contextlib.suppress(BlockingIOError):
                    data = os.read(fd, PIPE)
                    self._display.print(name, decoder.decode(data))
                    if not data:  # closed, and nobody is left who could write
                        del self._read[fd]


def _size(content: dict[str, Any]) -> int:
    return len(json.dumps(content, default=str))


def _json(content: dict[str, Any]) -> str:
    """As Jupyter sends it: what is no number in JSON becomes its name."""
    try:
        return json.dumps(content, default=str, allow_nan=False)
    except ValueError:
        return json.dumps(json.loads(json.dumps(content, default=str), parse_constant=str))

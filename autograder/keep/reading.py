"""Reads folders that others go on writing to: every file whole, every folder as it was at one moment.

Whatever of ours is replaced as a whole (files.py) is found as the old one or as the new one, never as a mixture and
never as missing. Everything is opened by descriptor, so a folder that is exchanged for a link leads nowhere.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from autograder.errors import AutograderError

CHUNK = 1 << 20
IN_MEMORY = 16 * CHUNK
HOLLOW = 2**30
"""Bytes that a file may claim beyond what it has on the disk."""

PATIENCE = 1.0
"""Seconds in which a folder that is just being replaced is there again; else whoever replaced it was killed."""

_SCRATCH = re.compile(r"\.[a-z0-9_]{8}")  # what files.write_atomic calls a file that is not whole yet
_CACHES = {"__pycache__", ".ipynb_checkpoints"}


@dataclass
class Piece:
    """One folder, or one file with its content."""

    name: str
    found: os.stat_result
    content: IO[bytes] | None = None
    sha256: str = ""
    size: int = 0


class _ReplacedError(Exception):
    """A folder has another one in its place now."""


@dataclass
class Reading:
    """Reads trees, and remembers what was left out, and why."""

    scratch: Path  # a folder for what does not fit into memory
    left_out: dict[str, str] = field(default_factory=dict)

    def tree(self, place: Path, name: str, depth: int = 1, *, follow: bool = False) -> Iterator[Piece]:
        """Yield what lies in place, under name; nothing where place is not there.

        depth: that of the folders that are replaced as a whole. follow: links count as what they lead to, as they do
        in folders that staff alone can write to.
        """
        try:
            fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise _unreadable(str(place), error) from error
        try:
            yield Piece(name, os.fstat(fd))
            yield from self._walk(fd, name, depth, follow)
        finally:
            os.close(fd)

    def file(self, place: Path, name: str) -> Iterator[Piece]:
        """Yield a file of the course; nothing where it is not there."""
        try:
            yield self._copied(place.name, name, os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY), True, close=True)
        except FileNotFoundError:
            return

    def _walk(self, fd: int, name: str, depth: int, follow: bool) -> Iterator[Piece]:
        for entry in _settled(fd, follow):
            try:
                found = os.stat(entry, dir_fd=fd, follow_symlinks=follow)
                if depth > 1 and stat.S_ISDIR(found.st_mode):
                    inner = os.open(entry, _folder_flags(follow), dir_fd=fd)
                    try:
                        yield Piece(f"{name}/{entry}", os.fstat(inner))
                        yield from self._walk(inner, f"{name}/{entry}", depth - 1, follow)
                    finally:
                        os.close(inner)
                    continue
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _unreadable(f"{name}/{entry}", error) from error
            yield from self._whole(fd, entry, f"{name}/{entry}", follow)

    def _whole(self, fd: int, entry: str, name: str, follow: bool) -> list[Piece]:
        """Return an entry with all that is in it, as it was at one moment."""
        until = time.monotonic() + PATIENCE
        while True:
            pieces: list[Piece] = []
            try:
                self._gather(fd, entry, name, follow, pieces, ())
                return pieces
            except (FileNotFoundError, _ReplacedError):
                _close(pieces)
                if time.monotonic() > until and not _is_there(fd, entry):
                    return []
                time.sleep(0.001)
            except OSError as error:
                _close(pieces)
                raise _unreadable(name, error) from error

    def _gather(
        self, fd: int, entry: str, name: str, follow: bool, pieces: list[Piece], above: tuple[tuple[int, int], ...]
    ) -> None:
        found = os.stat(entry, dir_fd=fd, follow_symlinks=follow)
        if why := _why_not(found):
            self.left_out[name] = why
            return
        if stat.S_ISREG(found.st_mode):
            pieces.append(self._copied(entry, name, fd, follow))
            return
        inner = os.open(entry, _folder_flags(follow), dir_fd=fd)
        try:
            mine = os.fstat(inner)
            if (identity := (mine.st_dev, mine.st_ino)) in above:
                self.left_out[name] = "it is a link to a folder that it lies in"
                return
            pieces.append(Piece(name, mine))
            for below in _entries(inner, follow):
                try:
                    self._gather(inner, below, f"{name}/{below}", follow, pieces, (*above, identity))
                except FileNotFoundError:
                    if _identity(fd, entry) != identity:
                        raise _ReplacedError from None  # else only this one file is gone
        finally:
            os.close(inner)

    def _copied(self, entry: str, name: str, fd: int, follow: bool, *, close: bool = False) -> Piece:
        with ExitStack() as stack:
            if close:
                stack.callback(os.close, fd)
            flags = os.O_RDONLY | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
            spool: Any = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(self.scratch))  # noqa: SIM115  the caller's
            state, size = hashlib.sha256(), 0
            try:
                file = stack.enter_context(os.fdopen(os.open(entry, flags, dir_fd=fd), "rb"))
                while data := file.read(CHUNK):
                    state.update(data)
                    size += len(data)
                    spool.write(data)
                spool.seek(0)
            except OSError as error:
                spool.close()
                if isinstance(error, FileNotFoundError):
                    raise
                raise _unreadable(name, error) from error
            return Piece(name, os.fstat(file.fileno()), spool, state.hexdigest(), size)


def _close(pieces: list[Piece]) -> None:
    for piece in pieces:
        if piece.content is not None:
            piece.content.close()


def _entries(fd: int, follow: bool) -> list[str]:
    return sorted(name for name in os.listdir(fd) if not (follow and name in _CACHES))


def _settled(fd: int, follow: bool) -> list[str]:
    """Return a folder's entries, those included that are out of sight for the moment in which they are replaced."""
    until = time.monotonic() + PATIENCE
    while True:
        names = _entries(fd, follow)
        wanted = {name[1:].rpartition("-")[0] for name in names if is_scratch(name)}
        missing = {name for name in wanted if name and name not in names}
        if not missing or time.monotonic() > until:
            return [name for name in names if not is_scratch(name)]
        time.sleep(0.001)


def is_scratch(name: str) -> bool:
    """Whether it is named as what files.py has in work: .NAME-xxxxxxxx for a folder, .xxxxxxxx for a file."""
    return bool(_SCRATCH.fullmatch(name)) or bool(re.fullmatch(r"\..+-[a-z0-9_]{8}", name, re.DOTALL))


def _why_not(found: os.stat_result) -> str:
    if stat.S_ISLNK(found.st_mode):
        return "it is a link"
    if stat.S_ISDIR(found.st_mode):
        return ""
    if not stat.S_ISREG(found.st_mode):
        return "it is no regular file"
    if found.st_size - 512 * found.st_blocks > HOLLOW:
        return f"it claims {found.st_size:,} bytes and holds hardly any"
    return ""


def _folder_flags(follow: bool) -> int:
    return os.O_RDONLY | os.O_DIRECTORY | (0 if follow else os.O_NOFOLLOW)


def _identity(fd: int, entry: str) -> tuple[int, int] | None:
    try:
        found = os.stat(entry, dir_fd=fd)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_there(fd: int, entry: str) -> bool:
    return _identity(fd, entry) is not None


def _unreadable(name: str, error: OSError) -> AutograderError:
    return AutograderError(
        f"{name} could not be copied ({error.strerror}). Nothing was kept: run this as the user who grades, and see "
        "that there is room."
    )

"""Several files as one stream, between a student's server and the course's desk: one line of JSON, names and sizes,
and then what is in them, one after the other.

An archive could say more than that: links, devices, owners, files with holes, a million zeros in ten bytes. What cannot
be said here need not be forbidden, and what arrives is never more than was sent. Standard library alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from handin.words import _

PIECE = 1 << 16
TYPE = "application/x-handin-parcel"


class ParcelError(ValueError):
    """What arrived is no parcel, or holds what cannot be taken; the text says which file, and why."""


@dataclass(frozen=True)
class Limits:
    """files counts folders, too; depth the parts of a path; name the bytes of one part."""

    files: int = 10_000
    bytes: int = 1 << 40
    depth: int = 32
    name: int = 255

    @property
    def head(self) -> int:
        """Bytes that the line of names may take: each may be escaped, and has a size beside it."""
        return min(self.files * (self.name * 6 + 32), 1 << 20)


@dataclass(frozen=True)
class Item:
    name: str  # relative, with /
    size: int


def why_not(name: str, limits: Limits) -> str:
    """Say why a file of this name cannot be sent; empty where it can."""
    parts = name.split("/")
    if not name.isprintable() or "\\" in name:
        return _("its name has a sign that cannot be used")
    if any(part in ("", ".", "..") for part in parts):
        return _("its name leads out of the folder")
    if any(len(part.encode("utf-8", "surrogatepass")) > limits.name for part in parts):
        return _("its name has more than {n} bytes").format(n=limits.name)
    if len(parts) > limits.depth:
        return _("it lies more than {n} folders deep").format(n=limits.depth)
    return ""


def files_of(folder: Path) -> list[str]:
    """Return the names of all regular files; no link is followed."""
    found = []
    for above, _folders, names in os.walk(folder):
        for name in names:
            path = Path(above) / name
            if path.is_file() and not path.is_symlink():
                found.append(path.relative_to(folder).as_posix())
    return sorted(found)


def folders_of(names: Iterable[str]) -> set[str]:
    """Return all folders that these files lie in."""
    return {str(above) for name in names for above in PurePosixPath(name).parents} - {"."}


def pack(files: Sequence[tuple[str, Path]]) -> tuple[int, Iterator[bytes]]:
    """Return how many bytes the parcel has, and its pieces. ParcelError while reading where a file has changed."""
    sizes = [path.stat().st_size for _name, path in files]
    head = json.dumps([[name, size] for (name, _path), size in zip(files, sizes, strict=True)]).encode() + b"\n"

    def pieces() -> Iterator[bytes]:
        yield head
        for (name, path), size in zip(files, sizes, strict=True):
            left = size
            with path.open("rb") as file:
                while left:
                    piece = file.read(min(PIECE, left))
                    if not piece:
                        raise ParcelError(_("{file} became shorter while it was read").format(file=name))
                    left -= len(piece)
                    yield piece

    return len(head) + sum(sizes), pieces()


class Unpacker:
    """Takes the bytes of a parcel as they come, and writes its files into an empty folder that nobody else can reach.

    ParcelError as soon as something is wrong; what was written until then is the caller's to remove.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder, self._limits = folder, limits
        self._head = bytearray()
        self._items: Iterator[Item] | None = None
        self._file: BinaryIO | None = None
        self._left = 0

    def feed(self, data: bytes) -> None:
        rest = memoryview(data)
        if self._items is None:
            rest = self._feed_head(data)
        while rest:
            if self._file is None:
                raise ParcelError(_("it is longer than it says"))
            taken = rest[: self._left]
            self._file.write(taken)
            self._left -= len(taken)
            rest = rest[len(taken) :]
            if not self._left:
                self._next()

    def close(self) -> None:
        """ParcelError where it is not whole. Leaves no file open, whatever happened before."""
        whole = self._items is not None and self._file is None
        if self._file is not None:
            self._file.close()
        self._file, self._items = None, iter(())
        if not whole:
            raise ParcelError(_("it ended too early"))

    def _feed_head(self, data: bytes) -> memoryview:
        line, end, rest = data.partition(b"\n")
        self._head += line
        if len(self._head) > self._limits.head:
            raise ParcelError(_("its list of files is too long"))
        if end:
            self._items = iter(_items(bytes(self._head), self._limits))
            self._next()
        return memoryview(rest)

    def _next(self) -> None:
        """Go on to the next file that has something in it; write those that are empty."""
        if self._file is not None:
            self._file.close()
            self._file = None
        assert self._items is not None
        for item in self._items:
            path = self._folder / item.name
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
            if item.size:
                self._file, self._left = file, item.size
                return
            file.close()


def _items(head: bytes, limits: Limits) -> list[Item]:
    try:
        said = json.loads(head)
    except (ValueError, RecursionError):  # not UTF-8, too, and numbers of a thousand digits
        raise ParcelError(_("it does not begin with a list of files")) from None
    items = []
    for entry in said if isinstance(said, list) else [None]:
        match entry:
            case [str(name), int(size)] if not isinstance(size, bool) and size >= 0:
                items.append(Item(name, size))
            case _:
                raise ParcelError(_("it does not begin with a list of files"))
    names = [item.name for item in items]
    for name in names:
        if why := why_not(name, limits):
            raise ParcelError(f"{ascii(name[:200])[1:-1]}: {why}")
    folders = folders_of(names)
    if len(names) + len(folders) > limits.files:
        raise ParcelError(_("it holds more than {n} files and folders").format(n=limits.files))
    if sum(item.size for item in items) > limits.bytes:
        raise ParcelError(_("it is larger than {n} MB").format(n=limits.bytes // 2**20))
    if len(set(names)) < len(names) or folders & set(names):
        raise ParcelError(_("two of its files have the same name"))
    return items

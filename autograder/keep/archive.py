"""One file that holds a course: a compressed tar whose first member says what it is and whose last names every digest.

Any tar program can open it. It is written beside its place and renamed into it, so a file with this name is whole; and
one that was cut has no last member. Nothing in it is anything but a plain file or a folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from autograder.errors import AutograderError
from autograder.keep.reading import CHUNK, Piece

FORMAT = 1
"""Of the whole file. A program that knows another number refuses it, and says which version reads it."""

HEAD, CONTENTS = "backup.json", "contents.json"
LEVEL = 3  # of compression: models hardly get smaller, and everything else gets small at once

_DAMAGED = (tarfile.TarError, EOFError, zlib.error, OSError, UnicodeError, ValueError, KeyError, TypeError)


@dataclass(frozen=True)
class Backup:
    """What a file that was checked holds."""

    head: Mapping[str, Any]
    files: Mapping[str, str]  # sha256 by name
    more: Mapping[str, Any]  # what else its writer noted at the end
    size: int


@dataclass
class Writer:
    """Adds each name once: what is there already stays as it was added."""

    tar: tarfile.TarFile
    scratch: Path  # a folder for what is too large for memory: where the backup goes there must be room anyway
    files: dict[str, str] = field(default_factory=dict)
    stamps: dict[str, bytes] = field(default_factory=dict)  # by folder: what timestamp.txt says there
    size: int = 0  # before it is compressed
    _known: set[str] = field(default_factory=set)

    def add(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if piece.name not in self._known:
                self._known.add(piece.name)
                self._put(piece)
            if piece.content is not None:
                piece.content.close()

    def add_bytes(self, name: str, content: bytes, owner: os.stat_result | None = None) -> None:
        info = tarfile.TarInfo(name)
        if owner is not None:
            info.uname, info.gname, _ = rights(owner)
        info.size, info.mode = len(content), 0o600
        self.tar.addfile(info, io.BytesIO(content))
        self._known.add(name)
        self.files[name] = hashlib.sha256(content).hexdigest()

    def _put(self, piece: Piece) -> None:
        info = tarfile.TarInfo(piece.name)
        info.mtime, info.uid, info.gid = piece.found.st_mtime, piece.found.st_uid, piece.found.st_gid
        info.uname, info.gname, info.mode = rights(piece.found)
        if piece.content is None:
            info.type = tarfile.DIRTYPE
            self.tar.addfile(info)
            return
        info.size = piece.size
        folder, _, base = piece.name.rpartition("/")
        if base == "timestamp.txt":
            self.stamps[folder] = piece.content.read(1000)
            piece.content.seek(0)
        self.tar.addfile(info, piece.content)
        self.files[piece.name] = piece.sha256
        self.size += piece.size


@contextmanager
def writing(target: Path, head: Mapping[str, Any], more: dict[str, Any]) -> Iterator[Writer]:
    """Write target; it is there when the block has ended, and not before. more: noted at the end, as it is then."""
    _sweep(target.parent)
    handle, beside = tempfile.mkstemp(prefix=".backup-", suffix=".part", dir=target.parent)
    scratch = _scratch(Path(beside))
    try:
        with os.fdopen(handle, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with tarfile.open(
                fileobj=file, mode="w:gz", compresslevel=LEVEL, format=tarfile.PAX_FORMAT, errors="surrogateescape"
            ) as tar:
                scratch.mkdir(mode=0o700)
                writer = Writer(tar, scratch)
                writer.add_bytes(HEAD, _json({"format": FORMAT, **head}))
                yield writer
                writer.add_bytes(CONTENTS, _json({"files": writer.files, **more}))
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            raise FileExistsError
        Path(beside).rename(target)
    except OSError as error:
        why = "it is there already" if isinstance(error, FileExistsError) else error.strerror or error
        raise AutograderError(
            f"{target} could not be written ({why}). Nothing is left of it: make room, or name another place, and run "
            "this again."
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        Path(beside).unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what backups left that were killed: nobody holds the lock of these."""
    for part in folder.glob(".backup-*.part"):
        with suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(_scratch(part), ignore_errors=True)
            part.unlink()


def _scratch(part: Path) -> Path:
    return part.with_suffix(".d")


def check(file: Path) -> Backup:
    """Read all of a backup. AutograderError where it is another's, of another format, damaged or not whole."""
    found: dict[str, str] = {}
    size = 0
    with _members(file) as members:
        head = _head(file, members)
        for info, content in members:
            if CONTENTS in found:
                raise _damaged(file, f"{info.name!a} follows where it should end")
            if info.name == CONTENTS and content is not None:
                raw = content.read()
                noted = json.loads(raw)
                found[CONTENTS] = ""
            elif content is not None:
                found[info.name] = _digest(content)
                size += info.size
    if found.pop(CONTENTS, None) is None:
        raise _damaged(file, "it was never finished")
    files: dict[str, str] = noted.pop("files")
    files.pop(HEAD, None)
    wrong = sorted(name for name in {*files, *found} if files.get(name) != found.get(name))
    if wrong:
        raise _damaged(file, f"{len(wrong)} files are not as they were kept: {', '.join(map(ascii, wrong[:5]))}")
    return Backup(head, files, noted, size)


def unpack(file: Path, backup: Backup, folder: Path) -> None:
    """Write what a checked backup holds into a folder that is empty, with rights and times; owners where we may."""
    folders: list[tarfile.TarInfo] = []
    with _members(file) as members:
        for info, content in members:
            if info.name in (HEAD, CONTENTS):
                continue
            place = folder / info.name
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if content is None:
                place.mkdir(exist_ok=True, mode=0o700)
                folders.append(info)
                continue
            state = hashlib.sha256()
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as made:
                while data := content.read(CHUNK):
                    state.update(data)
                    made.write(data)
            if state.hexdigest() != backup.files.get(info.name):
                raise _damaged(file, f"{info.name!a} has changed since it was checked")
            _as_it_was(place, info)
    for info in reversed(folders):  # a folder's time changes with what is put into it
        _as_it_was(folder / info.name, info)


def _as_it_was(place: Path, info: tarfile.TarInfo) -> None:
    give_back(place, info.uname, info.gname, info.mode)
    os.utime(place, (info.mtime, info.mtime))


def rights(found: os.stat_result) -> tuple[str, str, int]:
    """Return owner, group and mode, by names: a number may be another person's elsewhere."""
    return _user(found.st_uid), _group(found.st_gid), found.st_mode & 0o3777


def give_back(place: Path, user: str, group: str, mode: int) -> None:
    """Give a file the rights that it had; as root its owner and group, too, where this machine knows them."""
    if os.geteuid() == 0:
        os.chown(place, _uid(user), _gid(group))
    place.chmod(mode & 0o3777)


@contextmanager
def _members(file: Path) -> Iterator[Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]]:
    """Yield members in their order with their content, None for a folder. What is anything else is refused."""
    try:
        opened = file.open("rb")
    except OSError as error:
        raise AutograderError(f"{file} cannot be read ({error.strerror}).") from error
    with opened:
        try:
            with tarfile.open(fileobj=opened, mode="r|gz", errors="surrogateescape") as tar:
                yield _each(file, tar)
        except AutograderError:
            raise
        except _DAMAGED as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise _damaged(file, f"{type(error).__name__}: {error}") from error


def _each(file: Path, tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    seen: set[str] = set()
    for info in tar:
        parts = PurePosixPath(info.name).parts
        leads_out = not parts or info.name.startswith("/") or ".." in parts or "\0" in info.name
        if leads_out or "/".join(parts) != info.name or info.name in seen or not (info.isreg() or info.isdir()):
            raise _damaged(file, f"{info.name!a} is no plain file or folder of its own, or leads out of it")
        seen.add(info.name)
        yield info, tar.extractfile(info) if info.isreg() else None


def _head(file: Path, members: Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]) -> dict[str, Any]:
    info, content = next(members, (None, None))
    if info is None or info.name != HEAD or content is None:
        raise _damaged(file, "it is no backup of ours")
    head: dict[str, Any] = json.loads(content.read(CHUNK))
    if head["format"] != FORMAT:
        raise AutograderError(
            f"{file} is a backup of format {head['format']!r}, written by autograder {head.get('program', '?')}; this "
            f"version reads format {FORMAT}. Restore it with that version, and upgrade then: docs/operations.md."
        )
    return head


def _digest(content: IO[bytes]) -> str:
    state = hashlib.sha256()
    while data := content.read(CHUNK):
        state.update(data)
    return state.hexdigest()


def _damaged(file: Path, why: str) -> AutograderError:
    return AutograderError(f"{file} cannot be used: {why}. Nothing was written: take another backup.")


def _json(content: Any) -> bytes:
    return json.dumps(content, indent=1).encode()


def _user(number: int) -> str:
    import pwd

    with suppress(KeyError):
        return pwd.getpwuid(number).pw_name
    return ""


def _group(number: int) -> str:
    import grp

    with suppress(KeyError):
        return grp.getgrgid(number).gr_name
    return ""


def _uid(name: str) -> int:
    import pwd

    with suppress(KeyError):
        return pwd.getpwnam(name).pw_uid
    return -1


def _gid(name: str) -> int:
    import grp

    with suppress(KeyError):
        return grp.getgrnam(name).gr_gid
    return -1

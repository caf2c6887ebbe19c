"""Takes over what was handed in through a folder that its student can still write to.

All of it at once, nothing but regular files of the student's own, and with the time at which it last changed by the
clock of the machine that keeps it: names, dates in names and files that tell the time are the student's to choose.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import AutograderError

MAX_FILES = 500  # folders too
MAX_BYTES = 256 * 2**20
MAX_DEPTH = 8
MAX_NAME = 150  # bytes
CHUNK = 1 << 20


class RefusedError(AutograderError):
    """Nothing of a submission is taken; the text says why."""


@dataclass(frozen=True)
class Taken:
    changed: datetime  # UTC, without a zone, as nbgrader writes times
    refused: Mapping[str, str]  # file -> why it was left where it is


@dataclass
class _State:
    owner: int | None
    files: int = 0
    bytes: int = 0
    changed: int = 0  # nanoseconds
    refused: dict[str, str] = field(default_factory=dict)


def take(source: Path, target: Path | None, owner: int | None) -> Taken:
    """Copy a folder into target, which must exist and be empty; None: only look at it.

    owner: the user whose folder and files they must be; None where all users are one to the machine. Raises
    RefusedError for a folder that is a link, somebody else's, or beyond a limit.
    """
    try:
        fd = os.open(source, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise RefusedError("it is a link, or no folder") from error
    state = _State(owner)
    try:
        found = os.fstat(fd)
        if owner is not None and found.st_uid != owner:
            raise RefusedError(f"it belongs to user {found.st_uid} of this machine, not to the student, user {owner}")
        state.changed = found.st_ctime_ns
        _folder(fd, "", target, state, 0)
    finally:
        os.close(fd)
    moment = datetime.fromtimestamp(state.changed / 1e9, UTC).replace(tzinfo=None)
    return Taken(moment, state.refused)


def _folder(fd: int, above: str, target: Path | None, state: _State, depth: int) -> None:
    # By descriptor all the way: a folder that is exchanged for a link while we read leads nowhere.
    for name in sorted(os.listdir(fd)):
        state.files += 1
        if state.files > MAX_FILES:
            raise RefusedError(f"it holds more than {MAX_FILES} files")
        shown = ascii(f"{above}{name}")[1:-1]
        if len(os.fsencode(name)) > MAX_NAME or not name.isprintable():
            state.refused[shown[:200]] = "its name cannot be used"
            continue
        try:
            found = os.stat(name, dir_fd=fd, follow_symlinks=False)
            state.changed = max(state.changed, found.st_ctime_ns)
            if why := _why_not(found, state):
                state.refused[shown] = why
            elif stat.S_ISDIR(found.st_mode):
                if depth + 1 >= MAX_DEPTH:
                    raise RefusedError(f"its folders lie more than {MAX_DEPTH} deep")
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
                try:
                    below = None if target is None else target / name
                    if below is not None:
                        below.mkdir()
                    _folder(inner, f"{above}{name}/", below, state, depth + 1)
                finally:
                    os.close(inner)
            else:
                _file(fd, name, target, state)
        except OSError as error:
            state.refused[shown] = f"it cannot be read ({error.strerror})"


def _why_not(found: os.stat_result, state: _State) -> str:
    if stat.S_ISLNK(found.st_mode):
        return "it is a link"
    if not stat.S_ISDIR(found.st_mode) and not stat.S_ISREG(found.st_mode):
        return "it is no regular file"
    if state.owner is not None and found.st_uid != state.owner:
        return "it belongs to somebody else"  # a hard link to another student's work, say
    return ""


def _file(fd: int, name: str, target: Path | None, state: _State) -> None:
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=fd)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "it was exchanged")
        if target is None:
            _count(os.fstat(handle).st_size, state)
            return
        with (target / name).open("wb") as copy:
            while data := file.read(CHUNK):
                _count(len(data), state)
                copy.write(data)


def _count(size: int, state: _State) -> None:
    state.bytes += size
    if state.bytes > MAX_BYTES:
        raise RefusedError(f"it is larger than {MAX_BYTES // 2**20} MB")

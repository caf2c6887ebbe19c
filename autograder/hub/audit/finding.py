"""What is looked at, and what is found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.hub.config import Course

SHOWN = 5
"""Names or files of one finding that are listed."""


@dataclass(frozen=True)
class Finding:
    """One unsafe thing: what somebody could do, and the command after which they cannot."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n    {self.remedy}"


@dataclass(frozen=True)
class Hub:
    """What a hub's configuration and database say."""

    courses: Sequence[Course] = ()
    exchange: Path | None = None
    config: Path | None = None
    services: Sequence[Mapping[str, Any]] = ()
    roles: Sequence[Mapping[str, Any]] = ()
    authenticator: str = ""
    address: str = ""
    spawner_hook: bool = True
    groups: Mapping[str, Collection[str]] = field(default_factory=dict)
    private: Sequence[Path] = ()  # its database, its cookie secret

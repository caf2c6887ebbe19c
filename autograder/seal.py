"""A seal names all that one submission's report follows from. Where it is unbroken there is nothing to grade."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from autograder.basis import code
from autograder.digest import digest
from autograder.release import Held, Release

if TYPE_CHECKING:
    from autograder.data import Pack
    from autograder.types import Receipt


class Seals:
    """Of one assignment's submissions, as things stand now."""

    def __init__(
        self, files: Mapping[str, bytes], setting: str, secret: bytes, packs: Mapping[str, Pack], newest: Release
    ) -> None:
        """files: of the course (basis.course_files)."""
        drawn = [[n, p.digest, p.hidden.digest, p.hidden.labels, dict(p.facts)] for n, p in sorted(packs.items())]
        known = hashlib.sha256(secret).hexdigest()
        self._shared = digest([code(), dict(files), setting, known, drawn, newest.content])

    def of(
        self, environment: str, student: str, held: Held, receipt: Receipt, report: bytes, *, final: bool = False
    ) -> str:
        """environment: that the notebooks ran in. report: as it lies in the store. final: judged on what is kept for
        the end."""
        return digest(
            [self._shared, environment, student, receipt.sha256, receipt.received, held.fetched.content,
             held.judged.content, held.words, hashlib.sha256(report).hexdigest(), final]
        )  # fmt: skip

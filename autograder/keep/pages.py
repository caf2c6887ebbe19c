"""Which feedback in the exchange is a student's: records/pages/<assignment>/<student>.json, once no copy tells it.

A page lies under a name that is made of the secret which came with the submission. When the last copy of that goes,
the names of its pages are kept, or nobody could find them to erase them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from autograder.errors import AutograderError
from autograder.files import entries, write_atomic
from autograder.nbgrader_ext.release_feedback import secret_of
from autograder.nbgrader_ext.shelf import Shelf
from autograder.release import newest

KIND = "pages"


class Pages:
    def __init__(self, records: Path, shelf: Shelf) -> None:
        self._records, self._shelf = records, shelf

    def of_copy(self, copy: Path) -> Iterator[Path]:
        """Yield those on one submission, by a copy of it."""
        # A link may lead to another one's submission, and its secret to that one's pages.
        try:
            fd = os.open(copy, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return
        try:
            opened = Path(f"/proc/self/fd/{fd}")
            names = {path.stem for path in entries(opened) if path.suffix in (".ipynb", ".html")} | self._released
            secret = secret_of(opened)
        finally:
            os.close(fd)
        for name in sorted(names):
            if (page := self._shelf.page(secret, name)) is not None and page.is_file():
                yield page

    def keep(self, assignment: str, student: str, copy: Path) -> None:
        """Note those on a submission whose copy goes."""
        place = self._records / KIND / assignment / f"{student}.json"
        known = _read(place)
        if new := {page.name for page in self.of_copy(copy)} - known:
            write_atomic(place, json.dumps(sorted(known | new)).encode())

    def kept(self, place: Path) -> Iterator[Path]:
        """Yield those that are noted in a file."""
        for name in sorted(_read(place)):
            if (page := self._shelf.feedback(name)) is not None and page.is_file():
                yield page

    @cached_property
    def _released(self) -> set[str]:
        found: set[str] = set()
        for assignment in entries(self._records / "releases"):
            with suppress(AutograderError, OSError, ValueError):
                found |= newest(self._records, assignment.name).notebooks.keys()
        return found


def _read(place: Path) -> set[str]:
    try:
        return set(json.loads(place.read_bytes()))
    except FileNotFoundError:
        return set()

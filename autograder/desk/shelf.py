"""The exchange's folder of one course, as one student may see it: releases, own submissions, own feedback.

What is handed in is made whole beside the inbound folder and then moved into it: a kill at any moment leaves a
submission there or none, and the watcher never sees a half.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder import intake
from autograder.errors import AutograderError
from autograder.nbgrader_ext.collect import STAMP, addressed
from autograder.nbgrader_ext.release_feedback import SECRET, page_name, secret_of
from handin.parcel import files_of
from handin.words import _

TIME = "timestamp.txt"
OURS = (TIME, SECRET)
"""Written by who takes a submission, and never taken from who hands it in."""

ROOM = 512 * 2**20
"""Bytes that stay free: who grades writes here, too."""

BLOCK = 4096
MOST = 4 * 2**30
"""Bytes that one student's submissions may take together, hour after hour: nothing here ever leaves by itself."""


class NotFoundError(AutograderError):
    """There is no such thing, or not for this student."""


class FullError(AutograderError):
    """The exchange has no room."""


@dataclass(frozen=True)
class Receipt:
    """What a student is told of a submission; `nbgrader submit` writes the same into the student's home."""

    student: str
    assignment: str
    timestamp: str
    secret: str


@dataclass(frozen=True)
class Submission:
    assignment: str
    timestamp: str
    secret: str
    notebooks: tuple[str, ...]


@dataclass(frozen=True)
class Shelf:
    place: Path  # the exchange's folder of the course
    most: int = MOST
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def inbound(self) -> Path:
        return self.place / "inbound"

    @property
    def _scratch(self) -> Path:
        return self.place / ".desk"

    # -- what is released ------------------------------------------------------------------------------------------

    def releases(self) -> dict[str, list[str]]:
        """Return the names of the notebooks of each assignment that is released."""
        try:
            found = sorted(one for one in (self.place / "outbound").iterdir() if one.is_dir())
        except OSError:
            return {}  # nothing is released yet
        return {one.name: _notebooks(one) for one in found if not one.is_symlink()}

    def release(self, assignment: str) -> list[tuple[str, Path]]:
        """Return the files of an assignment."""
        if assignment not in self.releases():  # a name from the list, so no path
            raise _not_released(assignment)
        folder = self.place / "outbound" / assignment
        return [(name, folder / name) for name in files_of(folder)]

    # -- what is handed in -----------------------------------------------------------------------------------------

    def new(self, student: str, size: int) -> Path:
        """Return an empty folder for a submission of so many bytes that is on its way; nobody else can reach it."""
        if self._taken(student) + size > self.most:
            raise FullError(
                _(
                    "You have handed in so much that there is no room for more of yours. Nothing is lost: tell your "
                    "course staff."
                )
            )
        try:
            self._scratch.mkdir(mode=0o700, exist_ok=True)
            if shutil.disk_usage(self._scratch).free < size + ROOM:
                raise FullError(
                    _("The course has no room for submissions now. Nothing of yours is lost: tell your course staff.")
                )
            return Path(tempfile.mkdtemp(dir=self._scratch))
        except FileNotFoundError:
            raise NotFoundError(_("Nothing is released in this course yet.")) from None

    def _taken(self, student: str) -> int:
        """Bytes of all that a student has handed in, and of what each file and folder costs beside."""
        try:
            mine = [place for place in self.inbound.iterdir() if (addressed(place.name) or ("",))[0] == student]
        except OSError:
            return 0
        parts = [Path(above) / name for one in mine for above, _folders, names in os.walk(one) for name in ("", *names)]
        return sum(_size(part) for part in parts)

    def drop(self, scratch: Path) -> None:
        shutil.rmtree(scratch, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what was on its way when a desk was killed."""
        shutil.rmtree(self._scratch, ignore_errors=True)

    def hand_in(self, scratch: Path, student: str, assignment: str) -> Receipt:
        """Lay a folder from new() into the exchange, as `nbgrader submit` does: name, time, secret, permissions."""
        if assignment not in self.releases():
            raise _not_released(assignment)
        receipt = Receipt(student, assignment, f"{self.clock().astimezone(UTC):{STAMP}}", secrets.token_hex(64))
        try:
            for name in OURS:
                (scratch / name).unlink(missing_ok=True)
            (scratch / TIME).write_text(receipt.timestamp)
            (scratch / SECRET).write_text(receipt.secret)
            _finish(scratch)
            intake.take(scratch, None, None)  # what collecting would refuse is not taken here either
        except (OSError, intake.RefusedError) as error:
            raise AutograderError(_("This cannot be taken: {why}.").format(why=error)) from error
        mark = base64.urlsafe_b64encode(os.urandom(9)).decode("ascii")
        scratch.rename(self.inbound / f"{student}+{assignment}+{receipt.timestamp}+{mark}")
        _sync(self.inbound)
        return receipt

    # -- what is the student's own ---------------------------------------------------------------------------------

    def submissions(self, student: str) -> list[Submission]:
        """Return what this student handed in, the oldest first."""
        try:
            names = [place.name for place in self.inbound.iterdir()]
        except OSError:
            return []
        found = []
        for name in names:
            parts = name.rsplit("+", 3)
            named = addressed(name)
            if named is None or named[0] != student or len(parts) != 4:
                continue
            place = self.inbound / name
            if place.is_dir() and not place.is_symlink():
                found.append(Submission(named[1], parts[2], secret_of(place), tuple(_notebooks(place))))
        return sorted(found, key=lambda one: (one.assignment, one.timestamp))

    def page(self, submission: Submission, notebook: str) -> Path | None:
        """Return the feedback on a notebook, once there is one."""
        if not submission.secret:
            return None
        page = self.place / "feedback" / page_name(submission.secret, notebook)
        return page if page.is_file() and not page.is_symlink() else None

    def checksum(self, submission: Submission, notebook: str) -> str | None:
        """As nbgrader compares a page that was fetched with the one that is there now."""
        page = self.page(submission, notebook)
        try:
            return hashlib.md5(page.read_bytes(), usedforsecurity=False).hexdigest() if page else None
        except OSError:  # being replaced
            return None

    def pages(self, student: str, assignment: str) -> list[tuple[str, Path]]:
        """Return all feedback of this student on an assignment, named as nbgrader lays it into a home."""
        return [
            (f"{one.timestamp}/{notebook}.html", page)
            for one in self.submissions(student) if one.assignment == assignment
            for notebook in one.notebooks if (page := self.page(one, notebook))
        ]  # fmt: skip


def _not_released(assignment: str) -> NotFoundError:
    return NotFoundError(_("No assignment {name} is released in this course.").format(name=repr(assignment)))


def _notebooks(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.ipynb") if path.is_file() and not path.is_symlink())


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size + BLOCK
    except OSError:  # collected, erased, or put in order just now
        return 0


def _finish(folder: Path) -> None:
    """Give what nbgrader gives, the folder itself last: by its being open to all the watcher knows that it is whole.

    On the disk before it is answered for: what a student was told that we have survives a power cut.
    """
    for above, _folders, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(above) / name
            path.chmod(0o644)
            _sync(path)
        Path(above).chmod(0o755)
        _sync(Path(above))
    folder.chmod(0o777)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

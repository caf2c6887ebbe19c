"""A course's part of the exchange, for who copies it or takes something out of it."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.apps.api import NbGraderAPI

from autograder.files import entries
from autograder.intake import RefusedError
from autograder.nbgrader_ext.collect import Collect, addressed
from autograder.nbgrader_ext.places import folder, submitted_at
from autograder.nbgrader_ext.release_feedback import page_name


@dataclass(frozen=True)
class Found:
    """What lies in inbound under a student's name. changed: None where it is not taken, for the reason `why`."""

    place: Path
    student: str
    assignment: str
    changed: datetime | None = None
    why: str = ""
    too_late: bool = False  # by c.ExchangeCollect.before_duedate, if another one came before it


class Shelf:
    """exchange/<course id>/. Where the exchange is no folder there is none, and nothing is found."""

    def __init__(self, course: Any) -> None:
        api = NbGraderAPI(coursedir=course, parent=course.parent)
        collect = api.exchange.Collect(coursedir=course, authenticator=api.authenticator, parent=api)
        self._course = course
        self._collect: Collect | None = collect if isinstance(collect, Collect) else None
        name = str(course.course_id)
        usable = self._collect is not None and name not in ("", ".", "..") and "/" not in name
        self.root = Path(collect.root) if usable else None
        self.place = self.root / name if self.root is not None else None

    def arrived(self, student: str | None = None) -> Iterator[Found]:
        """Yield what lies in inbound, of one student or of all, the oldest name first."""
        if self.place is None or self._collect is None:
            return
        try:
            places = sorted((self.place / "inbound").iterdir())
        except OSError:
            return
        for place in places:
            named = addressed(place.name)
            if named is not None and (student is None or named[0] == student):
                yield self._look(self._collect, place, *named)

    def _look(self, collect: Collect, place: Path, student: str, assignment: str) -> Found:
        try:
            changed = collect.look(place, student, assignment).changed
        except (RefusedError, OSError) as error:
            return Found(place, student, assignment, why=str(error))
        try:
            due = collect.counts_until(assignment)
        except MissingEntry:
            due = None
        return Found(place, student, assignment, changed, too_late=due is not None and changed > due)

    def replaced(self) -> Iterator[Found]:
        """Yield what was handed in before something of the same student's that was collected."""
        return (found for found in self.arrived() if self._is_replaced(found))

    def _is_replaced(self, found: Found) -> bool:
        if found.changed is None:
            return False  # not taken now; it may be, once a list of users is mended
        known = submitted_at(folder(self._course, "submitted", found.student, found.assignment))
        return known is not None and found.changed < known

    def discard(self, found: Found) -> bool:
        """Remove what was replaced; return whether it went: False where it is another one by now.

        It is moved aside first, whole: half of a submission would count as a new one. Raises OSError, whose filename
        says what could not be removed.
        """
        assert self._collect is not None, "it was found there"
        if not self._is_replaced(self._look(self._collect, found.place, found.student, found.assignment)):
            return False
        self.require_rights(found)
        self._aside.mkdir(mode=0o700, exist_ok=True)
        own = Path(tempfile.mkdtemp(dir=self._aside))
        try:
            found.place.rename(own / found.place.name)
            _remove(own)
        finally:
            with suppress(OSError):
                own.rmdir()
            with suppress(OSError):
                self._aside.rmdir()
        return True

    def require_rights(self, found: Found) -> None:
        """PermissionError where not all of it can be removed: of a folder within it that is its student's own."""
        try:
            for folder in (found.place.parent, *(Path(above) for above, _, _ in os.walk(found.place, onerror=_raise))):
                mode = folder.stat()
                sticky = mode.st_mode & stat.S_ISVTX and os.geteuid() not in (0, mode.st_uid)
                if sticky or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                    raise _denied(found.place)
        except OSError as error:
            raise _denied(found.place) from error

    @property
    def _aside(self) -> Path:
        assert self.place is not None, "where nothing can be found nothing goes"
        return self.place / ".tidied"

    def set_aside(self, student: str) -> Iterator[Path]:
        """Yield what of the student's was to be removed, and was not: its remover was killed, or had not the rights."""
        for own in entries(self._aside) if self.place is not None else ():
            yield from (place for place in entries(own) if (addressed(place.name) or ("",))[0] == student)

    def sweep(self) -> Iterator[Path]:
        """Remove what was set aside; yield what of it cannot be."""
        if self.place is None:
            return
        for own in entries(self._aside):
            try:
                _remove(own)
            except OSError:
                yield from entries(own)
        with suppress(OSError):
            self._aside.rmdir()

    def page(self, secret: str, notebook: str) -> Path | None:
        """Return where the feedback on one notebook of a submission lies, if it does."""
        if self.place is None or not secret:
            return None
        return self.feedback(page_name(secret, notebook))

    def feedback(self, name: str) -> Path | None:
        """Return where a page of this name lies, if it does."""
        return self.place / "feedback" / name if self.place is not None and Path(name).name == name else None


def _raise(error: OSError) -> None:
    raise error


def _remove(place: Path) -> None:
    """Remove what can be. PermissionError where something is left."""
    shutil.rmtree(place, ignore_errors=True)
    if place.exists():
        raise _denied(place)


def _denied(place: Path) -> PermissionError:
    return PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))

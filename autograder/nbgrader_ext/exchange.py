"""nbgrader's exchange, used from a process that stays: opened once, no `nbgrader` command is started.

What is collected, generated and released is what nbgrader's own commands collect, generate and release, because it is
their classes that do it. They are not made for threads, so one of them works at a time.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from nbgrader.exchange import ExchangeError

from autograder.errors import AutograderError
from autograder.files import write_atomic
from autograder.nbgrader_ext.collect import Arrival, Collect
from autograder.nbgrader_ext.places import folder, open_course, small_file, submitted_at
from autograder.nbgrader_ext.release_feedback import ReleaseFeedback, secret_of


class Exchange:
    """The exchange of one course, from the side of staff."""

    def __init__(self, root: Path) -> None:
        """AutograderError where it cannot be used, with what to do."""
        course = open_course(root)
        api = NbGraderAPI(coursedir=course, parent=course.parent)
        self._course, self._api = course, api
        common = {"coursedir": course, "authenticator": api.authenticator, "parent": api}
        self._collect = api.exchange.Collect(**common)
        self._release = api.exchange.ReleaseFeedback(**common)
        self._turn = threading.Lock()
        if not isinstance(self._collect, Collect) or not isinstance(self._release, ReleaseFeedback):
            raise AutograderError(
                "nbgrader_config.py sets another c.ExchangeFactory.collect or release_feedback. Only an exchange that "
                "is a folder can be watched: call autograder.nbgrader_ext.configure() in it, and set no other."
            )
        self.inbound = Path(self._collect.root) / course.course_id / "inbound"
        self._require()

    def _require(self) -> None:
        try:
            self._collect.ensure_root()
        except ExchangeError:
            raise AutograderError(
                f"The exchange {self._collect.root} is missing, or you may not write to it. Set c.Exchange.root in "
                "nbgrader_config.py to a folder that everybody may write to (mode 777)."
            ) from None
        if not os.access(self.inbound, os.R_OK | os.X_OK):
            raise AutograderError(
                f"{self.inbound} is missing, or you may not read it. `nbgrader release_assignment` makes it: run it "
                "as the user who runs this."
            )
        try:
            self._release.init_dest()
        except (ExchangeError, OSError) as error:
            raise AutograderError(f"No feedback can be laid into the exchange: {error}.") from error
        if not os.access(feedback := self._release.dest_path, os.W_OK | os.X_OK):
            raise AutograderError(
                f"You may not write to {feedback}. Run this as the user who releases feedback, or mend its rights."
            )

    # -- what arrives ----------------------------------------------------------------------------------------------

    def names(self) -> set[str]:
        """Return the names of all that students ever submitted, and whatever else lies there."""
        with os.scandir(self.inbound) as entries:
            return {entry.name for entry in entries}

    def look(self, name: str, student: str, assignment: str) -> Arrival:
        """Return what came. RefusedError where it is not the student's own, or beyond a limit."""
        return self._collect.look(self.inbound / name, student, assignment)

    def version(self, name: str) -> int | None:
        """Return a number that is another one when something was added, or its rights changed; None: it is gone."""
        try:
            return (self.inbound / name).lstat().st_ctime_ns
        except OSError:
            return None

    def is_whole(self, name: str) -> bool:
        """Whether `nbgrader submit` was done with it: after all else it opens the folder to everybody."""
        place = self.inbound / name
        try:
            return bool(place.lstat().st_mode & stat.S_IWOTH) and bool(secret_of(place))
        except OSError:
            return False

    def is_stamped(self, name: str) -> bool:
        """Whether all files were copied, by the word of a program that says no more than that: an older nbgrader."""
        return bool(small_file(self.inbound / name / "timestamp.txt"))

    def comes_too_late(self, arrival: Arrival) -> bool:
        """Whether another one counts by c.ExchangeCollect.before_duedate, if there is another one."""
        with self._turn:
            due = self._collect.counts_until(arrival.assignment)
        return due is not None and arrival.changed > due

    # -- what is done with it --------------------------------------------------------------------------------------

    def collect(self, arrival: Arrival) -> dict[str, str]:
        """Take it over into submitted/, unless that was done already. Return which files were left, and why."""
        known = self.collected(arrival.student, arrival.assignment)
        if known is not None and known >= arrival.changed:
            return {}
        return self._collect.take(arrival)

    def collected(self, student: str, assignment: str) -> datetime | None:
        """Return when what lies in submitted/ was handed in."""
        return submitted_at(folder(self._course, "submitted", student, assignment))

    def graded(self, student: str, assignment: str) -> datetime | None:
        """Return when what was graded last was handed in."""
        return submitted_at(folder(self._course, "autograded", student, assignment))

    def write_feedback(self, student: str, assignment: str) -> None:
        """As `nbgrader generate_feedback` does."""
        with self._turn:
            done = self._api.generate_feedback(assignment, student, force=True)
        if not done["success"]:
            raise AutograderError(f"The feedback page could not be written: {_last_line(done['error'])}")

    def release_feedback(self, student: str, assignment: str) -> bool:
        """As `nbgrader release_feedback` does. False: it came without a secret, so nobody could find its feedback."""
        written = folder(self._course, "feedback", student, assignment)
        with self._turn:
            self._course.student_id, self._course.assignment_id = student, assignment
            if not secret_of(written):
                return False
            try:
                self._release.start()
            except (ExchangeError, OSError) as error:
                raise AutograderError(f"The feedback could not be laid into the exchange: {error}.") from error
            return True

    def tell(self, arrival: Arrival, notebooks: Iterable[str], page: str) -> None:
        """Lay a page where the student looks for the feedback on this submission; the real one replaces it."""
        secret = secret_of(arrival.place)
        for name in notebooks if secret else ():
            target = self._release.page(secret, name)
            if not target.exists():
                write_atomic(target, page.encode())
                target.chmod(0o644)


def _last_line(traceback: str) -> str:
    lines = traceback.strip().splitlines()
    return lines[-1] if lines else "no reason known"

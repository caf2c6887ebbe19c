"""nbgrader's collect, for an exchange whose folders students can write to.

nbgrader warns where a submission belongs to another user than it says, follows what it finds, and believes the time in
a file that came along. Here a foreign submission is refused, only regular files are copied, and time is our clock's.
"""

from __future__ import annotations

import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.default.collect import ExchangeCollect

from autograder import intake
from autograder.errors import CourseError
from autograder.files import replace_folder
from autograder.nbgrader_ext.places import folder, root_of, submitted_at
from autograder.schedule import schedule_of

STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"


@dataclass(frozen=True)
class Arrival:
    """One folder in the exchange's inbound folder. Its name is unique: students submit as often as they like."""

    student: str
    assignment: str
    place: Path
    changed: datetime
    owner: int | None

    @property
    def name(self) -> str:
        return self.place.name


def addressed(name: str) -> tuple[str, str] | None:
    """Return the student and the assignment that a folder's name tells; None where it is no submission's."""
    parts = name.rsplit("+", 3)  # a name may have a + in it
    return (parts[0], parts[1]) if len(parts) >= 3 else None


class Collect(ExchangeCollect):
    """`check_owner = False` where all users are one to the machine: then who submits must be settled before."""

    src_records: list[Arrival]

    def init_src(self) -> None:
        if not self.coursedir.course_id:
            self.fail("No course id specified. Set it in nbgrader_config.py, or use --course.")
        self.inbound_path = str(Path(self.root) / self.coursedir.course_id / "inbound")
        due = self.counts_until(self.coursedir.assignment_id)
        try:
            schedule = schedule_of(root_of(self.coursedir), self.coursedir.assignment_id)
        except CourseError as error:
            self.fail(str(error))
        latest: dict[str, Arrival] = {}
        for arrival in sorted(self._arrivals(), key=lambda one: one.changed):
            if not schedule.takes(arrival.student, arrival.changed):
                self.log.error("Not collected: %s: it came when nothing was taken any more", arrival.place)
            elif due is None or arrival.changed <= due or arrival.student not in latest:
                latest[arrival.student] = arrival
        self.src_records = [latest[student] for student in sorted(latest)]

    def counts_until(self, assignment: str) -> datetime | None:
        """Return the due date where one who submitted before it cannot replace that any more; None elsewhere."""
        if not self.before_duedate:
            return None
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                due: datetime | None = gradebook.find_assignment(assignment).duedate
            except MissingEntry:
                return None
            return due

    def _arrivals(self) -> Iterator[Arrival]:
        try:
            places = sorted(Path(self.inbound_path).iterdir())
        except OSError as error:
            self.fail(f"{self.inbound_path} cannot be read ({error.strerror}). Release an assignment first.")
        for place in places:
            named = addressed(place.name)
            if named is None or named[1] != self.coursedir.assignment_id:
                continue
            if self.coursedir.student_id not in ("*", "", named[0]):
                continue
            try:
                # Looked at before one is chosen: somebody else's must not take the place of the student's own.
                yield self.look(place, *named)
            except intake.RefusedError as error:
                self.log.error("Not collected: %s: %s", place, error)

    def look(self, place: Path, student: str, assignment: str) -> Arrival:
        """Return what came, as it is now. RefusedError where it is not the student's own, or beyond a limit."""
        if not student or "/" in student or student.startswith("."):
            raise intake.RefusedError("it names no student")
        owner = self._owner(student)
        return Arrival(student, assignment, place, intake.take(place, None, owner).changed, owner)

    def _owner(self, student: str) -> int | None:
        if not self.check_owner:
            return None
        try:
            return pwd.getpwnam(student).pw_uid
        except KeyError:
            raise intake.RefusedError(
                f"this machine knows no user {student!r}. Where all users are one to it, set "
                "c.ExchangeCollect.check_owner = False"
            ) from None

    def copy_files(self) -> None:
        if not self.src_records:
            self.log.warning("No submissions of %r to collect", self.coursedir.assignment_id)
        for arrival in self.src_records:
            known = self.collected(arrival)
            if known is not None and not (self.update and arrival.changed > known):
                self.log.info("No newer submission to collect: %s", arrival.student)
                continue
            try:
                refused = self.take(arrival)
            except intake.RefusedError as error:
                self.log.error("Not collected: %s: %s", arrival.place, error)
                continue
            for name, why in refused.items():
                self.log.error("Not collected: %s of %s: %s", name, arrival.student, why)
            self.log.info("Collected: %s, handed in at %s", arrival.student, f"{arrival.changed:{STAMP}}")

    def collected(self, arrival: Arrival) -> datetime | None:
        """Return the time of what was collected last of this student's; the earliest of all where it tells none."""
        target = self._target(arrival)
        return submitted_at(target) or datetime.min if target.is_dir() else None

    def take(self, arrival: Arrival) -> dict[str, str]:
        """Copy it into submitted/; what was there is kept aside. Return which files were left, and why."""
        refused: dict[str, str] = {}
        schedule = schedule_of(root_of(self.coursedir), arrival.assignment)

        def build(new: Path) -> None:
            taken = intake.take(arrival.place, new, arrival.owner)
            if not schedule.takes(arrival.student, taken.changed):  # in time when it was looked at
                raise intake.RefusedError("it was changed when nothing was taken any more")
            refused.update(taken.refused)
            # What the student's own file says goes: nbgrader, the formgrader and late penalties read this one.
            (new / "timestamp.txt").unlink(missing_ok=True)
            (new / "timestamp.txt").write_text(f"{taken.changed:{STAMP}}")

        target = self._target(arrival)
        known = self.collected(arrival)
        if known is not None:
            moment = f"{known:%Y%m%dT%H%M%S%f}" if known > datetime.min else "unknown"
            kept = root_of(self.coursedir) / "records" / "superseded" / arrival.assignment / arrival.student
            _keep(target, kept / moment)
        replace_folder(target, build, mode=0o755)
        return refused

    def _target(self, arrival: Arrival) -> Path:
        return folder(self.coursedir, "submitted", arrival.student, arrival.assignment)


def _keep(folder: Path, place: Path) -> None:
    """Copy what was collected before: the exchange's own copy is the student's to delete."""
    if not place.exists():
        replace_folder(place, lambda new: _copied(folder, new))


def _copied(folder: Path, new: Path) -> Any:
    return intake.take(folder, new, None)

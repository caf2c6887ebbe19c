"""When work is due, for whom, what comes of handing it in later, and when its feedback is handed out.

What course.toml says counts, by the clock of the machine that takes submissions; never by a student's.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from autograder.errors import CourseError, Fault
from handin.words import N_, _

FEEDBACK = ("at-once", "coarse", "after-due", "by-hand")
"""At once; at once in a word for each exercise, in full after the due date; after it; never, because staff do it."""

KEYS = ("due", "closes", "late", "extensions", "feedback", "attempts", "final")
DAY = timedelta(days=1)
_LATE = {"accept": (True, 0.0, 100.0), "refuse": (False, 0.0, 100.0)}

Handing = Literal["full", "coarse", "no"]


@dataclass(frozen=True)
class Schedule:
    """Of one assignment. All moments have a time zone. Students who are not named have the assignment's dates."""

    due: datetime | None = None
    closes: datetime | None = None  # what comes later is not taken
    accepts_late: bool = True
    per_day: float = 0.0  # percent of the points earned, for each day that has begun since the due date
    at_most: float = 100.0  # percent that are taken off
    extensions: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    feedback: str = FEEDBACK[0]
    attempts: int | None = None  # submissions that get feedback before the due date
    final: bool = False  # after the due date everything is judged on hidden inputs that nobody had feedback on

    def due_for(self, student: str) -> datetime | None:
        return self.extensions.get(student, self.due)

    def closes_for(self, student: str) -> datetime | None:
        """Return when nothing is taken any more; an extension moves it, too."""
        due = self.due_for(student)
        if not self.accepts_late or due is None or self.closes is None:
            return self.closes if self.accepts_late else due
        return max(self.closes, due)

    def takes(self, student: str, moment: datetime) -> bool:
        """Whether what was handed in then counts."""
        closes = self.closes_for(student)
        return closes is None or _aware(moment) <= closes

    def is_over(self, student: str, now: datetime) -> bool:
        """Whether the due date has passed; never where there is none."""
        due = self.due_for(student)
        return due is not None and _aware(now) > due

    def days_late(self, student: str, moment: datetime) -> int:
        """Return how many days have begun between the due date and then."""
        due = self.due_for(student)
        if due is None or _aware(moment) <= due:
            return 0
        # By the clock on the wall: the day on which it is put back has 25 hours, and is one day.
        return max(1, math.ceil((_aware(moment).astimezone(due.tzinfo) - due) / DAY))

    def penalty(self, student: str, moment: datetime, score: float) -> float:
        """Return how many of these points lateness costs."""
        percent = min(self.at_most, self.per_day * self.days_late(student, moment))
        return max(0.0, score) * percent / 100

    def is_final(self, student: str, now: datetime) -> bool:
        """Whether it is time to judge on the hidden inputs that are kept for the end."""
        return self.final and self.is_over(student, now)

    def handing(self, student: str, given: int, now: datetime) -> Handing:
        """Return what feedback is handed out by itself. given: how often there was some before the due date."""
        if self.feedback == "by-hand":
            return "no"
        if self.is_over(student, now):
            return "full"
        if self.feedback == "after-due" or (self.attempts is not None and given >= self.attempts):
            return "no"
        return "coarse" if self.feedback == "coarse" else "full"

    def is_coarse(self, student: str, now: datetime) -> bool:
        """Whether a page that is written now tells a word for each exercise, and no more."""
        return self.feedback == "coarse" and not self.is_over(student, now)


def told(schedule: Schedule) -> str:
    """Return what every student may know of it, as Markdown; "" where nothing is due."""
    due, closes = schedule.due, schedule.closes
    if due is None:
        return ""
    said = [_("**Due {weekday}, {moment}.**").format(weekday=_(_WEEKDAYS[due.weekday()]), moment=moment(due))]
    if not schedule.accepts_late:
        said.append(_("Nothing is taken after that."))
    elif schedule.per_day:
        if schedule.at_most < 100:
            off = _("After that, {part:g} % of the points are taken off for each day begun, {most:g} % at most.")
        else:
            off = _("After that, {part:g} % of the points are taken off for each day begun.")
        said.append(off.format(part=schedule.per_day, most=schedule.at_most))
    if schedule.accepts_late and closes is not None:
        said.append(_("Nothing is taken after {moment}.").format(moment=moment(closes)))
    said.append(_("You can hand in as often as you like: the last one counts."))
    said += [_(_FEEDBACK[schedule.feedback])] if schedule.feedback in _FEEDBACK else []
    if schedule.attempts is not None and schedule.feedback in ("at-once", "coarse"):
        said.append(_("Before the due date there is feedback on {n} of them.").format(n=schedule.attempts))
    if schedule.final:
        said.append(
            _("After it your work is tried on inputs that nobody has had feedback on, and that is what counts.")
        )
    said.append(_("If you were given more time, your own date counts."))
    return " ".join(said)


_FEEDBACK = {
    "coarse": N_("Feedback says in a word how each exercise stands, and everything after the due date."),
    "after-due": N_("Feedback comes after the due date."),
    "by-hand": N_("Feedback comes when the course staff hand it out."),
}
_WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def moment(when: datetime) -> str:
    """1 December 2026, 18:00 CET."""
    told = _("{day} {month} {year}, {time} {zone}")
    month, zone = _(_MONTHS[when.month - 1]), when.tzname() or "UTC"
    return told.format(day=when.day, month=month, year=when.year, time=f"{when:%H:%M}", zone=zone)


def schedule_of(root: Path, assignment: str) -> Schedule:
    """Return what course.toml says, without loading the course. CourseError where it cannot be read so."""
    path = root / "course" / "course.toml"
    try:
        found = path.stat()
    except OSError as error:
        raise CourseError([Fault.in_toml(f"it cannot be read: {error}.", "Run `autograder check`.")]) from None
    return _read(path, (found.st_mtime_ns, found.st_size, found.st_ino), assignment)


@lru_cache(maxsize=64)
def _read(path: Path, version: tuple[int, ...], assignment: str) -> Schedule:
    """A class asks once for each submission. version: another one when the file is."""
    faults: list[Fault] = []
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        table, zone = content["assignments"][assignment], zone_of(content["course"], faults)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError([Fault.in_toml(f"it cannot be read: {error}.", "Run `autograder check`.")]) from None
    made = read(table, assignment, zone, faults)
    if faults:
        raise CourseError(faults)
    return made


def zone_of(head: Mapping[str, Any], faults: list[Fault]) -> tzinfo:
    """Return the time zone in which dates without one are meant."""
    name = head.get("timezone", "UTC")
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):
        faults.append(Fault.in_toml(f"timezone is {name!r}.", 'Give a name such as "Europe/Berlin", or drop the line.'))
        return UTC


def read(table: Mapping[str, Any], name: str, zone: tzinfo, faults: list[Fault]) -> Schedule:
    """Read one [assignments.NAME]; what is wrong with it goes into faults."""

    def fault(problem: str, remedy: str) -> None:
        faults.append(Fault.in_toml(f"[assignments.{name}] {problem}", remedy))

    before = len(faults)
    due, closes = (_moment(table.get(key), zone) for key in ("due", "closes"))
    for key, found in (("due", due), ("closes", closes)):
        if key in table and found is None:
            fault(f"{key} = {table[key]!r} is no date.", f"Write {key} = 2026-12-01T18:00:00, without quotes.")
    if due and closes and closes < due:
        fault("closes before it is due.", "Make `closes` the later one, or drop it.")
    late = _late(table.get("late", "accept"))
    if late is None:
        fault(f"late = {table['late']!r}.", 'Use "accept", "refuse", or { per_day = 10, at_most = 50 }, in percent.')
    feedback, attempts, final = table.get("feedback", FEEDBACK[0]), table.get("attempts"), table.get("final", False)
    if feedback not in FEEDBACK:
        fault(f"feedback = {feedback!r}.", f"Use one of {', '.join(FEEDBACK)}.")
    if attempts is not None and (type(attempts) is not int or attempts < 1):
        fault(f"attempts = {attempts!r}.", "Give a whole number above 0.")
    if type(final) is not bool:
        fault(f"final = {final!r}.", "Use true or false.")
    extensions = _extensions(table.get("extensions", {}), due, zone, fault)
    needs = [f'feedback = "{feedback}"'] * (feedback in ("coarse", "after-due"))
    needs += [key for key in ("closes", "late", "extensions", "attempts", "final") if table.get(key)]
    if needs and "due" not in table:
        fault(f"{needs[0]} means nothing without a due date.", "Add due = 2026-12-01T18:00:00, or drop it.")
    limiting = [need for need in needs if need.startswith(("feedback", "attempts", "final"))]
    if limiting and "late" not in table:
        # Else all wait for the due date, read everything, and hand in again for all points.
        fault(
            f"{limiting[0]} limits nothing while late work costs nothing: after the due date everything is told.",
            'Add late = "refuse", or late = { per_day = 10 }; or late = "accept", if that is what you want.',
        )
    if len(faults) > before or late is None:
        return Schedule()
    return Schedule(due, closes, *late, MappingProxyType(extensions), feedback, attempts, final)


def _extensions(given: Any, due: datetime | None, zone: tzinfo, fault: Any) -> dict[str, datetime]:
    """A date of the student's own, or so many days more."""
    if not isinstance(given, Mapping):
        fault(f"extensions = {given!r} is no table.", "Write a table with a line for each student: ada = 2026-12-05.")
        return {}
    found = {}
    for student, value in given.items():
        more = value.removesuffix("days").removesuffix("day").strip() if isinstance(value, str) else ""
        moment = due + int(more) * DAY if due and more.isdecimal() and len(more) < 4 else _moment(value, zone)
        if moment is None:
            dotted = " A name with a dot stands in quotes." if isinstance(value, Mapping) else ""
            fault(f"extensions: {student} = {value!r}.", f'Give a date, such as 2026-12-05, or "3 days".{dotted}')
        elif due is not None and moment < due:
            fault(f"extensions: {student} is due before the others.", "Give a later date.")
        else:
            found[student] = moment
    return found


def _late(given: Any) -> tuple[bool, float, float] | None:
    if isinstance(given, str):
        return _LATE.get(given)
    if not isinstance(given, Mapping) or given.keys() - {"per_day", "at_most"} or "per_day" not in given:
        return None
    numbers = [given["per_day"], given.get("at_most", 100)]
    if not all(type(n) in (int, float) and 0 < n <= 100 for n in numbers):
        return None
    return True, float(numbers[0]), float(numbers[1])


def _moment(value: Any, zone: tzinfo) -> datetime | None:
    """A day means its end."""
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)
    return datetime.combine(value, time.max, zone) if isinstance(value, date) else None


def naive(moment: datetime | None) -> datetime | None:
    """Return it as nbgrader writes moments: in UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment is not None else None


def _aware(moment: datetime) -> datetime:
    """nbgrader's moments have no zone, and mean UTC."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)

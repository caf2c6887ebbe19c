"""Pages that lie where a student looks for feedback, until it is there: why it is not yet, and that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from autograder.feedback import html
from autograder.schedule import moment


@dataclass(frozen=True)
class About:
    """Whom and what a page is about."""

    student: str
    heading: str
    course_title: str


def postponed(about: About, per_hour: int, until: datetime) -> str:
    """The student's share of the hour is used up; until: in UTC."""
    return _notice(
        about,
        f"This is graded after {until:%H:%M} UTC",
        f"Your submission has arrived and is kept. You have handed in {per_hour} or more within an hour, and so that "
        "everybody gets an answer quickly, no more of one student are graded in that time.",
        "You do not have to do anything. Of what you hand in until then, the newest is graded, and its feedback takes "
        "the place of this page.",
    )


def waiting(about: About, until: datetime | None, used_up: int | None) -> str:
    """It was graded, and its feedback waits: until then, or until staff hand it out. used_up: attempts, where it is
    because of them."""
    when = f"after {moment(until)}" if until else "when the course staff hand it out"
    times = "once" if used_up == 1 else f"on {used_up} submissions"
    why = f"You have had feedback {times}, which is as often as there is some before the due date. "
    return _notice(
        about,
        f"Feedback comes {when}",
        "Your submission has arrived, was run, and is kept. It counts.",
        f"{why if used_up else ''}You can go on working and hand in again: what you hand in last counts.",
    )


def closed(about: About, came: datetime, closes: datetime) -> str:
    """It came when nothing was taken any more."""
    return _notice(
        about,
        "This came too late to be graded",
        f"It arrived on {moment(came)}. Until {moment(closes)} it could be handed in. What you handed in before that "
        "counts, and was not touched.",
        "If something kept you from handing in, write to the course staff: they can give you more time, and then this "
        "submission is graded without your doing anything.",
    )


def _notice(about: About, title: str, *paragraphs: str) -> str:
    return html.page(
        "notice.html.j2", html.environment(), student=about.student, heading=about.heading,
        course_title=about.course_title, title=title, paragraphs=paragraphs,
    )  # fmt: skip

"""Pages that lie where a student looks for feedback, until it is there: why it is not yet, and that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from autograder.feedback import html
from autograder.schedule import moment
from handin.words import ENGLISH, _, ngettext, speaking


@dataclass(frozen=True)
class About:
    """Whom and what a page is about."""

    student: str
    heading: str
    course_title: str
    language: str = ENGLISH


def postponed(about: About, per_hour: int, until: datetime) -> str:
    """The student's share of the hour is used up; until: in UTC."""
    with speaking(about.language):
        return _notice(
            about,
            _("This is graded after {time} UTC").format(time=f"{until:%H:%M}"),
            _(
                "Your submission has arrived and is kept. You have handed in {n} or more within an hour, and so that "
                "everybody gets an answer quickly, no more of one student are graded in that time."
            ).format(n=per_hour),
            _(
                "You do not have to do anything. Of what you hand in until then, the newest is graded, and its "
                "feedback takes the place of this page."
            ),
        )


def waiting(about: About, until: datetime | None, used_up: int | None) -> str:
    """It was graded, and its feedback waits: until then, or until staff hand it out. used_up: attempts, where it is
    because of them."""
    with speaking(about.language):
        if until:
            title = _("Feedback comes after {moment}").format(moment=moment(until))
        else:
            title = _("Feedback comes when the course staff hand it out")
        last = [_("You can go on working and hand in again: what you hand in last counts.")]
        if used_up:
            why = ngettext(
                "You have had feedback once, which is as often as there is some before the due date.",
                "You have had feedback on {n} submissions, which is as often as there is some before the due date.",
                used_up,
            )
            last.insert(0, why.format(n=used_up))
        return _notice(about, title, _("Your submission has arrived, was run, and is kept. It counts."), " ".join(last))


def closed(about: About, came: datetime, closes: datetime) -> str:
    """It came when nothing was taken any more."""
    with speaking(about.language):
        return _notice(
            about,
            _("This came too late to be graded"),
            _(
                "It arrived on {came}. Until {closes} it could be handed in. What you handed in before that "
                "counts, and was not touched."
            ).format(came=moment(came), closes=moment(closes)),
            _(
                "If something kept you from handing in, write to the course staff: they can give you more time, and "
                "then this submission is graded without your doing anything."
            ),
        )


def _notice(about: About, title: str, *paragraphs: str) -> str:
    return html.page(
        "notice.html.j2", html.environment(), student=about.student, heading=about.heading,
        course_title=about.course_title, title=title, paragraphs=paragraphs,
    )  # fmt: skip

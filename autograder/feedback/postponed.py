"""The page of a submission that is not graded yet, because its student's share of the hour is used up."""

from __future__ import annotations

from datetime import datetime

from autograder.feedback import html


def postponed(student: str, heading: str, course_title: str, per_hour: int, until: datetime) -> str:
    """until: in UTC."""
    return html.page(
        "postponed.html.j2", html.environment(), student=student, heading=heading, course_title=course_title,
        per_hour=per_hour, until=f"{until:%H:%M} UTC",
    )  # fmt: skip

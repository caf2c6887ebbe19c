"""When students get their feedback. The one place that decides it."""

from __future__ import annotations

from datetime import datetime

from autograder.course import Assignment, Course


def may_release(course: Course, assignment: Assignment, now: datetime) -> bool:
    """Whether feedback is handed out now. What is held back is asked for again every few seconds."""
    return assignment.feedback == "at-once"

"""Who may do what in a course's service. What stands in no table here, nobody may do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class Role(StrEnum):
    """A hub group of the name <prefix>-<course> gives it. Who is in several groups has the rights of all."""

    STUDENT = "student"
    GRADER = "grader"
    INSTRUCTOR = "instructor"
    STAFF = "course staff"


PREFIXES = {  # the first two are nbgrader's own names
    Role.STUDENT: "nbgrader",
    Role.GRADER: "formgrade",
    Role.INSTRUCTOR: "instructor",
    Role.STAFF: "staff",
}


class Right(StrEnum):
    ENTER = "open the course's service"
    COURSE = "see how far each assignment is"
    AUTHOR = "check, build and release assignments"
    GRADE = "read submissions, give points and comments by hand"
    RUN = "collect, grade, give feedback, post grades, manage students"
    REPORT = "read the report"
    NAMES = "see in the report who it was"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.STUDENT: frozenset(),
    Role.GRADER: frozenset({Right.ENTER, Right.GRADE}),
    Role.INSTRUCTOR: frozenset(
        {Right.ENTER, Right.COURSE, Right.GRADE, Right.RUN, Right.REPORT, Right.NAMES},
    ),
    Role.STAFF: frozenset({Right.ENTER, Right.COURSE, Right.AUTHOR, Right.REPORT}),
}

RULES: Mapping[str, Mapping[str, Right]] = {
    # ours
    r"/": {"GET": Right.ENTER},
    r"/course\.css": {"GET": Right.ENTER},
    r"/course\.js": {"GET": Right.ENTER},
    r"/course": {"GET": Right.COURSE},
    r"/course/([^/]+)/(check|build|release)": {"GET": Right.COURSE, "POST": Right.AUTHOR},
    r"/course/([^/]+)/(collect|grade|feedback|post)": {"GET": Right.RUN, "POST": Right.RUN},
    r"/report": {"GET": Right.REPORT},
    r"/report/([^/]+)": {"GET": Right.REPORT},
    r"/formgrader/?": {"GET": Right.ENTER},  # ours in the place of nbgrader's
    # nbgrader's: what its pages are made of
    r"/formgrader/static/(.*)": {"GET": Right.ENTER},
    r"/formgrader/fonts/(.*)": {"GET": Right.ENTER},
    r"/formgrader/submissions/components/(.*)": {"GET": Right.ENTER},
    r"/formgrader/api/status": {"GET": Right.ENTER},
    # grading by hand
    r"/formgrader/gradebook/?": {"GET": Right.GRADE},
    r"/formgrader/gradebook/([^/]+)/?": {"GET": Right.GRADE},
    r"/formgrader/gradebook/([^/]+)/([^/]+)/?": {"GET": Right.GRADE},
    r"/formgrader/submissions/([^/]+)/?": {"GET": Right.GRADE},
    r"/formgrader/submissions/(?P<submission_id>[^/]+)/(?P<action>next_incorrect|prev_incorrect|next|prev)/?": {
        "GET": Right.GRADE
    },
    r"/formgrader/submissions/(.*)": {"GET": Right.GRADE},
    r"/formgrader/api/assignments": {"GET": Right.GRADE},
    r"/formgrader/api/notebooks/([^/]+)": {"GET": Right.GRADE},
    r"/formgrader/api/submitted_notebooks/([^/]+)/([^/]+)": {"GET": Right.GRADE},
    r"/formgrader/api/submitted_notebook/([^/]+)/flag": {"POST": Right.GRADE},
    r"/formgrader/api/grades": {"GET": Right.GRADE},
    r"/formgrader/api/grade/([^/]+)": {"GET": Right.GRADE, "PUT": Right.GRADE},
    r"/formgrader/api/comments": {"GET": Right.GRADE},
    r"/formgrader/api/comment/([^/]+)": {"GET": Right.GRADE, "PUT": Right.GRADE},
    # running the class
    r"/formgrader/manage_assignments/?": {"GET": Right.RUN},
    r"/formgrader/manage_submissions/([^/]+)/?": {"GET": Right.RUN},
    r"/formgrader/manage_students/?": {"GET": Right.RUN},
    r"/formgrader/manage_students/([^/]+)/?": {"GET": Right.RUN},
    r"/formgrader/manage_students/([^/]+)/([^/]+)/?": {"GET": Right.RUN},
    r"/formgrader/api/assignment/([^/]+)": {"GET": Right.RUN, "PUT": Right.AUTHOR},
    r"/formgrader/api/assignment/([^/]+)/collect": {"POST": Right.RUN},
    r"/formgrader/api/assignment/([^/]+)/generate_feedback": {"POST": Right.RUN},
    r"/formgrader/api/assignment/([^/]+)/release_feedback": {"POST": Right.RUN},
    r"/formgrader/api/assignment/([^/]+)/([^/]+)/generate_feedback": {"POST": Right.RUN},
    r"/formgrader/api/assignment/([^/]+)/([^/]+)/release_feedback": {"POST": Right.RUN},
    r"/formgrader/api/submissions/([^/]+)": {"GET": Right.RUN},
    r"/formgrader/api/submission/([^/]+)/([^/]+)": {"GET": Right.RUN},
    r"/formgrader/api/submission/([^/]+)/([^/]+)/autograde": {"POST": Right.RUN},
    r"/formgrader/api/students": {"GET": Right.RUN},
    r"/formgrader/api/student/([^/]+)": {"GET": Right.RUN, "PUT": Right.RUN},
    r"/formgrader/api/student_submissions/([^/]+)": {"GET": Right.RUN},
    r"/formgrader/api/student_notebook_submissions/([^/]+)/([^/]+)": {"GET": Right.RUN},
    # writing the course
    r"/formgrader/api/assignment/([^/]+)/assign": {"POST": Right.AUTHOR},
    r"/formgrader/api/assignment/([^/]+)/release": {"POST": Right.AUTHOR},
    r"/formgrader/api/assignment/([^/]+)/unrelease": {"POST": Right.AUTHOR},
}
"""Which right a request takes, by the pattern of its path and its method; HEAD is as GET."""

BUTTONS: Mapping[str, Right] = {
    ".edit a, .assign a, .release a, tr:has([onclick^=createAssignmentModal])": Right.AUTHOR,
    ".nav [href$=manage_assignments], .nav [href$=manage_students]": Right.RUN,
}
"""Of nbgrader's pages, by selector: what is of no use without this right."""


def group(role: Role, course: str) -> str:
    return f"{PREFIXES[role]}-{course}"


def roles_of(groups: Collection[str], course: str) -> frozenset[Role]:
    """Return what somebody in these hub groups is in this course."""
    return frozenset(role for role in Role if group(role, course) in groups)


def rights_of(groups: Collection[str], course: str) -> frozenset[Right]:
    return frozenset(right for role in roles_of(groups, course) for right in RIGHTS[role])


def as_table() -> str:
    """Return the rights of all roles in Markdown, as docs/hub.md has it."""
    rows = [["", *PREFIXES], ["---"] * (1 + len(PREFIXES)), ["", *(f"`{name}-<course>`" for name in PREFIXES.values())]]
    rows += [[right, *("yes" if right in RIGHTS[role] else "" for role in PREFIXES)] for right in Right]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)

"""Who is on the tests' hub."""

from __future__ import annotations

import hashlib

from autograder.hub.roles import Role, group

COURSES = ("cnn", "rnn")

TAG = f"t{hashlib.sha256(__file__.encode()).hexdigest()[:4]}-"
"""Of this clone: another one may be tested on the same machine at the same time."""

STUDENT, GRADER, INSTRUCTOR, STAFF = (f"aghub-{TAG}{name}" for name in ("student", "grader", "teacher", "staff"))
FELLOW = f"aghub-{TAG}fellow"
"""Another student of the first course, who takes the second one, too."""

ELSEWHERE = f"aghub-{TAG}double"
"""Teaches the second course and takes the first."""

NO_MOUSE = f"aghub-{TAG}keys"
"""A student of the second course with a keyboard and no mouse."""

NOBODY = f"aghub-{TAG}nobody"

PEOPLE = {
    STUDENT: [group(Role.STUDENT, "cnn")],
    FELLOW: [group(Role.STUDENT, "cnn"), group(Role.STUDENT, "rnn")],
    GRADER: [group(Role.GRADER, "cnn")],
    INSTRUCTOR: [group(Role.INSTRUCTOR, "cnn")],
    STAFF: [group(Role.STAFF, "cnn")],
    ELSEWHERE: [group(Role.STUDENT, "cnn"), group(Role.INSTRUCTOR, "rnn"), group(Role.STAFF, "rnn")],
    NO_MOUSE: [group(Role.STUDENT, "rnn")],
    NOBODY: [],
}

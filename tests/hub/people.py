"""Who is on the tests' hub."""

from __future__ import annotations

import socket

from autograder.hub.roles import Role, group

COURSES = ("cnn", "rnn")

STUDENT, GRADER, INSTRUCTOR, STAFF = "aghub-t-student", "aghub-t-grader", "aghub-t-teacher", "aghub-t-staff"
FELLOW = "aghub-t-fellow"
"""Another student of the first course, who takes the second one, too."""

ELSEWHERE = "aghub-t-double"
"""Teaches the second course and takes the first."""

NOBODY = "aghub-t-nobody"

PEOPLE = {
    STUDENT: [group(Role.STUDENT, "cnn")],
    FELLOW: [group(Role.STUDENT, "cnn"), group(Role.STUDENT, "rnn")],
    GRADER: [group(Role.GRADER, "cnn")],
    INSTRUCTOR: [group(Role.INSTRUCTOR, "cnn")],
    STAFF: [group(Role.STAFF, "cnn")],
    ELSEWHERE: [group(Role.STUDENT, "cnn"), group(Role.INSTRUCTOR, "rnn"), group(Role.STAFF, "rnn")],
    NOBODY: [],
}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port

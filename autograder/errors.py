"""Everything of ours that is raised on purpose. An error says what to do next.

AutograderError
├── CourseError      an author's mistakes, all of them at once
├── ReleaseError     no release, or none that fits the submission
├── DataError        a data pack is missing or damaged
├── SandboxError     this machine cannot confine code, or a sandbox broke: our failure, never a student's
├── WireError        bytes from a sandbox that are no plain value: evidence becomes "unreadable"
└── NotebookError    a submitted file that cannot be read as a notebook at all
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handin.wire import WireError as WireError

LOST = 3
"""Exit code when something of ours failed for some: run the same command again, and what was done for all others is
kept. 0: done. 1: an error with a remedy. 2: usage."""


def said(error: BaseException) -> str:
    """Return kind and text of an error, for a sentence of ours to end with: its own full stop would be a second one."""
    return f"{type(error).__name__}: {error}".rstrip(" .:")


class AutograderError(Exception):
    """The root: the command line prints its text and exits with 1."""


@dataclass(frozen=True)
class Fault:
    """One mistake in course content: where it is, what is wrong, what to do."""

    file: str
    exercise: str
    problem: str
    remedy: str

    @classmethod
    def in_toml(cls, problem: str, remedy: str) -> Fault:
        """One in course.toml, whose tables the problem names."""
        return cls("course/course.toml", "", problem, remedy)

    def __str__(self) -> str:
        place = f"{self.file} [{self.exercise}]" if self.exercise else self.file
        return f"{place}: {self.problem} {self.remedy}".rstrip()


class CourseError(AutograderError):
    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))


class ReleaseError(AutograderError):
    pass


class DataError(AutograderError):
    pass


class SandboxError(AutograderError):
    pass


class NotebookError(AutograderError):
    pass

"""Where an author's code raised, in words."""

from __future__ import annotations

import traceback

from autograder.errors import said

PACKAGE = "_course_"
"""What the names of packages begin with under which folders course/ are imported."""


def raised(error: BaseException) -> str:
    """Return what was raised, and at which line of the course's own code, where that had a part in it."""
    what = said(error)
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        package, _, module = str(frame.f_globals.get("__name__", "")).partition(".")
        if package.startswith(PACKAGE):
            return f"{what}, at line {line} of course/{module.replace('.', '/')}.py"
    return what

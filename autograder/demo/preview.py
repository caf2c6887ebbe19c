"""Walks an assignment as a test student, from release to feedback, in a scratch folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from autograder.course import Course
from autograder.demo.scratch import make_course, nbgrader, release
from autograder.errors import AutograderError
from autograder.progress import grade_class

SOLVED, BLANK = "test-student-solved", "test-student-blank"


def preview(course: Course, name: str, say: Callable[[str], None], students: int = 1) -> str:
    """Grade the worked solution and the untouched release; return a line that says where to look.

    students: how many hand the worked solution in, each with variants and hidden inputs of their own. One whom chance
    takes a point is not seen with a single one.

    AutograderError when the worked solution does not reach full marks or the release scores something: an author's
    mistake that no other check finds.
    """
    course.assignment(name)
    here = make_course(course, course.root / "preview", course.setting)
    say(f"releasing {name} in {here.root}")
    release(here, name)
    solved = [SOLVED, *(f"{SOLVED}-{number}" for number in range(2, students + 1))]
    for student in (*solved, BLANK):
        folder = here.root / "submitted" / student / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(here.root / ("release" if student == BLANK else "solutions") / name, folder)
    say("grading the worked solution and the untouched release")
    reports = {done.report.student: done.report for done in grade_class(here, name, [*solved, BLANK], 2)}
    for student, report in reports.items():
        say(f"{student}: {report.score:g} of {report.max_score:g}")
    nbgrader(here.root, "generate_feedback", name, "--force")
    faults = []
    for student, report in reports.items():
        if report.lost:
            faults.append(f"{student}: grading failed on our side: {report.lost}")
        wanted = 0.0 if student == BLANK else 1.0
        for exercise, verdict in report.verdicts.items():
            # Prose waits for a person; and of a task nobody but a person can tell that it was not done.
            by_hand = verdict.score is None and (student != BLANK or here.assignment(name).plain)
            if verdict.score != wanted and not by_hand:
                faults.append(f"{student}: {exercise} scores {verdict.score}, not {wanted:g}: {verdict.message}")
    if faults:
        raise AutograderError("\n".join(["The assignment is not ready to be released:", *faults]))
    pages = Path(here.root / "feedback")
    return f"As it should be. Look at the pages under {pages}, and at the notebook in {here.root / 'release' / name}."

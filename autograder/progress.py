"""Grades a class into nbgrader's gradebook, with a bar that shows how far it is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from autograder.course import Course
from autograder.engines import Engine
from autograder.engines.local import LocalEngine
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.pipeline import Step, grade
from autograder.types import Report


@dataclass(frozen=True)
class Done:
    report: Report
    ran: bool  # False: nothing had changed


def grade_class(
    course: Course,
    name: str,
    students: Sequence[str],
    workers: int,
    *,
    force: bool = False,
    quiet: bool = False,
    console: Console | None = None,
    engine: Engine | None = None,
) -> list[Done]:
    """Grade these students' submissions of one assignment; quiet shows no bar. Without an engine, on this machine."""
    done = []
    parts = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*parts, console=console or Console(stderr=True), transient=True, disable=quiet) as bar,
        NbgraderGradebook(course.root) as book,
        redirect_stdout(sys.stderr),  # an engine's news is no answer: Ray prints what it hears of its nodes
    ):
        task = bar.add_task(f"Grading {name}", total=len(students))

        def show(student: str, step: Step) -> None:
            if step != "planned":
                bar.update(task, advance=1, description=f"Grading {name}: {student} {step}")

        carrier = engine or LocalEngine(workers)
        chosen = course.assignment(name)
        for graded in grade(course, chosen, students, carrier, gradebook=book, force=force, progress=show):
            done.append(Done(graded.report, graded.ran))
    return done

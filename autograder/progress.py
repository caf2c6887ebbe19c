"""Grades a class into nbgrader's gradebook, with a bar that shows how far it is."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.basis import find_root
from autograder.engines.local import LocalEngine
from autograder.submission import chosen
from autograder.types import Report
from autograder.unchanged import assignments, unchanged

if TYPE_CHECKING:
    from rich.console import Console

    from autograder.course import Course
    from autograder.engines import Engine
    from autograder.nbgrader_ext.gradebook import NbgraderGradebook, Standing
    from autograder.pipeline import Graded, Step


@dataclass(frozen=True)
class Done:
    report: Report
    ran: bool  # False: what was kept was judged again


class Gradebook:
    """nbgrader's, opened when it is needed: importing nbgrader takes as long as the first kernels take to start."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="gradebook")

    def expect(self) -> None:
        """It is needed soon."""
        _ = self._opening

    def record(self, done: Sequence[Graded]) -> None:
        self._opening.result().record(done)

    def standing(self, assignment: str, seals: Mapping[str, str]) -> set[str]:
        return self._opening.result().standing(assignment, seals)

    def by_hand(self, assignment: str) -> dict[tuple[str, str], float]:
        return self._opening.result().by_hand(assignment)

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        if "_opening" in vars(self) and self._opening.exception() is None:
            self._opening.result().close()

    @cached_property
    def _opening(self) -> Future[NbgraderGradebook]:
        return self._pool.submit(_opened, self._root)


def _opened(root: Path) -> NbgraderGradebook:
    from autograder.nbgrader_ext.gradebook import NbgraderGradebook

    return NbgraderGradebook(root)


@dataclass
class Class:
    """What came of grading a class."""

    done: list[Done] = field(default_factory=list)
    same: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """By assignment and student: reports, as they lie in the store, of those of whom nothing has changed."""
    empty: tuple[str, ...] = ()  # assignments for which nothing is submitted
    dates: tuple[str, ...] = ()  # where the gradebook says something else than course.toml, which counts


def grade_all(
    folder: Path,
    names: Sequence[str] | None,
    wanted: Collection[str] | None,
    workers: int,
    *,
    force: bool = False,
    quiet: bool = False,
    engine: Engine | None = None,
) -> Class:
    """Grade these assignments, or all, of the course at or above folder: of students who are wanted, or of all.

    The course is loaded only where something has changed: it takes longer than finding out that nothing has.
    """
    root, carrier = find_root(folder), engine or LocalEngine(workers)
    ids = assignments(root)
    if not ids or not set(names or ()) <= set(ids):
        for name in names or ():
            _load(root).assignment(name)  # says what is wrong
        _load(root)
    todo = chosen(root, names or ids, wanted)
    graded = Class(empty=tuple(name for name, students in todo.items() if not students))
    if not force:
        with Gradebook(root) as book, redirect_stdout(sys.stderr):  # an engine's news is no answer
            for name, students in todo.items():
                same = unchanged(root, name, students, carrier.environment, book) if students else {}
                graded.same |= {(name, student): report for student, report in same.items()}
                todo[name] = [student for student in students if student not in same]
    if any(todo.values()) or not graded.same:
        course = _load(root)
        for name, students in todo.items():
            if students:
                graded.done += grade_class(course, name, students, workers, force=force, quiet=quiet, engine=carrier)
        graded.dates = _differences(course)
    return graded


def standings(folder: Path, done: Sequence[Done]) -> dict[tuple[str, str], Standing]:
    """Return by assignment and student where those who were graded stand in the gradebook."""
    by_assignment: dict[str, list[str]] = {}
    for each in done:
        if not each.report.lost:
            by_assignment.setdefault(each.report.assignment, []).append(each.report.student)
    if not by_assignment:  # a run whose reports are all lost is told of even where the gradebook is why
        return {}
    with closing(_opened(find_root(folder))) as book:
        return {
            (name, student): standing
            for name, students in by_assignment.items()
            for student, standing in book.standings(name, students).items()
        }


def _differences(course: Course) -> tuple[str, ...]:
    if not any(assignment.schedule.due for assignment in course.assignments.values()):
        return ()
    from autograder.nbgrader_ext.dates import dates

    return tuple(words for found in dates(course) for words in found.differences())


def _load(root: Path) -> Course:
    from autograder.course import load_course

    return load_course(root)


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
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from autograder.pipeline import grade

    done = []
    parts = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*parts, console=console or Console(stderr=True), transient=True, disable=quiet) as bar,
        Gradebook(course.root) as book,
        redirect_stdout(sys.stderr),  # an engine's news is no answer: Ray prints what it hears of its nodes
    ):
        task = bar.add_task(f"Grading {name}", total=len(students))

        def show(student: str, step: Step) -> None:
            if step == "planned":
                book.expect()
            else:
                bar.update(task, advance=1, description=f"Grading {name}: {student} {step}")

        carrier = engine or LocalEngine(workers)
        chosen = course.assignment(name)
        for graded in grade(course, chosen, students, carrier, gradebook=book, force=force, progress=show):
            done.append(Done(graded.report, graded.ran))
    return done

"""Judges kept evidence again after a key was corrected, and says who gains or loses what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.course import Course
from autograder.pipeline import Gradebook, grade
from autograder.store import Store
from autograder.submission import chosen
from autograder.types import TIERS, Job, Run


@dataclass(frozen=True)
class Change:
    assignment: str
    student: str
    exercise: str  # "" where nothing could be judged, and nothing changes
    before: float | None  # points
    after: float | None
    why: str


def rejudge(
    course: Course,
    name: str,
    students: Sequence[str] | None,
    *,
    dry_run: bool,
    gradebook: Gradebook | None = None,
) -> list[Change]:
    """Return what changes; write it unless dry_run. A submission whose questions changed is left for `grade`."""
    store = Store(course.root)
    assignment = course.assignment(name)
    named = chosen(course.root, [name], students)[name]
    before = {student: store.report(name, student) for student in named}
    changes = []
    for graded in grade(course, assignment, named, NoEngine(), gradebook=gradebook, run=False, keep=not dry_run):
        report, old = graded.report, before[graded.report.student]
        if report.lost is not None:
            changes.append(Change(name, report.student, "", None, None, report.lost))
            continue
        for exercise, verdict in report.verdicts.items():
            earlier = old.verdicts.get(exercise) if old else None
            if earlier is not None and (earlier.score, earlier.misconception) == (verdict.score, verdict.misconception):
                continue
            points = report.points[exercise]
            changes.append(
                Change(
                    name,
                    report.student,
                    exercise,
                    earlier.score * points if earlier and earlier.score is not None else None,
                    verdict.score * points if verdict.score is not None else None,
                    "the question changed: run `autograder grade`"
                    if verdict.needs_run
                    else verdict.note or verdict.message,
                )
            )
    return changes


class NoEngine:
    """Runs nothing: for judging what is kept."""

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        return iter(())

    def environment(self, least: str = TIERS[0]) -> str:
        return ""

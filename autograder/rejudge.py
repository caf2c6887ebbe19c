"""Judges kept evidence again after a key was corrected, and says who gains or loses what, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.course import Course
from autograder.pipeline import Gradebook, failure, grade
from autograder.store import Store
from autograder.submission import chosen
from autograder.types import TIERS, Job, Report, Run, Verdict


@dataclass(frozen=True)
class Change:
    """What changes for one student in one exercise: points, the misconception that is found, or the words.

    exercise is "" where nothing could be judged, and nothing changes. before, after: points that the machine gives,
    None where a person must look. by_hand: points that a person gave, which stay as they are.
    """

    assignment: str
    student: str
    exercise: str
    before: float | None
    after: float | None
    why: str
    found_before: str | None = None
    found: str | None = None
    said_before: str = ""
    said: str = ""
    by_hand: float | None = None

    @property
    def counts(self) -> bool:
        """Whether the student's points change."""
        return bool(self.exercise) and self.before != self.after and self.by_hand is None


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
    by_hand = gradebook.by_hand(name) if gradebook is not None else {}
    changes: list[Change] = []
    for graded in grade(course, assignment, named, NoEngine(), gradebook=gradebook, run=False, keep=not dry_run):
        report = graded.report
        if report.lost is not None:
            changes.append(Change(name, report.student, "", None, None, report.lost))
            continue
        old = before[report.student]
        gone = [e for e in old.verdicts if e not in report.verdicts] if old is not None else []
        for exercise in (*report.verdicts, *gone):
            change = _change(old, report, exercise, by_hand.get((report.student, exercise)))
            if change is not None:
                changes.append(change)
    return changes


def _change(old: Report | None, new: Report, exercise: str, by_hand: float | None) -> Change | None:
    """Return what changes in an exercise of one student, None if nothing does."""
    was, now = old.verdicts.get(exercise) if old is not None else None, new.verdicts.get(exercise)
    before, after = _points(old, was, exercise), _points(new, now, exercise)
    if was is not None and now is not None and (before, _said(was)) == (after, _said(now)):
        return None
    said_before, said = _said(was), _said(now)
    return Change(
        new.assignment, new.student, exercise, before, after, _why(was, now),
        said_before[0], said[0], said_before[1], said[1], by_hand,
    )  # fmt: skip


def _points(report: Report | None, verdict: Verdict | None, exercise: str) -> float | None:
    if report is None or verdict is None or verdict.score is None:
        return None
    return verdict.score * report.points[exercise]


def _said(verdict: Verdict | None) -> tuple[str | None, str]:
    """Return the misconception, and all that the student is told."""
    if verdict is None:
        return None, ""
    return verdict.misconception, "\n\n".join(filter(None, (verdict.message, verdict.next)))


def _why(was: Verdict | None, now: Verdict | None) -> str:
    if now is None:
        return "no longer part of the assignment"
    if now.needs_run:
        return "the question changed: run `autograder grade`"
    if now.failed:
        return failure(now)
    parts = []
    if was is not None and was.misconception != now.misconception:
        parts.append(f"found: {was.misconception or 'no misconception'} -> {now.misconception or 'no misconception'}")
    elif was is not None and was.score == now.score:
        parts.append("other words" if _said(was) != _said(now) else "other points")
    return "; ".join([*parts, now.note or now.message])


class NoEngine:
    """Runs nothing: for judging what is kept."""

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        return iter(())

    def environment(self, least: str = TIERS[0]) -> str:
        return ""

"""What grading a class and judging it again came to, for whoever sits at the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.console import answer, plain, points, show, table
from autograder.errors import LOST
from autograder.progress import Class, Done, standings
from autograder.store import report_to_json

if TYPE_CHECKING:
    from autograder.rejudge import Change
    from autograder.types import Report


def outcome(graded: Class, course: Path, as_json: bool) -> int:
    """Print what came of grading; return the exit code."""
    lost = [g.report for g in graded.done if g.report.lost]
    if as_json:
        answer(
            [
                json.loads(content)
                for content in (*graded.same.values(), *(report_to_json(g.report) for g in graded.done))
            ]
        )
    else:
        if graded.done:
            _table(graded.done, course)
        if graded.same:
            plain(f"{len(graded.same):,} of {len(graded.same) + len(graded.done):,} have not changed.")
        for r in lost:
            plain(f"- {r.student}, {r.assignment}: {r.lost}")
        for words in graded.dates:
            plain(f"- {words}")
        if graded.done:
            _failures(graded.done, lost)
    return LOST if lost else 0


def _failures(done: list[Done], lost: list[Report]) -> None:
    # Where nothing has changed, which is to be told at once, none of this is imported.
    from autograder.pipeline import failures
    from autograder.plan import CORRECT

    for words in sorted({words for g in done for words in failures(g.report)}):
        plain(f"- {words}")
    if lost:
        again = "correct what is named above, then run" if any(CORRECT in (r.lost or "") for r in lost) else "run"
        show(f"[bold red]{len(lost)} failed on our side.[/] Nobody lost a point; {again} the same command again.")


def _table(done: list[Done], course: Path) -> None:
    """Print scores as the gradebook has them: a person may have given points, and lateness may cost some."""
    stands, rows, late = standings(course, done), [], False
    for g in sorted(done, key=lambda g: (g.report.assignment, g.report.student)):
        r = g.report
        state = "lost" if r.lost else "ran" if g.ran else "judged again"
        stand = stands.get((r.assignment, r.student))
        if stand and stand.penalty:
            late, state = True, f"{state}, late: -{points(stand.penalty)}"
        score, waiting = (points(stand.score), ", ".join(stand.waiting)) if stand else ("-", "")
        rows.append([r.assignment, r.student, score, points(r.max_score), waiting, state])
    table(["assignment", "student", "score", "of", "waits for a person", ""], rows)
    if late:
        plain("Lateness is taken off these scores.")


def rejudged(found: Sequence[Change], dry_run: bool, as_json: bool) -> int:
    """Print what judging again changes, or would; return the exit code."""
    lost = [c for c in found if not c.exercise]
    if as_json:
        answer([vars(change) for change in found])
        return LOST if lost else 0
    changes = [c for c in found if c.exercise]
    if changes:
        rows = [[c.student, c.assignment, c.exercise, points(c.before), _after(c), c.why] for c in changes]
        table(["student", "assignment", "exercise", "before", "after", "why"], rows, "What changes")
    scores, would = sum(c.counts for c in changes), "would change" if dry_run else "changed"
    show(f"{scores:,} scores {would}." if scores else "No score changes.")
    if others := len(changes) - scores:
        show(f"{others:,} more only in what is said, or in what a person has graded.")
    for c in lost:
        plain(f"Not judged, nothing changed: {c.student}, {c.assignment}: {c.why}")
    return LOST if lost else 0


def _after(change: Change) -> str:
    by_hand = "" if change.by_hand is None else f"; a person's {points(change.by_hand)} stay"
    return points(change.after) + by_hand

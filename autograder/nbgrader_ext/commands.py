"""Commands about dates and grades; cli.py adds them. Imports are inside, so that --help is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.console import AsJson, Assignment, Root, Students, answer, load, plain, points, table
from autograder.errors import LOST


def add_to(app: typer.Typer) -> None:
    app.command()(dates)
    app.command()(post)


def dates(
    write: Annotated[bool, typer.Option("--write", help="Write them into the gradebook, for its pages.")] = False,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Show when everything is due and what happens after; tell where nbgrader's gradebook says something else.

    The dates of course.toml count, extensions too. Exits with 1 where the gradebook differs. An extension of somebody
    whom nobody knows yet is told, too: it may be a slip.
    """
    from autograder.nbgrader_ext import dates as both
    from autograder.schedule import moment

    loaded = load(course)
    if write:
        both.write(loaded)
    found = both.dates(loaded)
    differences = [words for each in found for words in each.differences()]
    if as_json:
        answer(
            [{"assignment": d.assignment, **vars(d.schedule), "gradebook": d.due, "nobodys": d.nobodys} for d in found]
        )
    else:
        head = ["assignment", "due", "closes", "late", "feedback", "attempts", "extensions"]
        rows = []
        for name, schedule in ((d.assignment, d.schedule) for d in found):
            late = f"-{schedule.per_day:g} % a day" if schedule.per_day else "taken" if schedule.accepts_late else "no"
            given = [f"{student} {moment(due)}" for student, due in sorted(schedule.extensions.items())]
            when = [moment(date) if date else "-" for date in (schedule.due, schedule.closes)]
            feedback = schedule.feedback + (", others in the end" if schedule.final else "")
            rows.append([name, *when, late, feedback, str(schedule.attempts or "-"), "\n".join(given)])
        table(head, rows)
        for words in (*differences, *(words for each in found for words in each.doubts())):
            plain(f"- {words}")
        if differences:
            plain("`autograder dates --write` writes those of course.toml into the gradebook.")
    raise typer.Exit(1 if differences else 0)


def post(
    assignment: Assignment,
    student: Students = None,
    dry_run: Annotated[bool, typer.Option(help="Show whose grade would be posted, and post nothing.")] = False,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Post grades: feedback is handed out with the word that its points are the grade.

    What is not due, not graded, or waits for a person is not posted. Posted again, only grades that have changed are.
    """
    from autograder.nbgrader_ext.post import NO_WAY, postings
    from autograder.nbgrader_ext.post import post as run

    loaded = load(course)
    found = postings(loaded, loaded.assignment(assignment).id, student)
    if dry_run:
        went = {one.student: NO_WAY for one in found if one.is_new and one.unreachable}
    else:
        went = {one.student: why for one, why in run(loaded, assignment, found)}
    done, rows = "would be posted" if dry_run else "posted", []
    for one in found:
        before = points(one.before.score) if one.before else "-"
        state = one.open or ("posted before" if not one.is_new else went.get(one.student, "") or done)
        rows.append([one.student, points(one.score), points(one.max_score), before, state])
    if as_json:
        names = ("student", "score", "max_score", "before", "state")
        answer([dict(zip(names, (o.student, o.score, o.max_score, o.before and o.before.score, row[-1]), strict=True))
               for o, row in zip(found, rows, strict=True)])  # fmt: skip
    else:
        table(["student", "points", "of", "posted before", ""], rows)
    raise typer.Exit(LOST if any(went.values()) else 0)

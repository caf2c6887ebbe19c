"""Commands: parse, call one function, print. Imports are inside the commands, so that --help is quick."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from autograder.console import (
    AsJson,
    Assignment,
    Root,
    Some,
    Students,
    Workers,
    answer,
    complain,
    listed,
    load,
    plain,
    show,
)
from autograder.errors import AutograderError, CourseError
from autograder.hub import commands as hub
from autograder.keep import commands as keep
from autograder.nbgrader_ext import commands as grades
from autograder.watch import commands as watching

app = typer.Typer(
    help="Grades notebooks of a course on convolutional networks: the sandbox answers, the grader judges.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
new = typer.Typer(help="Make something new.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(new, name="new")
STOPPED = 130
"""Exit code after Ctrl + C, as a shell has it."""


@app.command()
def check(assignments: Some = None, course: Root = Path(), as_json: AsJson = False) -> None:
    """Check the course content: every fault at once, with file, exercise and remedy."""
    from autograder.check import check_assignment

    none = ""
    try:
        loaded = load(course)
        chosen = [loaded.assignment(a) for a in assignments or loaded.assignments]
        faults = tuple(fault for assignment in chosen for fault in check_assignment(loaded, assignment))
        where = "1 assignment" if len(chosen) == 1 else f"{len(chosen)} assignments"
        none = f"[green]No fault[/] in {where} with {sum(len(a.exercises) for a in chosen)} exercises."
    except CourseError as error:
        faults = error.faults
    listed(faults, "fault", "faults", none, as_json)


@app.command()
def build(assignments: Some = None, course: Root = Path(), as_json: AsJson = False) -> None:
    """Bring source/ in step with course/, and make solutions/. Release with nbgrader generate_assignment after it."""
    from autograder.build import build as run

    loaded = load(course)
    built = [run(loaded, a) for a in assignments or loaded.assignments]
    if as_json:
        answer([vars(b) for b in built])
        return
    for b in built:
        what = ", ".join(b.changed) if b.changed else "nothing changed"
        show(f"[bold]{b.assignment}[/] version {b.version}: {what}")


@app.command()
def grade(
    assignments: Some = None,
    student: Students = None,
    workers: Workers = 2,
    ray: Annotated[str, typer.Option(help="Run notebooks on this Ray cluster: host:port, or auto.")] = "",
    force: Annotated[bool, typer.Option(help="Run everything again, also what is unchanged.")] = False,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Grade submitted/ into the gradebook. Only what is new or changed is run."""
    from autograder.outcome import outcome
    from autograder.progress import grade_all

    engine = None
    if ray:
        from autograder.engines.ray import RayEngine

        engine = RayEngine(ray)
    graded = grade_all(course, assignments, student, workers, force=force, quiet=as_json, engine=engine)
    for name in graded.empty:
        if not student:
            complain(f"Nothing is submitted for {name}. Run `nbgrader collect {name}` first.")
    raise typer.Exit(outcome(graded, course, as_json))


@app.command()
def rejudge(
    assignments: Some = None,
    student: Students = None,
    dry_run: Annotated[bool, typer.Option(help="Show who would gain or lose what, and write nothing.")] = False,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Judge kept evidence again, after a key, tolerance or misconception was corrected. Runs no notebook."""
    from autograder.nbgrader_ext.gradebook import NbgraderGradebook
    from autograder.outcome import rejudged
    from autograder.rejudge import rejudge as run
    from autograder.submission import chosen

    loaded = load(course)
    names = [loaded.assignment(name).id for name in assignments or loaded.assignments]
    who = chosen(loaded.root, names, student)
    with NbgraderGradebook(loaded.root) as book:
        found = [c for name in names if who[name]
                 for c in run(loaded, name, who[name], dry_run=dry_run, gradebook=book)]  # fmt: skip
    raise typer.Exit(rejudged(found, dry_run, as_json))


@app.command()
def releases(
    assignment: Assignment,
    move: Annotated[
        list[str] | None, typer.Option(help="Have this student's work judged by another release; may be repeated.")
    ] = None,
    move_all: Annotated[bool, typer.Option("--move-all", help="Move everybody who holds another release.")] = False,
    to: Annotated[str, typer.Option(help="The release to move to; default: the newest.")] = "",
    say: Annotated[str, typer.Option(help="A word to those who are moved, shown in their report.")] = "",
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Show the kept releases, what the newest has otherwise, and whose work came from each; or move students.

    Everybody is judged by the release that they fetched, until you move them. Moving changes no score by itself: run
    `autograder grade` after it. Moving somebody to the release that they fetched takes it back.
    """
    from autograder.corrections import holders, overview
    from autograder.corrections import move as run
    from autograder.release import Releases
    from autograder.submission import chosen

    loaded = load(course)
    name = loaded.assignment(assignment).id
    if move or move_all:
        kept = Releases(loaded.records, name)
        target = to or kept.newest.version
        held = holders(loaded, kept, chosen(loaded.root, [name], None if move_all else move)[name])
        run(kept, {s: r for s, r in held.items() if not move_all or r.version != target}, target, say)
    found = overview(loaded, name)
    if as_json:
        answer([asdict(version) for version in found])
        return
    for v in found:
        plain(f"{v.version}, made {v.kept[:16].replace('T', ' ')} UTC" + (", the newest" if v.newest else ""))
        plain(f"  handed in: {', '.join(v.students) or 'nothing'}")
        if not v.newest:
            plain(f"  the newest has otherwise: {v.difference}")
        for student, version in v.moved.items():
            plain(f"  moved: {student} is judged by {version}")
    if move or move_all:
        show(f"Run `autograder grade {name}`: who was moved is graded again.")


@app.command()
def report(
    out: Annotated[Path | None, typer.Option(help="Folder to write to; default: reports/ in the course.")] = None,
    assignments: Some = None,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Write the staff's page (one HTML file that opens offline) and a CSV file of the scores."""
    from autograder.analytics.decided import reports_of
    from autograder.analytics.write import write_reports
    from autograder.store import report_to_json

    loaded = load(course)
    reports = reports_of(loaded.root, [loaded.assignment(name).id for name in assignments or loaded.assignments])
    if as_json:
        answer([json.loads(report_to_json(r)) for r in reports])
        return
    titles = {a.id: a.title for a in loaded.assignments.values()}
    for path in write_reports(reports, out or loaded.root / "reports", loaded.title, titles):
        show(f"wrote [bold]{path}[/]")


@app.command()
def doctor(
    notebook: Annotated[Path, typer.Argument(help="The notebook to look at.", exists=True, dir_okay=False)],
    fetched: Annotated[
        Path | None,
        typer.Option("--release", help="The assignment's folder as it was fetched: for students, who have no course."),
    ] = None,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Say what would be repaired in a notebook before it is graded. Changes nothing."""
    from autograder.checkup import checkup

    found = checkup(notebook, fetched=fetched) if fetched else checkup(notebook, course=load(course))
    if as_json:
        answer([vars(remark) for remark in found])
    elif found:
        show(f"[yellow]{notebook.name} would be repaired before grading:[/]")
        for remark in found:
            if remark.student:
                plain(f"- {remark.student}")
    else:
        show(f"[green]{notebook.name} is fine as it is.[/]")


@app.command()
def slips(
    variants: Annotated[int, typer.Option(min=1, help="Random variants of each exercise.")] = 1000,
    numbers: Annotated[int, typer.Option(min=1, help="Random wrong numbers.")] = 10_000,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Measure how well wrong answers are explained: single slips, pairs, and false diagnoses of random numbers."""
    from rich.table import Table

    from autograder.slips import measurable, measure

    loaded = load(course)
    exercises = [e for a in loaded.assignments.values() for e in a.exercises.values() if measurable(e)]
    rows = [measure(exercise, variants, numbers) for exercise in exercises]
    if as_json:
        answer([asdict(row) for row in rows])
        return
    table = Table("exercise", "variants", "slips as themselves", "pairs as themselves", "random numbers explained")
    for row in rows:
        pairs = f"{row.pairs.fraction:.1%}" if row.pairs.of else "not looked for"
        table.add_row(
            row.exercise,
            f"{row.variants:,}",
            f"{row.singles.fraction:.1%}",
            pairs,
            f"{row.false.fraction:.2%} of {row.false.of:,}",
        )
    show(table)


@app.command()
def survey(course: Root = Path(), as_json: AsJson = False) -> None:
    """Count what the course holds: variants and how much work they are, and misconceptions."""
    from rich.table import Table

    from autograder.survey import distinct_misconceptions
    from autograder.survey import survey as run

    loaded = load(course)
    rows, distinct = run(loaded), len(distinct_misconceptions(loaded))
    if as_json:
        answer({"exercises": [asdict(row) for row in rows], "misconceptions": distinct})
        return
    table = Table("exercise", "kind", "variants", "steps", "misconceptions")
    for row in rows:
        steps = row.effort
        shown = "" if steps is None else f"{steps.least:g} to {steps.most:g}, median {steps.median:g}"
        table.add_row(row.exercise, row.kind, str(row.variants), shown, str(row.misconceptions))
    show(table)
    show(f"{distinct} different misconceptions in {len(rows)} exercises.")


@app.command()
def preview(
    assignment: Assignment,
    students: Annotated[
        int, typer.Option(min=1, help="How many hand in the worked solution, each with a variant of their own.")
    ] = 1,
    course: Root = Path(),
) -> None:
    """Walk an assignment as a test student, from release to feedback, in a scratch folder."""
    from autograder.demo.preview import preview as run

    show(run(load(course), assignment, plain, students))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where to make the demo's course.")] = Path("demo"),
    workers: Workers = 2,
    course: Root = Path(),
) -> None:
    """Make a sample class, grade it end to end on real data, and show what each student gets."""
    from autograder.demo.run import demo as run

    raise typer.Exit(run(load(course), folder, workers))


@new.command("exercise")
def new_exercise(
    assignment: Assignment,
    exercise: Annotated[str, typer.Argument(help="The new exercise's id.")],
    kind: Annotated[
        str, typer.Option(help="numeric, choice, choices, order, match, function, model or prose.")
    ] = "numeric",
    course: Root = Path(),
) -> None:
    """Make an exercise file and its cells, ready to be filled in."""
    from autograder.scaffold import new_exercise as run

    for path in run(load(course), assignment, exercise, kind):
        show(f"wrote [bold]{path}[/]")
    show(f"Fill them in, then run `autograder build {assignment}` and `autograder preview {assignment}`.")


@new.command("term")
def new_term(
    folder: Annotated[Path, typer.Argument(help="The next term's folder; new or empty.")],
    salt: Annotated[str, typer.Option(help="Decides who gets which variant; default: one that is new.")] = "",
    course: Root = Path(),
) -> None:
    """Copy the course to a folder of its own for the next term: new variants, no students, no grades, no secret."""
    from autograder.term import new_term as run

    made = run(load(course), folder, salt)
    show(f"wrote [bold]{made.root}[/], with the salt {made.salt!r}")
    show("In it, look at course/course.toml and nbgrader_config.py: title, dates, extensions, which name")
    show("students of this term; id, if both terms share an exchange. Then:")
    show("  autograder check && autograder build")
    for name in made.assignments:
        show(f"  nbgrader generate_assignment {name} --create")


for package in (watching, grades, keep, hub):
    package.add_to(app)


def main() -> None:
    """Run a command; an error of ours is printed without a traceback and exits with 1."""
    try:
        app()
    except AutograderError as error:
        print(f"autograder: {error}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as end:
        if end.code == STOPPED:  # what typer makes of Ctrl + C
            print("autograder: stopped. Nothing is lost: run the same command again to go on.", file=sys.stderr)
        raise


if __name__ == "__main__":
    main()

"""Commands: parse, call one function, print. Imports are inside the commands, so that --help is quick."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.progress import Done

app = typer.Typer(
    help="Grades notebooks of a course on convolutional networks: the sandbox answers, the grader judges.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
new = typer.Typer(help="Make something new.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(new, name="new")

LOST = 3
"""Exit code when something of ours failed: run the same command again. 0: done. 1: an error with a remedy. 2: usage."""

STOPPED = 130
"""Exit code after Ctrl + C, as a shell has it."""

Root = Annotated[Path, typer.Option("--course", help="The course's folder, or one inside it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script, and nothing else, on stdout.")]
Assignment = Annotated[str, typer.Argument(help="The assignment's id, as in course.toml.")]
Some = Annotated[list[str] | None, typer.Argument(help="Assignment ids; all when none is given.")]
Students = Annotated[list[str] | None, typer.Option("--student", help="Only this student; may be repeated.")]
Workers = Annotated[int, typer.Option(min=1, help="Notebooks run at the same time.")]


@app.command()
def check(assignments: Some = None, course: Root = Path(), as_json: AsJson = False) -> None:
    """Check the course content: every fault at once, with file, exercise and remedy."""
    from autograder.check import check_assignment
    from autograder.errors import CourseError

    try:
        loaded = _load(course)
        chosen = [loaded.assignment(a) for a in assignments or loaded.assignments]
        faults = tuple(fault for assignment in chosen for fault in check_assignment(loaded, assignment))
    except CourseError as error:
        faults = error.faults
    if as_json:
        _json([vars(fault) for fault in faults])
    elif faults:
        _print(f"[bold red]{len(faults)} {'fault' if len(faults) == 1 else 'faults'}[/]")
        for fault in faults:
            _plain(f"- {fault}")
    else:
        exercises = sum(len(a.exercises) for a in chosen)
        _print(f"[green]No fault[/] in {len(chosen)} assignments with {exercises} exercises.")
    raise typer.Exit(1 if faults else 0)


@app.command()
def build(assignments: Some = None, course: Root = Path(), as_json: AsJson = False) -> None:
    """Bring source/ in step with course/, and make solutions/. Release with nbgrader generate_assignment after it."""
    from autograder.build import build as run

    loaded = _load(course)
    built = [run(loaded, a) for a in assignments or loaded.assignments]
    if as_json:
        _json([vars(b) for b in built])
        return
    for b in built:
        what = ", ".join(b.changed) if b.changed else "nothing changed"
        _print(f"[bold]{b.assignment}[/] version {b.version}: {what}")


@app.command()
def grade(
    assignments: Some = None,
    student: Students = None,
    workers: Workers = 2,
    force: Annotated[bool, typer.Option(help="Run everything again, also what is unchanged.")] = False,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Grade submitted/ into the gradebook. Only what is new or changed is run."""
    from autograder.progress import grade_class
    from autograder.submission import chosen

    loaded = _load(course)
    names = [loaded.assignment(name).id for name in assignments or loaded.assignments]
    done: list[Done] = []
    for name, students in chosen(loaded.root, names, student).items():
        if students:
            done += grade_class(loaded, name, students, workers, force=force, quiet=as_json)
        elif not student:
            _err(f"Nothing is submitted for {name}. Run `nbgrader collect {name}` first.")
    _finish(done, as_json)


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
    from autograder.rejudge import rejudge as run
    from autograder.submission import chosen

    loaded = _load(course)
    names = [loaded.assignment(name).id for name in assignments or loaded.assignments]
    who = chosen(loaded.root, names, student)
    with NbgraderGradebook(loaded.root) as book:
        found = [c for name in names if who[name]
                 for c in run(loaded, name, who[name], dry_run=dry_run, gradebook=book)]  # fmt: skip
    lost = [c for c in found if not c.exercise]
    if as_json:
        _json([vars(change) for change in found])
        raise typer.Exit(LOST if lost else 0)
    changes = [c for c in found if c.exercise]
    from rich.table import Table

    table = Table(
        "student", "assignment", "exercise", "before", "after", "why", title="What changes" if changes else None
    )
    for c in changes:
        table.add_row(c.student, c.assignment, c.exercise, _points(c.before), _points(c.after), c.why)
    if changes:
        _print(table)
    _print(f"{len(changes)} scores {'would change' if dry_run else 'changed'}." if changes else "No score changes.")
    for c in lost:
        _plain(f"Not judged, nothing changed: {c.student}, {c.assignment}: {c.why}")
    raise typer.Exit(LOST if lost else 0)


@app.command()
def report(
    out: Annotated[Path | None, typer.Option(help="Folder to write to; default: reports/ in the course.")] = None,
    assignments: Some = None,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Write the staff's page (one HTML file that opens offline) and a CSV file of the scores."""
    from autograder.analytics.write import write_reports
    from autograder.store import Store, report_to_json

    loaded = _load(course)
    names = [loaded.assignment(name).id for name in assignments or loaded.assignments]
    reports = [r for name in names for r in Store(loaded.root).reports(name)]
    if as_json:
        _json([json.loads(report_to_json(r)) for r in reports])
        return
    titles = {a.id: a.title for a in loaded.assignments.values()}
    for path in write_reports(reports, out or loaded.root / "reports", loaded.title, titles):
        _print(f"wrote [bold]{path}[/]")


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

    found = checkup(notebook, fetched=fetched) if fetched else checkup(notebook, course=_load(course))
    if as_json:
        _json([vars(remark) for remark in found])
    elif found:
        _print(f"[yellow]{notebook.name} would be repaired before grading:[/]")
        for remark in found:
            if remark.student:
                _plain(f"- {remark.student}")
    else:
        _print(f"[green]{notebook.name} is fine as it is.[/]")


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

    loaded = _load(course)
    exercises = [e for a in loaded.assignments.values() for e in a.exercises.values() if measurable(e)]
    rows = [measure(exercise, variants, numbers) for exercise in exercises]
    if as_json:
        _json([asdict(row) for row in rows])
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
    _print(table)


@app.command()
def preview(assignment: Assignment, course: Root = Path()) -> None:
    """Walk an assignment as a test student, from release to feedback, in a scratch folder."""
    from autograder.demo.preview import preview as run

    _print(run(_load(course), assignment, _plain))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where to make the demo's course.")] = Path("demo"),
    workers: Workers = 2,
    course: Root = Path(),
) -> None:
    """Make a sample class, grade it end to end on real data, and show what each student gets."""
    from autograder.demo.run import demo as run

    raise typer.Exit(run(_load(course), folder, workers))


@new.command("exercise")
def new_exercise(
    assignment: Assignment,
    exercise: Annotated[str, typer.Argument(help="The new exercise's id.")],
    kind: Annotated[str, typer.Option(help="numeric, choice, choices, function, model or prose.")] = "numeric",
    course: Root = Path(),
) -> None:
    """Make an exercise file and its cells, ready to be filled in."""
    from autograder.scaffold import new_exercise as run

    for path in run(_load(course), assignment, exercise, kind):
        _print(f"wrote [bold]{path}[/]")
    _print(f"Fill them in, then: autograder build {assignment} && autograder preview {assignment}")
    _print(f"Fill them in, then run `autograder build {assignment}` and `autograder preview {assignment}`.")


def main() -> None:
    """Run a command; an error of ours is printed without a traceback and exits with 1."""
    from autograder.errors import AutograderError

    try:
        app()
    except AutograderError as error:
        print(f"autograder: {error}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as end:
        if end.code == STOPPED:  # what typer makes of Ctrl + C
            print("autograder: stopped. Nothing is lost: run the same command again to go on.", file=sys.stderr)
        raise


def _load(folder: Path) -> Course:
    from autograder.course import find_root, load_course

    return load_course(find_root(folder))


def _finish(graded: list[Done], as_json: bool) -> None:
    from autograder.store import report_to_json

    lost = [g.report for g in graded if g.report.lost]
    if as_json:
        _json([json.loads(report_to_json(g.report)) for g in graded])
    else:
        from rich.table import Table

        table = Table("assignment", "student", "score", "of", "waits for a person", "")
        for g in sorted(graded, key=lambda g: (g.report.assignment, g.report.student)):
            r = g.report
            state = "lost" if r.lost else "ran" if g.ran else "unchanged"
            waiting = "" if r.lost else ", ".join(r.waiting)
            score = None if r.lost else r.score
            table.add_row(r.assignment, r.student, _points(score), _points(r.max_score), waiting, state)
        if graded:
            _print(table)
        for r in lost:
            _plain(f"- {r.student}, {r.assignment}: {r.lost}")
        if lost:
            _print(f"[bold red]{len(lost)} failed on our side.[/] Nobody lost a point; run the same command again.")
    raise typer.Exit(LOST if lost else 0)


def _points(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _console(stderr: bool = False) -> Any:
    from rich.console import Console

    return Console(stderr=stderr)


def _print(content: Any) -> None:
    _console().print(content)


def _plain(text: str) -> None:
    """Print text that is not ours, such as a file name or a student's: no markup in it is obeyed."""
    _console().print(text, markup=False, highlight=False)


def _err(text: str) -> None:
    _console(stderr=True).print(text, markup=False, highlight=False)


def _json(content: Any) -> None:
    print(json.dumps(content, indent=1, ensure_ascii=False, default=str))


if __name__ == "__main__":
    main()

"""Commands: parse, call one function, print. Imports are inside the commands, so that --help is quick."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.keep import commands as keeping

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.engines import Engine
    from autograder.progress import Class
    from autograder.rejudge import Change
    from autograder.watch.events import Event, Tell

app = typer.Typer(
    help="Grades notebooks of a course on convolutional networks: the sandbox answers, the grader judges.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
new = typer.Typer(help="Make something new.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(new, name="new")
keeping.add_to(app)

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
    ray: Annotated[str, typer.Option(help="Run notebooks on this Ray cluster: host:port, or auto.")] = "",
    force: Annotated[bool, typer.Option(help="Run everything again, also what is unchanged.")] = False,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Grade submitted/ into the gradebook. Only what is new or changed is run."""
    from autograder.progress import grade_all

    engine = None
    if ray:
        from autograder.engines.ray import RayEngine

        engine = RayEngine(ray)
    graded = grade_all(course, assignments, student, workers, force=force, quiet=as_json, engine=engine)
    for name in graded.empty:
        if not student:
            _err(f"Nothing is submitted for {name}. Run `nbgrader collect {name}` first.")
    _finish(graded, as_json)


@app.command()
def watch(
    workers: Workers = 2,
    once: Annotated[bool, typer.Option("--once", help="Grade what is there, and end.")] = False,
    course: Root = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as a line of JSON.")] = False,
    metrics: Annotated[
        str, typer.Option(metavar="[HOST:]PORT", help="Serve numbers for Prometheus; on this machine alone by default.")
    ] = "",
) -> None:
    """Grade what arrives in nbgrader's exchange, as it arrives, and lay its feedback where students fetch it.

    Can be stopped at any moment (Ctrl + C, SIGTERM, a crash): what is not done is taken up at the next start.
    """
    import os
    import signal

    from autograder.engines.local import LocalEngine
    from autograder.watch.systemd import notify
    from autograder.watch.watcher import Watcher

    loaded = _load(course)
    engine: Engine = LocalEngine(1)  # for each of the workers
    told: list[Tell] = [lambda event: print(event.as_json() if as_json else event, flush=True), notify]

    def tell(event: Event) -> None:
        for each in told:
            each(event)

    if metrics:
        from importlib.metadata import version

        from autograder.sandbox.tiers import tier
        from autograder.watch.metrics import Metrics

        meter = Metrics(loaded.id, version("autograder"), tier().name)
        engine = meter.counting(engine)
        told.append(meter.tell)
    watcher = Watcher(loaded, engine, workers, tell)
    engine.environment(loaded.tier)  # where nothing confines, this ends before anybody is graded
    if metrics:
        meter.follow(watcher.waiting)
        meter.serve(metrics)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: watcher.stop())
    ended = watcher.run(once)
    code = LOST if once and ended.lost else 0
    if ended.left:
        # What still runs would be waited for. Its sandbox ends with us, and its mark says that it is to be done again.
        sys.stdout.flush()
        os._exit(code)
    raise typer.Exit(code)


@app.command()
def dates(
    write: Annotated[bool, typer.Option("--write", help="Write them into the gradebook, for its pages.")] = False,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Show when everything is due and what happens after; tell where nbgrader's gradebook says something else.

    The dates of course.toml count, extensions too. Exits with 1 where the gradebook differs.
    """
    from autograder.nbgrader_ext import dates as both
    from autograder.schedule import moment

    loaded = _load(course)
    if write:
        both.write(loaded)
    found = both.dates(loaded)
    differences = [words for each in found for words in each.differences()]
    if as_json:
        _json([{"assignment": d.assignment, **vars(d.schedule), "gradebook": d.due} for d in found])
    else:
        head = ["assignment", "due", "closes", "late", "feedback", "attempts", "extensions"]
        rows = []
        for name, schedule in ((d.assignment, d.schedule) for d in found):
            late = f"-{schedule.per_day:g} % a day" if schedule.per_day else "taken" if schedule.accepts_late else "no"
            given = [f"{student} {moment(due)}" for student, due in sorted(schedule.extensions.items())]
            when = [moment(date) if date else "-" for date in (schedule.due, schedule.closes)]
            feedback = schedule.feedback + (", others in the end" if schedule.final else "")
            rows.append([name, *when, late, feedback, str(schedule.attempts or "-"), "\n".join(given)])
        _table(head, rows)
        for words in differences:
            _plain(f"- {words}")
        if differences:
            _plain("`autograder dates --write` writes those of course.toml into the gradebook.")
    raise typer.Exit(1 if differences else 0)


@app.command()
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
    from autograder.nbgrader_ext.post import post as run
    from autograder.nbgrader_ext.post import postings

    loaded = _load(course)
    found = postings(loaded, loaded.assignment(assignment).id, student)
    went = {} if dry_run else {one.student: why for one, why in run(loaded, assignment, found)}
    done, rows = "would be posted" if dry_run else "posted", []
    for one in found:
        before = _points(one.before.score) if one.before else "-"
        state = one.open or ("posted before" if not one.is_new else went.get(one.student, "") or done)
        rows.append([one.student, _points(one.score), _points(one.max_score), before, state])
    if as_json:
        names = ("student", "score", "max_score", "before", "state")
        _json([dict(zip(names, (o.student, o.score, o.max_score, o.before and o.before.score, row[-1]), strict=True))
               for o, row in zip(found, rows, strict=True)])  # fmt: skip
    else:
        _table(["student", "points", "of", "posted before", ""], rows)
    raise typer.Exit(LOST if any(went.values()) else 0)


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
    if changes:
        rows = [[c.student, c.assignment, c.exercise, _points(c.before), _after(c), c.why] for c in changes]
        _table(["student", "assignment", "exercise", "before", "after", "why"], rows, "What changes")
    scores, would = sum(c.counts for c in changes), "would change" if dry_run else "changed"
    _print(f"{scores:,} scores {would}." if scores else "No score changes.")
    if others := len(changes) - scores:
        _print(f"{others:,} more only in what is said, or in what a person has graded.")
    for c in lost:
        _plain(f"Not judged, nothing changed: {c.student}, {c.assignment}: {c.why}")
    raise typer.Exit(LOST if lost else 0)


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

    loaded = _load(course)
    name = loaded.assignment(assignment).id
    if move or move_all:
        kept = Releases(loaded.records, name)
        target = to or kept.newest.version
        held = holders(loaded, kept, chosen(loaded.root, [name], None if move_all else move)[name])
        run(kept, {s: r for s, r in held.items() if not move_all or r.version != target}, target, say)
    found = overview(loaded, name)
    if as_json:
        _json([asdict(version) for version in found])
        return
    for v in found:
        _plain(f"{v.version}, made {v.kept[:16].replace('T', ' ')} UTC" + (", the newest" if v.newest else ""))
        _plain(f"  handed in: {', '.join(v.students) or 'nothing'}")
        if not v.newest:
            _plain(f"  the newest has otherwise: {v.difference}")
        for student, version in v.moved.items():
            _plain(f"  moved: {student} is judged by {version}")
    if move or move_all:
        _print(f"Run `autograder grade {name}`: who was moved is graded again.")


@app.command()
def report(
    out: Annotated[Path | None, typer.Option(help="Folder to write to; default: reports/ in the course.")] = None,
    assignments: Some = None,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Write the staff's page (one HTML file that opens offline) and a CSV file of the scores."""
    from autograder.analytics.decided import decided
    from autograder.analytics.write import write_reports
    from autograder.nbgrader_ext.gradebook import NbgraderGradebook
    from autograder.store import Store, report_to_json

    loaded = _load(course)
    names = [loaded.assignment(name).id for name in assignments or loaded.assignments]
    if as_json:
        _json([json.loads(report_to_json(r)) for name in names for r in Store(loaded.root).reports(name)])
        return
    with NbgraderGradebook(loaded.root) as book:
        reports = [r for name in names for r in decided(Store(loaded.root).reports(name), book.by_hand(name))]
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
def survey(course: Root = Path(), as_json: AsJson = False) -> None:
    """Count what the course holds: variants and how much work they are, and misconceptions."""
    from rich.table import Table

    from autograder.survey import distinct_misconceptions
    from autograder.survey import survey as run

    loaded = _load(course)
    rows, distinct = run(loaded), len(distinct_misconceptions(loaded))
    if as_json:
        _json({"exercises": [asdict(row) for row in rows], "misconceptions": distinct})
        return
    table = Table("exercise", "kind", "variants", "steps", "misconceptions")
    for row in rows:
        steps = row.effort
        shown = "" if steps is None else f"{steps.least:g} to {steps.most:g}, median {steps.median:g}"
        table.add_row(row.exercise, row.kind, str(row.variants), shown, str(row.misconceptions))
    _print(table)
    _print(f"{distinct} different misconceptions in {len(rows)} exercises.")


@app.command()
def audit(
    hub: Annotated[
        Path | None, typer.Option(help="The hub's jupyterhub_config.py: all its courses; default: this course alone.")
    ] = None,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Say what is unsafe on this machine, and the command that mends it. Run it as root; it changes nothing."""
    import os

    from autograder.course import find_root
    from autograder.errors import AutograderError
    from autograder.hub.audit import audit as run
    from autograder.hub.audit import one_course, read_hub

    if os.geteuid():
        raise AutograderError("Only root sees what others may read: run `sudo autograder audit` with the same options.")
    found = run(read_hub(hub.resolve()) if hub else one_course(find_root(course)))
    if as_json:
        _json([vars(finding) for finding in found])
    elif found:
        _print(f"[bold red]{len(found)} unsafe {'thing' if len(found) == 1 else 'things'}[/]")
        for finding in found:
            _plain(f"- {finding}")
    else:
        _print("[green]Nothing unsafe was found.[/]")
    raise typer.Exit(1 if found else 0)


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
    kind: Annotated[
        str, typer.Option(help="numeric, choice, choices, order, match, function, model or prose.")
    ] = "numeric",
    course: Root = Path(),
) -> None:
    """Make an exercise file and its cells, ready to be filled in."""
    from autograder.scaffold import new_exercise as run

    for path in run(_load(course), assignment, exercise, kind):
        _print(f"wrote [bold]{path}[/]")
    _print(f"Fill them in, then run `autograder build {assignment}` and `autograder preview {assignment}`.")


@new.command("term")
def new_term(
    folder: Annotated[Path, typer.Argument(help="The next term's folder; new or empty.")],
    salt: Annotated[str, typer.Option(help="Decides who gets which variant; default: one that is new.")] = "",
    course: Root = Path(),
) -> None:
    """Copy the course to a folder of its own for the next term: new variants, no students, no grades, no secret."""
    from autograder.term import new_term as run

    made = run(_load(course), folder, salt)
    _print(f"wrote [bold]{made.root}[/], with the salt {made.salt!r}")
    _print(
        "In it, look at course/course.toml (title; id, if both terms share an exchange) and nbgrader_config.py. Then:"
    )
    _print("  autograder check && autograder build")
    for name in made.assignments:
        _print(f"  nbgrader generate_assignment {name} --create")


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


def _finish(graded: Class, as_json: bool) -> None:
    from autograder.store import report_to_json

    lost = [g.report for g in graded.done if g.report.lost]
    if as_json:
        _json(
            [
                json.loads(content)
                for content in (*graded.same.values(), *(report_to_json(g.report) for g in graded.done))
            ]
        )
    else:
        rows = []
        for g in sorted(graded.done, key=lambda g: (g.report.assignment, g.report.student)):
            r = g.report
            state = "lost" if r.lost else "ran" if g.ran else "judged again"
            waiting = "" if r.lost else ", ".join(r.waiting)
            score = None if r.lost else r.score
            rows.append([r.assignment, r.student, _points(score), _points(r.max_score), waiting, state])
        if rows:
            _table(["assignment", "student", "score", "of", "waits for a person", ""], rows)
        if graded.same:
            _plain(f"{len(graded.same):,} of {len(graded.same) + len(graded.done):,} have not changed.")
        for r in lost:
            _plain(f"- {r.student}, {r.assignment}: {r.lost}")
        for words in graded.dates:
            _plain(f"- {words}")
        if lost:
            _print(f"[bold red]{len(lost)} failed on our side.[/] Nobody lost a point; run the same command again.")
    raise typer.Exit(LOST if lost else 0)


def _after(change: Change) -> str:
    by_hand = "" if change.by_hand is None else f"; a person's {_points(change.by_hand)} stay"
    return _points(change.after) + by_hand


def _points(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _console(stderr: bool = False) -> Any:
    from rich.console import Console

    return Console(stderr=stderr)


def _table(head: list[str], rows: list[list[str]], title: str | None = None) -> None:
    """Print rows of text that is not ours."""
    from rich.table import Table
    from rich.text import Text

    table = Table(*head, title=title)
    for row in rows:
        table.add_row(*map(Text, row))
    _print(table)


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

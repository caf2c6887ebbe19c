"""The commands of this package; cli.py adds them. Imports are inside, so that --help is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.console import AsJson, Root, answer, inert

LEFT = 3
"""Exit code when something is left to be done: run the same command again, or do what it says."""

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")]
Name = Annotated[str, typer.Argument(help="The student's user name.")]

student = typer.Typer(
    help="Hand out, or erase, what is kept of one student.", no_args_is_help=True, rich_markup_mode=None
)


def add_to(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)
    app.command()(tidy)
    app.add_typer(student, name="student")


def backup(
    target: Annotated[Path, typer.Argument(help="A new file, or a folder to put one into.")],
    check: Annotated[bool, typer.Option("--check", help="Write nothing: verify the backup that lies there.")] = False,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Copy all that cannot be made again into one file, while everything goes on.

    The file holds the course's secret, keys and grades: only its owner can read it, and only staff may have it.
    """
    from autograder.basis import find_root
    from autograder.keep.archive import check as verify
    from autograder.keep.backup import backup as run

    if check:
        found = verify(target)
        if as_json:
            answer({**found.head, **found.more, "files": len(found.files), "bytes": found.size})
            return
        made_by = f"{found.head['made']}, by autograder {found.head['program']}"
        _say(f"{target} is whole: {found.head['course']!r}, {len(found.files):,} files, {_mb(found.size)}, {made_by}.")
        return
    made = run(find_root(course), target, _progress)
    if as_json:
        answer({"file": str(made.file), "files": made.files, "bytes": made.size, "gradebook": made.gradebook,
               "exchange": made.exchange, "left_out": made.left_out})  # fmt: skip
        return
    for name, why in made.left_out.items():
        _say(f"Left out: {name}: {why}")
    if not made.gradebook:
        _say("There is no gradebook yet.")
    if not made.exchange:
        _say("The exchange is not in it: it is not there, or cannot be read.")
    _say(f"wrote {made.file}: {made.files:,} files, {_mb(made.size)}, {_mb(made.file.stat().st_size)} compressed.")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.", exists=True, dir_okay=False)],
    folder: Annotated[Path, typer.Argument(help="The restored course's folder; new or empty.")],
    db: Annotated[
        str,
        typer.Option(metavar="URL", help="An empty database for the gradebook, if not the one in nbgrader_config.py."),
    ] = "",
    exchange: Annotated[
        str, typer.Option(metavar="FOLDER", help="An exchange, if not the one that nbgrader_config.py names.")
    ] = "",
) -> None:
    """Put a course back from a backup, into an empty folder: nothing is ever written over what is there.

    A backup holds programs (nbgrader_config.py, course/): restore none that you have not made.
    """
    from autograder.keep.restore import restore as run

    done = run(file, folder, db, exchange)
    _say(f"restored {done.backup.head['course']!r} as of {done.backup.head['made']} to {folder}")
    _say(f"Its gradebook: {done.gradebook or 'none'}")
    for note in done.notes:
        _say(note)
    for what in done.collected:
        _say(f"Was handed in and not collected yet: {what}")
    _say("Now run `autograder grade` in it: what was in work when the backup was made is graded, and nothing else.")


def tidy(dry_run: DryRun = False, course: Root = Path(), as_json: AsJson = False) -> None:
    """Make room by [course.keep] in course.toml. Grades, comments, reports and submissions stay."""
    from autograder.basis import find_root
    from autograder.course import load_course
    from autograder.keep.tidy import KINDS
    from autograder.keep.tidy import tidy as run

    loaded = load_course(find_root(course))
    done = run(loaded, dry_run=dry_run)
    sums = {kind: [piece.size for piece in done.gone if piece.kind == kind] for kind in KINDS}
    if as_json:
        gone = [{"kind": p.kind, "place": str(p.place), "bytes": p.size} for p in done.gone]
        answer({"gone": gone, "freed": done.freed, "used": done.used, "over": done.over,
               "swept": list(map(str, done.swept)), "put_back": list(map(str, done.put_back)),
               "stuck": done.stuck})  # fmt: skip
        raise typer.Exit(LEFT if done.over or done.stuck else 0)
    verb = "would go" if dry_run else "gone"
    for kind, sizes in sums.items():
        if sizes:
            _say(f"{verb}: {len(sizes):,} {kind}, {_mb(sum(sizes))}")
    if done.swept:
        _say(f"{verb}: {len(done.swept):,} things that a killed program left")
    for path in done.put_back:
        _say(f"put back what a kill had hidden: {path}")
    for place in done.stuck:
        _say(f"cannot be removed: {place}. Run this as root, or as who owns it.")
    if not done.gone and not done.stuck:
        _say(f"Nothing goes by [course.keep]; {_mb(done.used)} could.")
    if sums["evidence"]:
        _say("What has no evidence any more keeps its grade; to judge it again needs a run (`autograder grade`).")
    if done.over:
        _say(f"{_mb(done.over)} above quota_gb: nothing more may go, because a person or a grade still needs it.")
    if done.over or done.stuck:
        raise typer.Exit(LEFT)


@student.command("export")
def student_export(
    name: Name,
    file: Annotated[Path, typer.Argument(help="The new zip file.")],
    course: Root = Path(),
) -> None:
    """Write all that is kept of a student into a zip of plain files: work, feedback, scores, comments, evidence."""
    from autograder.basis import find_root
    from autograder.keep.export import export as run

    done = run(find_root(course), name, file)
    for what, why in done.left_out.items():
        _say(f"Left out: {what}: {why}")
    _say(f"wrote {done.file}: {done.files:,} files")
    _say("It may hold feedback and points that wait to be handed out: mind the dates before you give it away.")


@student.command("erase")
def student_erase(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
    course: Root = Path(),
) -> None:
    """Remove all that is kept of a student, grades included. It cannot be taken back.

    Stop `autograder watch` first. If it is interrupted, run it again.
    """
    from autograder.basis import find_root
    from autograder.keep.erase import erase as run

    root = find_root(course)
    found = run(root, name, dry_run=True)
    if not found.gone:
        _say(f"Nothing is kept of {name!a} here.")
    for what in found.gone:
        _say(f"{'would go' if dry_run else 'goes'}: {what}")
    left: dict[str, str] = {}
    if found.gone and not dry_run:
        if not yes:
            typer.confirm(f"Erase all this of {name!a}, for ever?", abort=True, err=True)
        left = run(root, name).left
        for what, why in left.items():
            _say(f"could not be removed: {what} ({why}). Run this as root, or as its owner.")
        _say("Erased." if not left else "Not all is erased: see above.")
    _say("What is not removed by this:")
    for what in found.elsewhere:
        _say(f"- {what}")
    raise typer.Exit(LEFT if left else 0)


def _progress(part: str) -> None:
    if sys.stderr.isatty():
        print(f"copying {part} ...", file=sys.stderr)


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _say(text: str) -> None:
    """Print a line, however long, of text that is not all ours."""
    print(inert(text))

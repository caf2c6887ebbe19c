"""The demo: from source notebooks to graded feedback, with nbgrader's own commands where nbgrader does the thing."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from autograder.analytics.write import write_reports
from autograder.course import Course
from autograder.data import pack
from autograder.demo.sample import CLASS, STORY, Expected, Student, hand_in
from autograder.demo.scratch import make_course, nbgrader, release
from autograder.progress import grade_class
from autograder.store import Store

if TYPE_CHECKING:
    from autograder.types import Report


def demo(course: Course, folder: Path, workers: int) -> int:
    """Run the whole story in folder and print the class. Return 0 if every student got what a fair teacher gives."""
    console = Console()
    start = time.monotonic()

    def step(words: str) -> None:
        console.print(f"[dim]{time.monotonic() - start:6.1f} s[/]  {words}")

    here = make_course(course, folder, "small")
    here = replace(here, assignments={name: here.assignment(name) for name in STORY})
    step(
        f"A course of {len(here.assignments)} assignments in [bold]{_shown(folder)}[/]; it trains by the small setting"
    )
    for name in sorted({name for assignment in here.assignments.values() for name in assignment.packs}):
        with console.status(f"Fetching the data pack {name}; it is kept for the next time"):
            ready = pack(here.root, name, here.setting)
        step(f"Data pack {name}: {len(ready.hidden.labels):,} hidden images, drawn again under this machine's secret")
    for name in here.assignments:
        with console.status(f"Releasing {name}"):
            new = release(here, name)
        step(f"Assignment {name}: {'built, and released by nbgrader' if new else 'already released, unchanged'}")
    for name in here.assignments:
        for student in CLASS:
            hand_in(here.root, name, student)
    step(f"{len(CLASS)} students have handed in their work")

    for name in here.assignments:
        graded = grade_class(here, name, [student.id for student in CLASS], workers, console=console)
        ran = sum(done.ran for done in graded)
        step(f"Graded {name}: {ran} notebooks were run, the others had not changed")
    for name in here.assignments:
        with console.status(f"Writing feedback on {name}"):
            count = _feedback(here, name)
        step(f"Feedback on {name}: {count} new pages")
    reports = {(r.assignment, r.student): r for name in here.assignments for r in Store(here.root).reports(name)}
    titles = {a.id: a.title for a in here.assignments.values()}
    page, scores = write_reports(list(reports.values()), here.root / "reports", here.title, titles)
    step("The staff's report is written")

    console.print(_table(here, reports))
    wrong = [line for student in CLASS for line in _unfair(here, student, reports)]
    for line in wrong:
        console.print(f"[bold red]not fair:[/] {line}")
    console.print("\nWhere to look (all of it opens in a browser, offline):")
    some = folder / "feedback" / CLASS[2].id / next(iter(here.assignments))
    console.print(f"  the class, for staff       {_shown(page)}", soft_wrap=True)
    console.print(f"  a student's feedback       {_shown(next(some.glob('*.html'), some))}", soft_wrap=True)
    console.print(f"  scores as a table          {_shown(scores)}", soft_wrap=True)
    console.print(f"  nbgrader's gradebook       {_shown(here.root / 'gradebook.db')}", soft_wrap=True)
    console.print(f"\nDone in {time.monotonic() - start:.0f} s.")
    return 1 if wrong else 0


def _feedback(course: Course, name: str) -> int:
    """Generate the pages that are missing or older than what they show."""
    stale = [student.id for student in CLASS if _is_stale(course.root, name, student.id)]
    if stale:
        # nbgrader takes one student or a pattern of them.
        pattern = "*" if len(stale) == len(CLASS) else None
        for student in [pattern] if pattern else stale:
            nbgrader(course.root, "generate_feedback", name, "--force", f"--student={student}")
    return len(stale)


def _is_stale(root: Path, name: str, student: str) -> bool:
    report = root / "records" / "reports" / name / f"{student}.json"
    pages = list((root / "feedback" / student / name).glob("*.html"))
    return not pages or min(p.stat().st_mtime for p in pages) < report.stat().st_mtime


def _table(course: Course, reports: dict[tuple[str, str], Report]) -> Table:
    table = Table(title=f"{course.title}: what each student gets", show_lines=False)
    table.add_column("student")
    table.add_column("what they did", max_width=46)
    for assignment in course.assignments.values():
        table.add_column(f"{assignment.id}\nof {assignment.points:g}", justify="right")
    table.add_column("found", max_width=34)
    table.add_column("fair")
    for student in CLASS:
        own = [reports.get((name, student.id)) for name in course.assignments]
        found = dict.fromkeys(v.misconception for r in own if r for v in r.verdicts.values() if v.misconception)
        fair = "[green]yes[/]" if not _unfair(course, student, reports) else "[bold red]NO[/]"
        table.add_row(student.id, student.did, *(_score(r) for r in own), ", ".join(found), fair)
    table.caption = "? points wait for a person: prose, and what a machine must not decide"
    return table


def _score(report: Report | None) -> str:
    if report is None:
        return "-"
    if report.lost:
        return "lost"
    waiting = sum(report.points[e] for e in report.waiting)
    return f"{report.score:.1f}" + (f" + {waiting:g}?" if waiting else "")


def _unfair(course: Course, student: Student, reports: dict[tuple[str, str], Report]) -> list[str]:
    """What a fair teacher would have given differently."""
    found = []
    for name, assignment in course.assignments.items():
        report = reports.get((name, student.id))
        if report is None or report.lost:
            found.append(f"{student.id}: {name} has no report ({report.lost if report else 'none was written'})")
            continue
        for exercise in assignment.exercises.values():
            wanted = student.expected(name, exercise.id, prose=exercise.checker.kind == "text")
            verdict = report.verdicts[exercise.id]
            if not wanted.met_by(verdict):
                got = f"got {verdict.score} {verdict.misconception or ''}"
                found.append(f"{student.id}: {name}/{exercise.id} {_said(wanted)}, {got}")
    return found


def _said(wanted: Expected) -> str:
    share = "a person" if wanted.share is None else f"{wanted.share:g}"
    return f"should get {share}{f' and be told of {wanted.misconception}' if wanted.misconception else ''}"


def _shown(path: Path) -> str:
    return os.path.relpath(path)

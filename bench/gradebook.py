"""nbgrader's gradebook with many graded cells in it: what writing and reading cost, ours and the formgrader's.

    python -m bench.gradebook                                              5,000 cells: under a minute
    python -m bench.gradebook --students 1000 --assignments 10             100,000 cells: some minutes
    python -m bench.gradebook --database postgres

The course is made up: ASSIGNMENTS times STUDENTS submissions of one notebook are put into the database row by row as
nbgrader's own classes would, with their reports and their files, because the formgrader looks at folders, too. The
formgrader's pages are timed by calling what answers them in nbgrader (nbgrader.apps.api and its gradebook).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from nbgrader import api
from nbgrader.apps.api import NbGraderAPI

from autograder.analytics.write import write_reports
from autograder.demo.scratch import nbgrader
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.places import open_course
from autograder.pipeline import Graded
from autograder.store import Store
from autograder.types import Receipt, Report, Verdict
from bench.compare import Spent
from bench.crowd import heading

CONFIG = """\
from autograder.nbgrader_ext import configure

c = get_config()
configure(c, __file__)
c.CourseDirectory.course_id = "bench"
c.Exchange.root = "/nonexistent"
"""
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
WHEN = datetime(2026, 1, 10, 12, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--assignments", type=int, default=5)
    parser.add_argument("--exercises", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3, help="of each thing that reads; the median is shown")
    parser.add_argument("--indexes", action="store_true", help="time the pages without our indexes, too: minutes")
    asked = parser.parse_args()
    heading("nbgrader", "sqlalchemy")
    cells = asked.students * asked.assignments * asked.exercises
    print(f"{cells:,} graded cells on {asked.database}: {asked.assignments} assignments of {asked.exercises} exercises")
    print(f"{asked.students:,} students")
    with tempfile.TemporaryDirectory() as scratch, database(asked.database) as url:
        bench = Bench(Path(scratch), url, asked)
        bench.fill()
        before = bench.pages() if asked.indexes else {}
        bench.write()
        after = bench.pages()
        print(f"{'reading, seconds':<52} {'clock':>9} {'CPU':>9}   CPU without our indexes")
        for words, took in after.items():
            old = before.get(words)
            beside = f"   {old.cpu:.2f}, {old.cpu / took.cpu:.1f} times" if old else ""
            print(f"{words:<52} {took.wall:9.2f} {took.cpu:9.2f}{beside}", flush=True)
        bench.ours()


@contextmanager
def database(kind: str) -> Iterator[str]:
    """Yield the URL of an empty database; "" stands for SQLite in the course's folder."""
    if kind == "sqlite":
        yield ""
        return
    from tests.nbgrader_ext.postgres import programs, server

    found = programs()
    if found is None:
        raise SystemExit("There is no PostgreSQL server program (initdb) on this machine.")
    with server(found) as url:
        yield url


class Bench:
    def __init__(self, root: Path, url: str, asked: argparse.Namespace) -> None:
        self.root, self.rounds = root, asked.rounds
        self.students = [f"student{n:05}" for n in range(asked.students)]
        self.assignments = [f"a{n:02}" for n in range(asked.assignments)]
        self.exercises = [f"exercise-{n}" for n in range(asked.exercises)]
        extra = f"c.CourseDirectory.db_url = {url!r}\n" if url else ""
        (root / "nbgrader_config.py").write_text(CONFIG + extra)
        (root / "course").mkdir()
        names = "".join(f"[assignments.{name}]\n" for name in (*self.assignments, "new"))
        (root / "course" / "course.toml").write_text(f'[course]\nid = "bench"\nsalt = "bench"\n\n{names}')
        self.course = open_course(root)

    # -- making it -------------------------------------------------------------------------------------------------

    def fill(self) -> None:
        start = time.perf_counter()
        book = api.Gradebook(self.course.db_url, "bench")
        with book, book.engine.begin() as connection:

            def insert(kind: Any, rows: list[dict[str, Any]]) -> None:
                connection.execute(kind.__table__.insert(), rows)

            insert(api.Student, [{"id": student} for student in self.students])
            for name in (*self.assignments, "new"):
                insert(api.Assignment, [{"id": name, "name": name, "course_id": "bench"}])
                insert(api.Notebook, [{"id": name, "name": name, "assignment_id": name}])
                for prefix, kind, label in (("g", api.GradeCell, "GradeCell"), ("s", api.SolutionCell, "SolutionCell")):
                    ids = [f"{prefix}-{name}-{e}" for e in self.exercises]
                    insert(api.BaseCell, [{"id": i, "name": e, "notebook_id": name, "type": label}
                                          for i, e in zip(ids, self.exercises, strict=True)])  # fmt: skip
                    graded = {"max_score": 2.0, "cell_type": "code"} if prefix == "g" else {}
                    insert(kind, [{"id": i, **graded} for i in ids])
            for name in self.assignments:
                self._submissions(insert, name)
        for name in (*self.assignments, "new"):
            for step in ("source", "release"):
                self._file(self.root / step / name / f"{name}.ipynb")
        print(f"{'made in':<52} {time.perf_counter() - start:8.1f} s")

    def _submissions(self, insert: Callable[[Any, list[dict[str, Any]]], None], name: str) -> None:
        submitted, notebooks, grades, comments = [], [], [], []
        for student in self.students:
            report, mine = self.report(name, student), f"{name}-{student}"
            submitted.append({"id": mine, "assignment_id": name, "student_id": student, "timestamp": WHEN})
            notebooks.append({"id": mine, "assignment_id": mine, "notebook_id": name})
            for exercise, verdict in report.verdicts.items():
                score = None if verdict.score is None else verdict.score * 2
                grades.append({"cell_id": f"g-{name}-{exercise}", "notebook_id": mine, "auto_score": score,
                               "needs_manual_grade": score is None})  # fmt: skip
                comments.append({"cell_id": f"s-{name}-{exercise}", "notebook_id": mine,
                                 "auto_comment": verdict.message})  # fmt: skip
            Store(self.root).put_report(report)
            for step in ("submitted", "autograded"):
                self._file(self.root / step / student / name / f"{name}.ipynb")
                (self.root / step / student / name / "timestamp.txt").write_text(f"{WHEN} UTC")
        insert(api.SubmittedAssignment, submitted)
        insert(api.SubmittedNotebook, notebooks)
        insert(api.Grade, grades)
        insert(api.Comment, comments)

    def _file(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(NOTEBOOK))

    def report(self, name: str, student: str, *, better: bool = False) -> Report:
        rng = Random(f"{name}/{student}")
        verdicts = {}
        for number, exercise in enumerate(self.exercises):
            score = None if number == 0 else rng.choice([0.0, 0.5, 1.0])
            if better and score == 0.5:
                score = 0.75
            verdicts[exercise] = Verdict(score, f"Here stand a few words, as in feedback, on a score of {score}. " * 2)
        names = dict.fromkeys(self.exercises)
        return Report(name, student, verdicts, dict.fromkeys(names, 2.0), dict.fromkeys(names, "An exercise"),
                      receipt=Receipt("0" * 64, WHEN.replace(tzinfo=UTC).isoformat()))  # fmt: skip

    # -- writing ---------------------------------------------------------------------------------------------------

    def write(self) -> None:
        executed = {"new": json.dumps(NOTEBOOK).encode()}
        print(f"{'recording':<52} {'ms each':>9} {'a second':>9} {'CPU ms':>9}")
        for size in (1, 100):
            some = self.students[:100] if size == 1 else self.students
            for words, better in (("new", False), ("nothing new", False), ("other scores", True), ("again", False)):
                done = [Graded(self.report("new", student, better=better), executed, None) for student in some]
                start, cpu = time.perf_counter(), time.process_time()
                with NbgraderGradebook(self.root) as book:
                    for first in range(0, len(done), size):
                        book.record(done[first : first + size])
                took, cpu = time.perf_counter() - start, time.process_time() - cpu
                words = f"{words}, {'one at a time' if size == 1 else f'{size} together'}"
                each, a_second, of_cpu = took / len(done) * 1000, len(done) / took, cpu / len(done) * 1000
                print(f"{words:<52} {each:9.2f} {a_second:9.0f} {of_cpu:9.2f}", flush=True)

    # -- reading ---------------------------------------------------------------------------------------------------

    def pages(self) -> dict[str, Spent]:
        """What the formgrader's pages ask of nbgrader."""
        student, name = self.students[len(self.students) // 2], self.assignments[0]
        with api.Gradebook(self.course.db_url, "bench") as book:
            nb = book.find_submission_notebook(name, name, student).id
        pages: dict[str, Callable[[NbGraderAPI], Any]] = {
            "formgrader: Manage Assignments": lambda a: a.get_assignments(),
            "formgrader: Manage Submissions of an assignment": lambda a: a.get_submissions(name),
            "formgrader: notebooks of an assignment": lambda a: a.get_notebooks(name),
            "formgrader: submissions of a notebook": lambda a: a.get_notebook_submissions(name, name),
            "formgrader: Manage Students": lambda a: a.get_students(),
            "formgrader: a student's assignments": lambda a: a.get_student_submissions(student),
            "formgrader: a submission opened (grades, comments)": lambda a: opened(a, nb),
        }
        return {words: self._timed(partial(self._page, page)) for words, page in pages.items()}

    def _page(self, page: Callable[[NbGraderAPI], Any]) -> None:
        page(NbGraderAPI(coursedir=self.course, parent=self.course.parent))

    def ours(self) -> None:
        took = self._timed(lambda: nbgrader(self.root, "export", "--to", str(self.root / "grades.csv")))
        print(f"{'nbgrader export with our plugin, a process':<52} {took.wall:9.2f} {took.cpu:9.2f}")
        took = self._timed(self._report)
        print(f"{'autograder report, without its start':<52} {took.wall:9.2f} {took.cpu:9.2f}")

    def _report(self) -> None:
        reports = [r for name in self.assignments for r in Store(self.root).reports(name)]
        write_reports(reports, self.root / "reports", "Bench", dict.fromkeys(self.assignments, "An assignment"))

    def _timed(self, work: Callable[[], Any]) -> Spent:
        times = []
        for _ in range(self.rounds):
            start, cpu = time.perf_counter(), _cpu()
            work()
            times.append(Spent(time.perf_counter() - start, _cpu() - cpu))
            if times[-1].wall > 20:
                break
        return Spent(statistics.median(t.wall for t in times), statistics.median(t.cpu for t in times))


def _cpu() -> float:
    """Of this process and of those that it has waited for."""
    return sum(os.times()[:4])


def opened(asked: NbGraderAPI, notebook: str) -> Any:
    """What the page of one submission asks for: grades and comments."""
    with asked.gradebook as book:
        found = book.find_submission_notebook_by_id(notebook)
        return [row.to_dict() for row in (*found.grades, *found.comments)]


if __name__ == "__main__":
    main()

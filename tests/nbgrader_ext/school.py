"""A course on nbgrader as staff would drive it: its own commands in this process, an engine without kernels."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI

from autograder import pipeline
from autograder.build import build
from autograder.course import load_course
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.places import open_course
from autograder.pipeline import Graded
from autograder.release import newest
from autograder.store import Store
from autograder.types import Evidence
from tests.fakes import SUMS, FakeEngine, code, submit, tiny_course

CONFIG = """\
from autograder.nbgrader_ext import configure

c = get_config()
configure(c, __file__)
c.Exchange.root = "/nonexistent"
"""

WHY = """
from autograder.checkers.prose import Prose
from autograder.exercise import Exercise

exercise = Exercise(
    id="why", title="Why", points=4, prompt="Why is that?", key=lambda params, slips: "Because.", checker=Prose(),
)
"""


def make_course(root: Path) -> Path:
    """Write the tiny course with a prose exercise, and nbgrader's configuration."""
    tiny_course(root, sums__why=WHY)
    source = root / "source" / "sums" / "sums.ipynb"
    notebook = json.loads(json.dumps(SUMS))
    about = {
        "grade": True,
        "solution": True,
        "locked": False,
        "points": 4,
        "grade_id": "why",
        "schema_version": 3,
        "task": False,
    }
    prose = {"cell_type": "markdown", "id": "why", "source": "Because.", "metadata": {"nbgrader": about}}
    question = code('ask("why")') | {"id": "why-ask"}
    notebook["cells"] += [question, prose]
    source.write_text(json.dumps(notebook), "utf-8")
    (root / "nbgrader_config.py").write_text(CONFIG)
    build(load_course(root), "sums")
    return root


@dataclass
class School:
    root: Path
    answers: dict[str, dict[str, Evidence]] = field(default_factory=dict)
    engine: FakeEngine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = FakeEngine(self.answers)

    # -- students --------------------------------------------------------------------------------------------------

    def fetch(self) -> dict[str, Any]:
        return json.loads(json.dumps(newest(self.root / "records", "sums").notebooks["sums"]))  # type: ignore[no-any-return]

    def hand_in(
        self, student: str, *, off: int = 0, why: str | None = None, content: bytes | None = None, when: str = ""
    ) -> None:
        """Submit with the own variant's answer (wrong by off), the other answer right, and prose if any."""
        path = submit(self.root, student, content if content is not None else self.fetch())
        if when:
            (path.parent / "timestamp.txt").write_text(when)
        entry = newest(self.root / "records", "sums").entry("double", student)
        assert entry is not None
        self.answers[student] = {
            "double": Evidence("ok", value=entry["params"]["n"] * 2 + off),
            "seven": Evidence("ok", value=7),
            "why": Evidence("ok", value=why or "YOUR ANSWER HERE"),
        }

    # -- staff -----------------------------------------------------------------------------------------------------

    @contextmanager
    def api(self) -> Iterator[NbGraderAPI]:
        course = open_course(self.root)
        yield NbGraderAPI(coursedir=course, parent=course.parent)

    def in_toml(self, lines: str) -> None:
        """Add lines about the assignment to course.toml."""
        self.edit_toml('title = "Sums"', f'title = "Sums"\n{lines}')

    def edit_toml(self, before: str, after: str) -> None:
        toml = self.root / "course" / "course.toml"
        text = toml.read_text()
        assert before in text
        toml.write_text(text.replace(before, after))

    def generate(self) -> None:
        with self.api() as api:
            result = api.generate_assignment("sums")
        assert result["success"], result

    def autograde(self, student: str, *, create: bool = True) -> dict[str, Any]:
        """What the formgrader's button does."""
        with self.api() as api:
            result: dict[str, Any] = api.autograde("sums", student, create=create)
        return result

    def grade(self, *students: str, force: bool = False) -> list[Graded]:
        """What `autograder grade` does."""
        course = load_course(self.root)
        with NbgraderGradebook(self.root) as book:
            return list(
                pipeline.grade(course, course.assignment("sums"), students, self.engine, gradebook=book, force=force)
            )

    def feedback(self, student: str) -> dict[str, Any]:
        with self.api() as api:
            result: dict[str, Any] = api.generate_feedback("sums", student)
        return result

    def page(self, student: str) -> str:
        return (self.root / "feedback" / student / "sums" / "sums.html").read_text("utf-8")

    def export(self) -> dict[str, dict[str, str]]:
        """Run nbgrader export, and return its rows by student."""
        from nbgrader.apps import ExportApp

        target = self.root / "grades.csv"
        app = ExportApp()
        app.load_cwd_config = False
        app.initialize(["--to", str(target), f"--CourseDirectory.root={self.root}"])
        app.start()
        with target.open(newline="") as file:
            return {row["student_id"]: row for row in csv.DictReader(file)}

    # -- what is in the gradebook ----------------------------------------------------------------------------------

    @contextmanager
    def book(self) -> Iterator[Gradebook]:
        course = open_course(self.root)
        with Gradebook(course.db_url, course.course_id) as gradebook:
            yield gradebook

    def scores(self, student: str) -> dict[str, tuple[float | None, bool]]:
        """Return the machine's score of each exercise, and whether it waits for a person."""
        with self.book() as gradebook:
            (notebook,) = gradebook.find_submission("sums", student).notebooks
            return {grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in notebook.grades}

    def total(self, student: str) -> float:
        with self.book() as gradebook:
            submission = gradebook.find_submission("sums", student)
            return float(submission.score - submission.late_submission_penalty)

    def by_hand(self, student: str, exercise: str, *, points: float | None = None, extra: float | None = None,
                comment: str | None = None) -> None:  # fmt: skip
        """What a person does on the formgrader's page."""
        with self.book() as gradebook:
            grade = gradebook.find_grade(exercise, "sums", "sums", student)
            grade.manual_score, grade.extra_credit = points, extra
            grade.needs_manual_grade = points is None and grade.auto_score is None
            if comment is not None:
                gradebook.find_comment(exercise, "sums", "sums", student).manual_comment = comment
            gradebook.db.commit()

    def report(self, student: str) -> Any:
        return Store(self.root).report("sums", student)

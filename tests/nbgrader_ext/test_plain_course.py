"""A course of plain assert cells, taken over as it is: released, submitted, run, graded and shown with nbgrader."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from autograder import pipeline
from autograder.checkers.asserts import JUDGED
from autograder.course import load_course
from autograder.engines.inline import InlineEngine
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.places import open_course
from autograder.rejudge import rejudge
from autograder.release import newest, versions
from autograder.store import Store
from autograder.types import Report
from tests.fakes import submit
from tests.nbgrader_ext.school import CONFIG, School
from tests.plain_course import HIDDEN_LINE, plain_course

pytestmark = [pytest.mark.nbgrader, pytest.mark.kernel]

GOOD = {
    "squares": "def squares(numbers):\n    return [n * n for n in numbers]",
    "mean": "def mean(numbers):\n    return sum(numbers) / len(numbers)",  # fails for an empty list
    "why": "It needs no append.",
    "show": "print(squares([3]))",
}
ONLY_LISTS = "def squares(numbers):\n    return [n * n for n in numbers + []]"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = plain_course(tmp_path_factory.mktemp("plain"))
    (root / "nbgrader_config.py").write_text(CONFIG)
    generate(root)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "course"))


def generate(root: Path) -> None:
    with School(root).api() as api:
        result = api.generate_assignment("loops")
    assert result["success"], result


def hand_in(root: Path, student: str, **answers: str) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads((root / "release" / "loops" / "loops.ipynb").read_bytes())
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(name, cell["source"])
    submit(root, student, notebook, "loops", "loops")
    return notebook


def grade(root: Path, student: str) -> Report:
    course = load_course(root)
    with NbgraderGradebook(root) as book:
        (done,) = pipeline.grade(course, course.assignment("loops"), [student], InlineEngine(), gradebook=book)
    assert done.report.lost is None
    return done.report


def scores(root: Path, student: str) -> dict[str, tuple[float | None, bool]]:
    with School(root).book() as gradebook:
        (notebook,) = gradebook.find_submission("loops", student).notebooks
        return {grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in notebook.grades}


def everything_shown(root: Path, student: str) -> str:
    with School(root).api() as api:
        assert api.generate_feedback("loops", student)["success"]
    executed = (root / "autograded" / student / "loops" / "loops.ipynb").read_text("utf-8")
    return executed + (root / "feedback" / student / "loops" / "loops.html").read_text("utf-8")


WAITS = (None, True)
EXPECTED = {"test-squares": (4, False), "test-mean": (0, False), "why": WAITS, "show": WAITS, "plot": WAITS}


def test_what_students_get_is_what_nbgrader_would_give_them(root: Path) -> None:
    released = (root / "release" / "loops" / "loops.ipynb").read_text()
    assert "HIDDEN" not in released and "12345" not in released and "n * n" not in released
    assert "raise NotImplementedError()" in released and "handin" not in released
    assert [path.name for path in (root / "release" / "loops").iterdir()] == ["loops.ipynb"]


def test_our_command_and_nbgraders_own_give_the_same_scores(root: Path) -> None:
    for student in ("ada", "bob"):
        hand_in(root, student, **GOOD)
    report = grade(root, "ada")
    with School(root).api() as api:
        result = api.autograde("loops", "bob")
    assert result["success"], result
    assert scores(root, "ada") == scores(root, "bob") == EXPECTED
    assert JUDGED in report.verdicts["test-squares"].message
    assert "a ZeroDivisionError" in report.verdicts["test-mean"].message


def test_what_is_handed_in_untouched_is_nothing(root: Path) -> None:
    hand_in(root, "ada")
    grade(root, "ada")
    assert scores(root, "ada") == dict.fromkeys(EXPECTED, (0, False)) | {"plot": (None, True)}


def test_hidden_tests_count_and_nobody_reads_them(root: Path) -> None:
    hand_in(root, "ada", **GOOD | {"squares": ONLY_LISTS})
    report = grade(root, "ada")
    assert report.verdicts["test-squares"].score == 0
    text = everything_shown(root, "ada") + report.verdicts["test-squares"].message
    assert "12345" not in text and "an iterator is fine" not in text and "secret_of_mine" not in text
    job = json.loads(
        (root / "records" / "releases" / "loops" / versions(root / "records", "loops")[0] / "private.json").read_bytes()
    )
    assert HIDDEN_LINE in job["tests"]["test-squares"]


def test_a_test_cell_that_the_student_rewrote_is_as_it_was_released(root: Path) -> None:
    hand_in(root, "ada", **GOOD | {"squares": "squares = None", "test-squares": "assert True"})
    report = grade(root, "ada")
    assert report.verdicts["test-squares"].score == 0
    assert any("You changed the cell that tests “Squares”" in remark.student for remark in report.remarks)


def test_a_corrected_hidden_test_holds_for_who_fetched_before(root: Path) -> None:
    hand_in(root, "ada", **GOOD | {"squares": ONLY_LISTS})
    grade(root, "ada")
    path = root / "source" / "loops" / "loops.ipynb"
    path.write_text(path.read_text().replace("range(5)", "list(range(5))"))
    generate(root)
    assert len(versions(root / "records", "loops")) == 1
    (change,) = [c for c in rejudge(load_course(root), "loops", ["ada"], dry_run=True) if c.exercise == "test-squares"]
    assert "run `autograder grade`" in change.why
    assert grade(root, "ada").verdicts["test-squares"].score == 1


def test_points_that_change_count_without_a_new_run(root: Path) -> None:
    hand_in(root, "ada", **GOOD)
    grade(root, "ada")
    path = root / "source" / "loops" / "loops.ipynb"
    notebook = json.loads(path.read_bytes())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "test-squares":
            cell["metadata"]["nbgrader"]["points"] = 6
    path.write_text(json.dumps(notebook))
    generate(root)
    course = load_course(root)
    with NbgraderGradebook(root) as book:
        rejudge(course, "loops", ["ada"], dry_run=False, gradebook=book)
    assert scores(root, "ada")["test-squares"] == (6, False)


def test_what_a_person_gave_stays(root: Path) -> None:
    hand_in(root, "ada", **GOOD)
    grade(root, "ada")
    with School(root).book() as gradebook:
        for name in ("why", "plot"):
            given = gradebook.find_grade(name, "loops", "loops", "ada")
            given.manual_score, given.needs_manual_grade = 2, False
        gradebook.db.commit()
    grade(root, "ada")
    with School(root).book() as gradebook:
        assert gradebook.find_submission("loops", "ada").score == 4 + 2 + 2


def test_the_formgraders_page_shows_verdicts_and_boxes(root: Path) -> None:
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

    hand_in(root, "ada", **GOOD)
    grade(root, "ada")
    extension = FormgradeExtension()
    extension.load_cwd_config = False
    extension.root_dir = str(root)
    extension.initialize([], root=str(root))
    with School(root).book() as gradebook:
        number = gradebook.find_submission_notebook("loops", "loops", "ada").id
    resources = {
        "assignment_id": "loops", "notebook_id": "loops", "submission_id": number, "index": 0, "total": 1,
        "base_url": "", "student": "ada", "last_name": None, "first_name": None, "notebook_path": "",
    }  # fmt: skip
    path = root / "autograded" / "ada" / "loops" / "loops.ipynb"
    page, _ = HTMLExporter(config=extension.config).from_filename(str(path), resources=resources)
    assert page.count("For staff") >= 5 and "could have influenced" in page
    assert "12345" not in page


def test_the_grader_keeps_the_release_like_any_other(root: Path) -> None:
    kept = newest(root / "records", "loops")
    assert kept.notebooks["loops"]["metadata"]["autograder"] == {"assignment": "loops", "version": kept.version}
    assert Store(root).report("loops", "ada") is None and open_course(root).root == str(root.resolve())

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader


def autograde_all(school: School) -> int:
    """Run nbgrader autograde on the class; return its exit code."""
    from nbgrader.apps import AutogradeApp

    app = AutogradeApp()
    app.load_cwd_config = False
    app.initialize([f"--CourseDirectory.root={school.root}", "--force", "sums"])
    try:
        app.start()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_the_button_of_the_formgrader_gives_the_score_of_our_command(school: School) -> None:
    school.hand_in("ada", off=1, why="Because it is.")
    school.hand_in("bob", off=1, why="Because it is.")
    school.grade("ada")
    assert school.autograde("bob")["success"]
    assert (
        school.scores("bob") == school.scores("ada") == {"double": (0, False), "seven": (1, False), "why": (None, True)}
    )


def test_a_class_is_graded_by_nbgraders_own_command(school: School) -> None:
    for name in ("ada", "bob"):
        school.hand_in(name)
    assert autograde_all(school) == 0
    assert [school.total(name) for name in ("ada", "bob")] == [4, 4]


def test_one_broken_notebook_stops_nobody(school: School) -> None:
    school.hand_in("ada", content=b"this is no notebook")
    school.hand_in("bob", content=json.dumps({"cells": [{"cell_type": "code"}]}).encode())
    school.hand_in("eve")
    assert autograde_all(school) == 0
    assert school.total("eve") == 4 and school.total("ada") == 0
    assert any("could not be read" in remark.student for remark in school.report("ada").remarks)


def test_a_renamed_notebook_is_graded_as_the_one_that_it_is(school: School) -> None:
    for name in ("ada", "bob"):
        school.hand_in(name)
        path = school.root / "submitted" / name / "sums" / "sums.ipynb"
        path.rename(path.with_name("sums-Copy1.ipynb"))
    result = school.autograde("ada")
    assert result["success"] and "sums-Copy1.ipynb taken as sums.ipynb" in result["log"]
    school.grade("bob")
    assert school.total("ada") == school.total("bob") == 4
    assert school.scores("ada") == school.scores("bob")
    assert school.feedback("ada")["success"] and "was taken as sums.ipynb" in school.page("ada")


@pytest.mark.parametrize("stamp", [b"yesterday", b"", b"\xff\xfe\0", b"9" * 400, b"2026-13-99 99:99:99 UTC"])
def test_a_time_stamp_that_cannot_be_read_stops_nothing(school: School, stamp: bytes) -> None:
    for name in ("ada", "bob"):
        school.hand_in(name)
        (school.root / "submitted" / name / "sums" / "timestamp.txt").write_bytes(stamp)
    result = school.autograde("ada")
    assert result["success"], result
    school.grade("bob")
    assert school.total("ada") == school.total("bob") == 4
    with school.api() as api:
        listed = api.get_submissions("sums")
    assert [s["student"] for s in listed] == ["ada", "bob"] and all(s["timestamp"] and s["autograded"] for s in listed)
    assert school.autograde("ada")["success"]  # once more: now it compares two stamps
    assert school.feedback("ada")["success"]


def test_a_copied_and_a_deleted_check_cell_are_repaired_first(school: School) -> None:
    notebook = school.fetch()
    cells = notebook["cells"]
    double = next(c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == "double")
    cells.remove(next(c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == "seven"))
    cells.append(double | {"id": "copy"})
    school.hand_in("ada", content=json.dumps(notebook).encode())
    assert school.autograde("ada")["success"]
    assert school.total("ada") == 4
    told = " ".join(remark.student for remark in school.report("ada").remarks)
    assert "2 copies" in told and "was put back" in told


def test_a_student_unknown_to_the_gradebook_is_added(school: School) -> None:
    school.hand_in("ada")
    assert school.autograde("ada")["success"]
    with school.book() as gradebook:
        assert [student.id for student in gradebook.students] == ["ada"]


def test_an_unknown_student_that_must_not_be_added_is_named(school: School) -> None:
    school.hand_in("ada")
    result = school.autograde("ada", create=False)
    assert not result["success"] and "No student with ID 'ada'" in result["log"]


def test_an_assignment_that_was_never_released_is_named(school: School) -> None:
    import shutil

    school.hand_in("ada")
    shutil.rmtree(school.root / "records")
    result = school.autograde("ada")
    assert not result["success"] and "was never released" in result["log"]
    assert (school.root / "submitted" / "ada" / "sums" / "sums.ipynb").exists()


def test_a_lost_grading_is_reported_and_the_others_go_on(school: School) -> None:
    for name in ("ada", "bob"):
        school.hand_in(name)
    school.engine.lose = {"ada"}
    assert autograde_all(school) == 1
    assert school.total("bob") == 4 and set(school.scores("ada").values()) == {(None, True)}


def test_the_executed_notebook_is_in_place(school: School) -> None:
    school.hand_in("ada")
    assert school.autograde("ada")["success"]
    shown = json.loads((school.root / "autograded" / "ada" / "sums" / "sums.ipynb").read_bytes())
    assert [c["id"] for c in shown["cells"]] == [c["id"] for c in school.fetch()["cells"]]


def test_the_formgrader_lists_the_submission_as_graded(school: School) -> None:
    school.hand_in("ada", why="Because it is.")
    school.grade("ada")
    with school.api() as api:
        (submission,) = api.get_submissions("sums")
        (notebook,) = api.get_notebook_submissions("sums", "sums")
    assert submission["autograded"] and submission["score"] == 4 and submission["needs_manual_grade"]
    assert notebook["index"] == 0 and not notebook["failed_tests"]


def test_several_notebooks_run_once_each(school: School) -> None:
    school.hand_in("ada")
    assert school.autograde("ada")["success"] and school.autograde("ada")["success"]
    assert school.engine.ran == ["ada"]


def test_the_grader_needs_no_program_on_the_path(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.nbgrader_ext.config import find_alembic

    monkeypatch.setenv("PATH", "/nonexistent")
    find_alembic()
    import shutil

    found = shutil.which("alembic")
    assert found is not None and Path(found).parent == Path(sys.executable).parent


def test_a_renamed_notebook_scores_the_same_by_both_commands(school: School) -> None:
    for name in ("ada", "bob"):
        school.hand_in(name)
        path = school.root / "submitted" / name / "sums" / "sums.ipynb"
        path.rename(path.with_name("my sums (1).ipynb"))
    school.grade("ada")
    assert school.autograde("bob")["success"]
    assert school.scores("bob") == school.scores("ada")
    assert (school.root / "autograded" / "bob" / "sums" / "sums.ipynb").exists()

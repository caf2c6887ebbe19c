from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.release import newest, versions
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader


def released(school: School) -> str:
    return (school.root / "release" / "sums" / "sums.ipynb").read_text("utf-8")


def test_what_students_get_holds_no_solution_and_no_error(school: School) -> None:
    text = released(school)
    assert "BEGIN SOLUTION" not in text and "* 2" not in text and "total = 7" not in text
    assert "NotImplementedError" not in text and "# YOUR CODE HERE" in text


def test_hidden_tests_and_mark_schemes_stay_behind(school: School) -> None:
    path = school.root / "source" / "sums" / "sums.ipynb"
    notebook = json.loads(path.read_bytes())
    check = next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "seven")
    check["source"] = "".join(check["source"]) + "\n### BEGIN HIDDEN TESTS\nassert total == 7\n### END HIDDEN TESTS"
    path.write_text(json.dumps(notebook))
    school.generate()
    assert "HIDDEN" not in released(school) and "assert total" not in released(school)
    assert "HIDDEN" not in json.dumps(newest(school.root / "records", "sums").notebooks)


def test_check_cells_are_locked(school: School) -> None:
    cells = json.loads(released(school))["cells"]
    checks = [c for c in cells if "".join(c["source"]).startswith("check(")]
    assert checks and all(c["metadata"]["editable"] is False and c["metadata"]["deletable"] is False for c in checks)


def test_the_release_that_is_kept_is_what_students_get(school: School) -> None:
    kept = newest(school.root / "records", "sums")
    assert kept.notebooks == {"sums": json.loads(released(school))}
    folder = school.root / "release" / "sums"
    assert kept.files == {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".ipynb"}
    assert {"questions.json"} < set(kept.files)  # and the student's wheel
    assert kept.notebooks["sums"]["metadata"]["autograder"] == {"assignment": "sums", "version": kept.version}


def test_the_notebook_says_below_its_title_when_it_is_due_and_a_date_that_moves_makes_no_other_release(
    school: School,
) -> None:
    before = newest(school.root / "records", "sums")
    school.in_toml("due = 2026-12-01T18:00:00Z\nlate = { per_day = 10, at_most = 50 }")
    school.generate()
    second = "".join(json.loads(released(school))["cells"][1]["source"])
    assert "**Due Tuesday, 1 December 2026, 18:00 UTC.**" in second and "10 % of the points" in second
    assert newest(school.root / "records", "sums") == before
    school.generate()
    assert released(school).count("Due Tuesday") == 1


def test_generating_again_keeps_one_release(school: School) -> None:
    school.generate()
    assert len(versions(school.root / "records", "sums")) == 1


def test_a_release_of_two_notebooks_holds_both_even_when_one_is_made_alone(school: School) -> None:
    source = school.root / "source" / "sums"
    extra = {"cells": [], "metadata": {"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
             "nbformat": 4, "nbformat_minor": 5}  # fmt: skip
    (source / "zebra.ipynb").write_text(json.dumps(extra))
    school.generate()
    assert set(newest(school.root / "records", "sums").notebooks) == {"sums", "zebra"}
    with school.api() as api:
        api.coursedir.notebook_id = "sums"
        assert api.generate_assignment("sums")["success"]
    assert set(newest(school.root / "records", "sums").notebooks) == {"sums", "zebra"}


def test_every_exercise_can_be_commented_on(school: School) -> None:
    with school.book() as gradebook:
        (notebook,) = gradebook.find_assignment("sums").notebooks
        assert {"double", "seven", "why"} <= {cell.name for cell in notebook.solution_cells}


def test_generating_again_after_submissions_is_allowed(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    school.generate()
    assert school.total("ada") == 4


def test_an_assignment_that_was_not_built_says_what_to_run(school: School) -> None:
    (school.root / "source" / "sums" / "questions.json").unlink()
    with school.api() as api:
        result = api.generate_assignment("sums")
    assert not result["success"] and "autograder build sums" in result["log"]


def test_the_configuration_works_from_anywhere(school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with school.api() as api:
        assert api.coursedir.root == str(school.root.resolve()) and api.course_id == "tiny"

"""A release is corrected in term: who is judged by what, who is told, and how staff move somebody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.corrections import difference, holders, move, overview
from autograder.course import Course, load_course
from autograder.errors import ReleaseError
from autograder.pipeline import Graded, grade
from autograder.release import Releases, load, newest, versions
from autograder.types import Evidence, Job
from tests.fakes import SEVEN, SUMS, FakeEngine, code, notebook, submit, tiny_course
from tests.test_pipeline import fetch, release_again, released

NINE = SEVEN.replace('"seven"', '"nine"').replace('"Seven"', '"Nine"').replace("3 + 4", "3 * 3").replace(": 7", ": 9")
NINE_CELLS = (code('ask("nine")'), code("x = ..."), code('check("nine", x)'))
OTHER_SEVEN = SEVEN.replace("3 + 4", "4 + 3")


def rewrite(course: Course, *cells: dict[str, Any], without: str = "", **files: str) -> Course:
    """Correct the course: other exercise files, more cells, or one exercise less; and release it again."""
    root = tiny_course(course.root, **files)
    kept = [c for c in SUMS["cells"] if not without or f'"{without}"' not in c["source"]]
    (root / "source" / "sums" / "sums.ipynb").write_text(json.dumps(notebook(*kept, *cells)))
    if without:
        (root / "course" / "sums" / f"{without}.py").unlink()
    made = load_course(root)
    release_again(made)
    return made


def with_nine(course: Course) -> Course:
    return rewrite(course, *NINE_CELLS, sums__nine=NINE)


def run(course: Course, student: str = "ada", engine: FakeEngine | None = None) -> Graded:
    engine = engine or FakeEngine({student: {"seven": Evidence("ok", 7), "nine": Evidence("ok", 9)}})
    (graded,) = grade(course, course.assignment("sums"), [student], engine)
    return graded


def told(graded: Graded) -> str:
    return " ".join(remark.student for remark in graded.report.remarks)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Released once, and fetched and handed in by ada."""
    made = released(tmp_path)
    submit(tmp_path, "ada", fetch(made))
    return made


def move_ada(course: Course, to: str, words: str = "") -> None:
    releases = Releases(course.records, "sums")
    move(releases, holders(course, releases, ["ada"]), to, words)


def test_an_exercise_added_later_is_not_asked_of_who_fetched_before(course: Course) -> None:
    later = with_nine(course)
    graded = run(later)
    assert set(graded.report.verdicts) == {"double", "seven"} and graded.report.absent == ("nine",)
    assert graded.report.max_score == 4
    assert "also asks “Nine”" in told(graded) and "fetch the assignment again" in told(graded)
    submit(course.root, "ada", fetch(later))
    again = run(later)
    assert again.report.verdicts["nine"].score == 1 and again.report.absent == () and told(again) == ""


def test_a_changed_question_is_judged_as_it_was_fetched_and_the_student_is_told(course: Course) -> None:
    graded = run(rewrite(course, sums__seven=OTHER_SEVEN))
    assert graded.report.verdicts["seven"].score == 1
    assert "“Seven” was changed. You are graded by what you were given." in told(graded)
    assert "Double" not in told(graded)


def test_nobody_is_told_of_a_change_that_does_not_concern_them(course: Course) -> None:
    for other in (
        rewrite(course, {"cell_type": "markdown", "metadata": {}, "source": "A text."}),
        rewrite(course, sums__seven=SEVEN.replace("points=1", "points=2")),
    ):
        assert len(versions(course.records, "sums")) > 1 and told(run(other)) == ""


def test_todays_points_count_for_everybody(course: Course) -> None:
    assert run(rewrite(course, sums__seven=SEVEN.replace("points=1", "points=2"))).report.points["seven"] == 2


def test_a_withdrawn_exercise_counts_for_nobody(course: Course) -> None:
    graded = run(rewrite(course, without="seven"))
    assert set(graded.report.verdicts) == {"double"} and graded.report.absent == ()
    assert "No longer part of the assignment: “Seven”. It counts for nobody." in told(graded)


def test_who_is_moved_runs_the_corrected_cells_and_gets_a_word(course: Course) -> None:
    before = newest(course.records, "sums").version
    changed = SEVEN.replace("3 + 4", "3 + 5").replace(": 7", ": 8")
    later = rewrite(course, sums__seven=changed)
    jobs: list[Job] = []
    answers = {"ada": {"seven": Evidence("ok", 8)}}
    engine = FakeEngine(answers, after=jobs.append)
    assert run(later, engine=engine).report.release == before
    move_ada(later, newest(later.records, "sums").version, "Sorry: 4 was a slip of ours.")
    graded = run(later, engine=engine)
    assert graded.ran and graded.report.release == newest(later.records, "sums").version
    assert "Sorry: 4 was a slip of ours." in told(graded) and "“Seven” asks something else" in told(graded)
    assert "3 + 5" in jobs[-1].files["questions.json"].decode()
    move_ada(later, before)
    assert run(later, engine=engine).report.release == before


def test_a_moved_notebook_keeps_what_the_student_wrote_and_loses_what_is_no_longer_asked(course: Course) -> None:
    mine = json.loads(fetch(course))
    mine["cells"][3]["source"] = "twice = 1 + 1  # mine"
    submit(course.root, "ada", mine)
    later = rewrite(course, *NINE_CELLS, without="seven", sums__nine=NINE)
    move_ada(later, newest(later.records, "sums").version)
    jobs: list[Job] = []
    graded = run(later, engine=FakeEngine({}, after=jobs.append))
    sources = [cell["source"] for cell in json.loads(jobs[-1].notebook)["cells"]]
    assert "twice = 1 + 1  # mine" in sources and 'check("double", twice)' in sources
    assert not any("seven" in source or "nine" in source for source in sources)
    assert set(graded.report.verdicts) == {"double"}


def test_work_that_is_fetched_anew_needs_no_move(course: Course) -> None:
    later = rewrite(course, sums__seven=OTHER_SEVEN)
    middle = newest(later.records, "sums").version
    move_ada(later, middle)
    last = with_nine(later)
    submit(course.root, "ada", fetch(last))
    assert run(last).report.release == newest(last.records, "sums").version != middle


def test_staff_see_who_holds_what_and_what_differs(course: Course) -> None:
    before = newest(course.records, "sums").version
    later = with_nine(rewrite(course, sums__seven=OTHER_SEVEN.replace("points=1", "points=2")))
    submit(course.root, "bob", fetch(later))
    move_ada(later, newest(later.records, "sums").version)
    found = {v.version: v for v in overview(later, "sums")}
    now = newest(later.records, "sums").version
    assert (found[before].students, found[now].students) == (("ada",), ("bob",))
    assert found[before].moved == {"ada": now} and found[now].newest
    assert found[before].difference == "added: nine"  # tiny_course wrote the first seven again


def test_differences_are_named(course: Course) -> None:
    old = newest(course.records, "sums")
    new = newest(rewrite(course, sums__seven=OTHER_SEVEN.replace("points=1", "points=2")).records, "sums")
    assert str(difference(old, new)) == "changed: seven; seven 1 -> 2 points"
    assert str(difference(new, new)) == "texts and starter code only"
    assert load(course.records, "sums", old.version).private == {}


def test_a_release_that_was_never_made_is_nothing_to_move_to(course: Course) -> None:
    with pytest.raises(ReleaseError, match="Known: "):
        move_ada(course, "0123456789abcdef")

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Thread

import pytest

from autograder.demo.scratch import nbgrader
from autograder.errors import AutograderError, ReleaseError
from autograder.ipynb import read
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.pipeline import Graded
from autograder.types import Report, Verdict
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader

INDEXES = "SELECT name FROM sqlite_master WHERE type = 'index'"


def test_partial_credit_is_exact(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    assert school.scores("ada") == {"double": (3.0, False), "seven": (1.0, False), "why": (0.0, False)}


def test_what_waits_for_a_person_has_no_score_yet(school: School) -> None:
    school.hand_in("ada", why="Because it is.")
    school.grade("ada")
    assert school.scores("ada")["why"] == (None, True)


def test_a_fraction_of_the_points_is_kept_as_it_is(school: School) -> None:
    school.hand_in("ada")
    (graded,) = school.grade("ada")
    verdicts = {**graded.report.verdicts, "double": replace(graded.report.verdicts["double"], score=1 / 3)}
    with NbgraderGradebook(school.root) as book:
        book.record([replace(graded, report=replace(graded.report, verdicts=verdicts))])
    assert school.scores("ada")["double"] == (1.0, False)


def test_what_the_verdict_says_is_in_the_gradebook_too(school: School) -> None:
    school.hand_in("ada", off=1)
    school.grade("ada")
    with school.book() as gradebook:
        said = gradebook.find_comment("double", "sums", "sums", "ada").auto_comment
    assert said == school.report("ada").verdicts["double"].message


def test_points_and_words_of_a_person_survive_another_grading(school: School) -> None:
    school.hand_in("ada", why="Because it is.")
    school.grade("ada")
    school.by_hand("ada", "why", points=3.5, comment="Good.")
    school.by_hand("ada", "seven", points=0.5, extra=2, comment="Lucky.")
    school.grade("ada", force=True)
    with school.book() as gradebook:
        rows = {
            g.name: (g.manual_score, g.extra_credit)
            for g in gradebook.find_submission("sums", "ada").notebooks[0].grades
        }
        words = gradebook.find_comment("seven", "sums", "sums", "ada").comment
    assert rows["why"] == (3.5, None) and rows["seven"] == (0.5, 2.0) and words == "Lucky."
    assert school.total("ada") == 3 + 2.5 + 3.5


def test_what_a_person_graded_is_looked_at_again_only_if_something_changed(school: School) -> None:
    school.hand_in("ada", why="Because it is.")
    school.grade("ada")
    school.by_hand("ada", "why", points=2)
    school.grade("ada", force=True)
    assert school.scores("ada")["why"] == (None, False)
    changed = school.fetch()
    changed["cells"][-1]["source"] = "Because it is so."
    school.hand_in("ada", why="Because it is so.", content=json.dumps(changed).encode())
    school.grade("ada")
    assert school.scores("ada")["why"] == (None, True)


def test_extra_credit_counts(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    school.by_hand("ada", "double", extra=1.5)
    school.grade("ada", force=True)
    assert school.total("ada") == 5.5


def late(school: School, student: str, when: str) -> None:
    school.hand_in(student, when=when)
    with (school.root / "nbgrader_config.py").open("a") as file:
        file.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with school.book() as gradebook:
        gradebook.update_or_create_assignment("sums", duedate="2026-01-10 12:00:00 UTC")


@pytest.mark.parametrize(("when", "total"), [("2026-01-10 11:59:59 UTC", 4), ("2026-01-10 12:00:01.5 UTC", 0)])
def test_the_configured_penalty_for_lateness_is_taken_off(school: School, when: str, total: float) -> None:
    late(school, "ada", when)
    school.grade("ada")
    assert school.total("ada") == total


def test_a_penalty_goes_when_the_due_date_moves(school: School) -> None:
    late(school, "ada", "2026-01-10 13:00:00 UTC")
    school.grade("ada")
    with school.book() as gradebook:
        gradebook.grant_extension("sums", "ada", hours=2)
    school.grade("ada", force=True)
    assert school.total("ada") == 4


@pytest.mark.parametrize(
    ("when", "total"),
    [("2026-01-10 12:00:00 UTC", 4), ("2026-01-10 12:00:01 UTC", 3), ("2026-01-12 11:00:00 UTC", 2),
     ("2026-03-01 12:00:00 UTC", 2)],
)  # fmt: skip
def test_what_course_toml_says_of_lateness_comes_before_the_gradebooks_date_and_nbgraders_plugin(
    school: School, when: str, total: float
) -> None:
    late(school, "ada", when)
    school.in_toml("due = 2026-01-10T12:00:00Z\nlate = { per_day = 25, at_most = 50 }")
    with school.book() as gradebook:
        gradebook.update_or_create_assignment("sums", duedate="2026-01-01 12:00:00 UTC")
    school.grade("ada")
    assert school.total("ada") == total


def test_an_extension_in_course_toml_moves_where_nbgraders_plugin_begins(school: School) -> None:
    late(school, "ada", "2026-01-10 13:00:00 UTC")
    school.in_toml('due = 2026-01-10T12:00:00Z\nextensions = { ada = "1 day" }')
    school.grade("ada")
    assert school.total("ada") == 4


def test_a_class_whose_extension_changes_is_graded_again(school: School) -> None:
    school.hand_in("ada", when="2026-01-10 13:00:00 UTC")
    school.in_toml("due = 2026-01-10T12:00:00Z\nlate = { per_day = 50 }")
    school.grade("ada")
    assert school.total("ada") == 2
    school.in_toml('extensions = { ada = "1 day" }')
    school.grade("ada")
    assert school.total("ada") == 4


def test_nbgraders_autograde_takes_the_same_penalty(school: School) -> None:
    late(school, "ada", "2026-01-10 13:00:00 UTC")
    assert school.autograde("ada")["success"]
    assert school.total("ada") == 0


def test_the_exchanges_time_is_the_gradebooks(school: School) -> None:
    school.hand_in("ada", when="2026-01-10 12:00:01.500000 UTC")
    school.grade("ada")
    with school.book() as gradebook:
        stamp = gradebook.find_submission("sums", "ada").timestamp
    assert stamp == datetime(2026, 1, 10, 12, 0, 1, 500000)
    with school.api() as api:
        assert api.get_autograded_students("sums") == {"ada"}


@pytest.mark.parametrize("when", ["yesterday", "\x00", "9" * 5000])
def test_a_time_that_cannot_be_read_stops_nobody(school: School, when: str) -> None:
    school.hand_in("ada", when=when)
    school.grade("ada")
    assert school.total("ada") == 4


def test_a_lost_first_grading_waits_for_a_person_and_scores_nothing(school: School) -> None:
    school.hand_in("ada")
    school.engine.lose = {"ada"}
    school.grade("ada")
    assert set(school.scores("ada").values()) == {(None, True)}


def test_a_lost_second_grading_changes_nothing(school: School) -> None:
    school.hand_in("ada", when="2026-01-10 12:00:00 UTC")
    school.grade("ada")
    before = school.scores("ada")
    school.engine.lose = {"ada"}
    school.hand_in("ada", off=1, when="2026-01-11 12:00:00 UTC")
    school.grade("ada", force=True)
    assert school.scores("ada") == before
    with school.book() as gradebook:
        assert gradebook.find_submission("sums", "ada").timestamp == datetime(2026, 1, 10, 12)


def test_a_lost_grading_is_replaced_when_it_is_tried_again(school: School) -> None:
    school.hand_in("ada")
    school.engine.lose = {"ada"}
    school.grade("ada")
    school.engine.lose = set()
    school.grade("ada")
    assert school.total("ada") == 4 and school.scores("ada")["double"] == (3.0, False)


def test_recording_twice_is_as_once(school: School) -> None:
    school.hand_in("ada", why="Because it is.")
    (graded,) = school.grade("ada")
    before = school.scores("ada")
    with NbgraderGradebook(school.root) as book:
        book.record([graded])
    assert school.scores("ada") == before


def test_the_executed_notebook_and_the_exchanges_files_lie_where_nbgrader_looks(school: School) -> None:
    school.hand_in("ada", when="2026-01-10 12:00:00 UTC")
    (school.root / "submitted" / "ada" / "sums" / "submission_secret.txt").write_text("secret")
    (graded,) = school.grade("ada")
    place = school.root / "autograded" / "ada" / "sums"
    assert (place / "sums.ipynb").read_bytes() == graded.executed["sums"]
    assert (place / "submission_secret.txt").read_text() == "secret"
    assert (place / "timestamp.txt").exists()


def test_a_link_among_the_submitted_files_is_not_followed(school: School, tmp_path: Path) -> None:
    (tmp_path / "private").write_text("private")
    school.hand_in("ada")
    (school.root / "submitted" / "ada" / "sums" / "submission_secret.txt").symlink_to(tmp_path / "private")
    school.grade("ada")
    assert not (school.root / "autograded" / "ada" / "sums" / "submission_secret.txt").exists()


def test_a_file_that_is_no_notebook_is_stood_in_for_and_scores_what_was_answered(school: School) -> None:
    school.hand_in("ada", content=b"PK\x03\x04")
    school.grade("ada")
    assert {name: score for name, (score, _) in school.scores("ada").items()} == {"double": 0, "seven": 0, "why": 0}
    shown = read((school.root / "autograded" / "ada" / "sums" / "sums.ipynb").read_bytes())
    assert "cannot be read" in shown["cells"][0]["source"]


def test_an_assignment_that_was_never_released_is_named(school: School) -> None:
    report = Report(assignment="products", student="ada", verdicts={}, points={}, titles={})
    with (
        NbgraderGradebook(school.root) as book,
        pytest.raises(ReleaseError, match="nbgrader generate_assignment products"),
    ):
        book.record([Graded(report, {}, None)])
    with school.book() as gradebook:
        assert gradebook.students == []


def test_a_fault_in_the_middle_leaves_the_gradebook_as_it_was(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("pulled the plug")

    school.hand_in("ada")
    monkeypatch.setattr(NbgraderGradebook, "_penalty", broken)
    with pytest.raises(RuntimeError):
        school.grade("ada")
    with school.book() as gradebook:
        assert gradebook.students == []
    monkeypatch.undo()


def test_several_writers_at_once_lose_nothing(school: School) -> None:
    names = [f"student-{n}" for n in range(8)]
    for name in names:
        school.hand_in(name)
    reports = {name: school.grade(name)[0] for name in names}
    with school.book() as gradebook:
        for name in names:
            gradebook.remove_submission("sums", name)

    def write(name: str) -> None:
        with NbgraderGradebook(school.root) as book:
            book.record([reports[name]])

    threads = [Thread(target=write, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {school.total(name) for name in names} == {4.0}


def test_a_gradebook_that_is_none_is_named_with_a_remedy(school: School) -> None:
    school.hand_in("ada")
    (school.root / "gradebook.db").write_bytes(b"garbage, and enough of it to be no empty file" * 20)
    with pytest.raises(AutograderError, match="put it back from a backup"):
        school.grade("ada")


KILLED = """
import os, sys
from pathlib import Path
from autograder.nbgrader_ext import rows
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.pipeline import Graded
from autograder.types import Receipt, Report, Verdict

write = rows.Changes.write

def killed(changes, connection):
    write(changes, connection)
    os._exit(9)

rows.Changes.write = killed
report = Report("sums", "ada", {"seven": Verdict(0.0, "Wrong.")}, {}, {}, receipt=Receipt("0" * 64, ""))
with NbgraderGradebook(Path(sys.argv[1])) as book:
    book.record([Graded(report, {}, None)])
"""


def test_a_grader_that_is_killed_while_it_writes_leaves_the_gradebook_as_it_was(school: School) -> None:
    school.hand_in("ada")
    school.hand_in("ben")
    school.grade("ada", "ben")
    before = (school.root / "records" / "recorded" / "sums" / "ada").read_bytes()
    done = subprocess.run([sys.executable, "-c", KILLED, str(school.root)], check=False)
    assert done.returncode == 9
    assert school.total("ada") == 4 and (school.root / "records" / "recorded" / "sums" / "ada").read_bytes() == before
    school.grade("ada", "ben")
    assert school.total("ada") == school.total("ben") == 4


def test_nbgrader_can_still_upgrade_a_gradebook_with_our_indexes(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    with closing(sqlite3.connect(school.root / "gradebook.db")) as database:
        assert "autograder_grade_notebook_id" in str(database.execute(INDEXES).fetchall())
    nbgrader(school.root, "db", "upgrade")
    school.grade("ada", force=True)
    assert school.total("ada") == 4


def test_a_notebook_that_is_added_later_has_rows_for_who_was_graded_before(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    with school.book() as gradebook:
        gradebook.add_notebook("more", "sums")
        gradebook.add_grade_cell("nine", "more", "sums", max_score=2, cell_type="code")
    (graded,) = school.grade("ada", force=True)
    verdicts = {**graded.report.verdicts, "nine": Verdict(1.0, "Right.")}
    with NbgraderGradebook(school.root) as book:
        book.record([replace(graded, report=replace(graded.report, verdicts=verdicts))])
    assert school.total("ada") == 6

"""A class that has not changed is left alone; and whatever could make a grade come out otherwise is noticed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import course, pipeline, plan, progress, seal
from autograder.build import build
from autograder.course import load_course
from autograder.judge import judge
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.pipeline import grade
from autograder.rejudge import rejudge
from autograder.release import Move, keep_moves, newest
from autograder.store import Store
from autograder.types import Evidence
from tests.fakes import SEVEN
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader


@pytest.fixture
def graded(school: School) -> School:
    """ada's answers are right, ben's first one is not; both were graded just now."""
    school.hand_in("ada", when="2026-01-10 12:00:00 UTC")
    school.hand_in("ben", off=1, when="2026-01-10 12:00:00 UTC")
    school.grade("ada", "ben")
    school.engine.ran.clear()
    return school


def again(school: School) -> tuple[set[str], set[str]]:
    """Do what `autograder grade sums` does. Return who was left alone, and who was graded."""
    found = progress.grade_all(school.root, ["sums"], None, 1, quiet=True, engine=school.engine)
    return {student for _, student in found.same}, {done.report.student for done in found.done}


def other_answer(school: School, student: str) -> bytes:
    notebook = school.fetch()
    notebook["cells"][3]["source"] = f"twice = 0  # of {student}"
    return json.dumps(notebook).encode()


def test_a_class_that_has_not_changed_is_left_alone_and_its_course_is_not_even_loaded(
    graded: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "load_course", None)
    assert again(graded) == ({"ada", "ben"}, set())
    assert again(graded) == ({"ada", "ben"}, set()) and graded.engine.ran == []


def test_one_changed_submission_costs_one_submission(graded: School) -> None:
    graded.hand_in("ben", content=other_answer(graded, "ben"))
    assert again(graded) == ({"ada"}, {"ben"}) and graded.engine.ran == ["ben"]
    assert graded.total("ben") == 4
    assert again(graded) == ({"ada", "ben"}, set())


def test_time_stamps_of_files_and_pages_that_others_wrote_say_nothing(graded: School) -> None:
    for path in graded.root.rglob("*"):
        os.utime(path, (1, 1))
    (graded.root / "submitted" / "ada" / "sums" / "notes.txt").write_text("mine")
    (graded.root / "course" / ".sums.py.swp").write_text("an editor's")
    graded.feedback("ada")
    assert again(graded) == ({"ada", "ben"}, set())


def test_a_comment_of_a_person_breaks_nothing(graded: School) -> None:
    with graded.book() as gradebook:
        gradebook.find_comment("seven", "sums", "sums", "ada").manual_comment = "Well done."
        gradebook.db.commit()
    assert again(graded) == ({"ada", "ben"}, set())


def test_who_was_never_recorded_by_this_version_is_graded_once(graded: School) -> None:
    recorded = graded.root / "records" / "recorded" / "sums" / "ada"
    recorded.write_text(recorded.read_text().partition("\n")[0])  # as it was before there were seals
    assert again(graded) == ({"ben"}, {"ada"}) and graded.engine.ran == []
    assert again(graded) == ({"ada", "ben"}, set())


# -- what is graded again, and what comes of it ------------------------------------------------------------------------


def execute(school: School, statement: str) -> None:
    with school.book() as gradebook, gradebook.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def report_of(school: School) -> Path:
    return school.root / "records" / "reports" / "sums" / "ada.json"


def executed(school: School) -> Path:
    return school.root / "autograded" / "ada" / "sums" / "sums.ipynb"


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def change(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


RECORDED_AGAIN: dict[str, Callable[[School], Any]] = {
    "a score of the machine's was overwritten": lambda s: execute(s, "UPDATE grade SET auto_score = 0"),
    "rows are missing": lambda s: execute(s, "DELETE FROM grade"),
    "a submission was removed": lambda s: execute(s, "DELETE FROM submitted_assignment"),
    "what the student was told was overwritten": lambda s: execute(s, "UPDATE comment SET auto_comment = 'x'"),
    "a score was given by hand": lambda s: s.by_hand("ada", "double", points=3),
    "the report is gone": lambda s: report_of(s).unlink(),
    "the report is damaged": lambda s: report_of(s).write_bytes(b"{"),
    "the executed notebook is gone": lambda s: shutil.rmtree(executed(s).parent),
    "the executed notebook is another one": lambda s: executed(s).write_text("{}"),
    "the receipts are gone": lambda s: shutil.rmtree(s.root / "records" / "receipts"),
    "a helper was added to the course": lambda s: (s.root / "course" / "sums" / "_help.py").write_text("x = 1"),
    "nbgrader took another late policy": lambda s: append(
        s.root / "nbgrader_config.py", '\nc.LateSubmissionPlugin.penalty_method = "zero"\n'
    ),
    "the due date was set": lambda s: execute(s, "UPDATE assignment SET duedate = '2027-01-01 00:00:00.000000'"),
    "another release is the newest": lambda s: release_anew(s),
}


def release_anew(school: School) -> None:
    change(school.root / "source" / "sums" / "sums.ipynb", "# Sums", "# Sums and more")
    build(load_course(school.root), "sums")
    school.generate()


@pytest.mark.parametrize("happened", RECORDED_AGAIN.values(), ids=RECORDED_AGAIN.keys())
def test_what_was_recorded_is_put_right_without_a_run(graded: School, happened: Callable[[School], Any]) -> None:
    happened(graded)
    same, done = again(graded)
    assert "ada" in done and not same & done and graded.engine.ran == []
    assert (graded.total("ada"), graded.total("ben")) == (4, 1)
    assert report_of(graded).is_file() and executed(graded).read_bytes() != b"{}"
    assert again(graded)[0] == {"ada", "ben"}


RUN_AGAIN: dict[str, Callable[[School], Any]] = {
    "another sandbox": lambda s: setattr(s.engine, "name", "another"),
    "other limits": lambda s: append(s.root / "course" / "course.toml", "\n[assignments.sums.limits]\nseconds = 5\n"),
    "another setting": lambda s: change(s.root / "course" / "course.toml", '"full"', '"small"'),
    "another secret": lambda s: (s.root / ".secret").write_text("ab" * 32),
}


@pytest.mark.parametrize("happened", RUN_AGAIN.values(), ids=RUN_AGAIN.keys())
def test_what_a_run_depends_on_is_noticed(graded: School, happened: Callable[[School], Any]) -> None:
    happened(graded)
    assert again(graded) == (set(), {"ada", "ben"})
    assert graded.engine.ran == ([] if happened is RUN_AGAIN["another secret"] else ["ada", "ben"])
    assert again(graded) == ({"ada", "ben"}, set())


def test_another_version_of_the_grader_judges_again(graded: School, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (seal, plan):
        monkeypatch.setattr(module, "code", lambda: "newer")
    assert again(graded) == (set(), {"ada", "ben"}) and graded.engine.ran == []


def test_a_gradebook_that_is_gone_is_filled_again(graded: School) -> None:
    (graded.root / "gradebook.db").unlink()
    graded.generate()
    assert again(graded) == (set(), {"ada", "ben"}) and graded.engine.ran == []
    assert (graded.total("ada"), graded.total("ben")) == (4, 1)


def test_a_gradebook_from_a_backup_gets_what_came_since(graded: School) -> None:
    backup = graded.root / "backup.db"
    shutil.copy(graded.root / "gradebook.db", backup)
    graded.hand_in("ben", content=other_answer(graded, "ben"))
    again(graded)
    assert graded.total("ben") == 4
    shutil.copy(backup, graded.root / "gradebook.db")
    assert graded.total("ben") == 1
    assert again(graded) == ({"ada"}, {"ben"}) and graded.total("ben") == 4


def test_points_by_hand_survive_being_noticed(graded: School) -> None:
    graded.by_hand("ben", "double", points=2.5, extra=0.5, comment="Nearly.")
    assert again(graded) == ({"ada"}, {"ben"})
    assert graded.total("ben") == 4
    assert again(graded) == ({"ada", "ben"}, set())


def test_nbgraders_own_autograde_in_between_changes_nothing(graded: School) -> None:
    assert graded.autograde("ada")["success"]
    assert again(graded) == ({"ben"}, {"ada"}) and graded.engine.ran == []
    assert graded.total("ada") == 4 and again(graded) == ({"ada", "ben"}, set())


def test_an_extension_takes_a_penalty_back(graded: School) -> None:
    append(graded.root / "nbgrader_config.py", '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with graded.book() as gradebook:
        gradebook.update_or_create_assignment("sums", duedate="2026-01-10 11:00:00 UTC")
    assert again(graded) == (set(), {"ada", "ben"}) and graded.total("ada") == 0
    with graded.book() as gradebook:
        gradebook.grant_extension("sums", "ada", hours=2)
    assert again(graded) == ({"ben"}, {"ada"}) and graded.total("ada") == 4


def test_the_same_work_handed_in_later_has_its_new_time_in_the_gradebook(graded: School) -> None:
    (graded.root / "submitted" / "ada" / "sums" / "timestamp.txt").write_text("2026-01-11 12:00:00 UTC")
    assert again(graded) == ({"ben"}, {"ada"}) and graded.engine.ran == []
    with graded.book() as gradebook:
        assert str(gradebook.find_submission("sums", "ada").timestamp) == "2026-01-11 12:00:00"


def test_who_is_moved_to_another_release_is_graded_again(graded: School) -> None:
    before = newest(graded.root / "records", "sums").version
    release_anew(graded)
    again(graded)
    graded.engine.ran.clear()
    after = newest(graded.root / "records", "sums").version
    keep_moves(graded.root / "records", "sums", {"ada": Move(before, after, "A slip of ours.")})
    assert again(graded) == ({"ben"}, {"ada"}) and graded.engine.ran == ["ada"]
    assert graded.report("ada").release == after and again(graded) == ({"ada", "ben"}, set())


def test_what_we_lost_is_tried_again(graded: School) -> None:
    graded.engine.lose = {"ada"}
    graded.hand_in("ada", content=other_answer(graded, "ada"))
    assert again(graded) == ({"ben"}, {"ada"})
    assert again(graded) == ({"ben"}, {"ada"}) and graded.engine.ran == ["ada", "ada"]
    graded.engine.lose = set()
    assert again(graded) == ({"ben"}, {"ada"}) and again(graded) == ({"ada", "ben"}, set())


def test_what_failed_on_our_side_is_judged_again_each_time(graded: School) -> None:
    path = graded.root / "course" / "sums" / "seven.py"
    path.write_text(SEVEN.replace("Numeric(exact=True)", "Broken(exact=True)").replace("\nexercise", BROKEN, 1))
    assert again(graded)[1] == {"ada", "ben"}
    assert graded.report("ada").verdicts["seven"].failed
    assert again(graded)[1] == {"ada", "ben"} and graded.engine.ran == []


BROKEN = """

class Broken(Numeric):
    def check(self, evidence, variant):
        raise MemoryError


exercise"""


def test_a_report_that_was_written_and_not_recorded_does_not_pass_for_the_one_before(
    graded: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (graded.root / "submitted" / "ben" / "sums" / "sums.ipynb").read_bytes()
    graded.hand_in("ben", content=other_answer(graded, "ben"))
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(NbgraderGradebook, "record", interrupted)
        again(graded)
    assert graded.report("ben").score == 4 and graded.total("ben") == 1
    graded.hand_in("ben", content=first, off=1, when="2026-01-10 12:00:00 UTC")  # staff put the first one back
    assert again(graded) == ({"ada"}, {"ben"})
    assert graded.report("ben").score == graded.total("ben") == 1


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_class_whose_grader_is_killed_half_way_is_finished_by_the_same_command(school: School) -> None:
    students = [f"student-{n}" for n in range(5)]
    for student in students:
        school.hand_in(student)
    made, done = load_course(school.root), 0
    with NbgraderGradebook(school.root) as book, pytest.raises(KeyboardInterrupt):
        for _ in grade(made, made.assignment("sums"), students, school.engine, gradebook=book):
            done += 1
            if done == 3:
                raise KeyboardInterrupt
    same, rest = again(school)
    assert same == set(students[:3]) and rest == set(students[3:])
    assert {school.total(student) for student in students} == {4}
    assert sorted(school.engine.ran) == students


def test_a_key_that_was_corrected_is_judged_once_and_then_stands(graded: School) -> None:
    change(graded.root / "course" / "sums" / "seven.py", "slips: 7", "slips: 8")
    with NbgraderGradebook(graded.root) as book:
        changes = rejudge(load_course(graded.root), "sums", None, dry_run=False, gradebook=book)
    assert {(c.student, c.exercise, c.after) for c in changes} == {("ada", "seven", 0), ("ben", "seven", 0)}
    assert (graded.total("ada"), graded.total("ben")) == (3, 0)
    assert again(graded) == ({"ada", "ben"}, set())


def test_judging_kept_answers_seals_nothing_that_would_be_run_again(graded: School) -> None:
    graded.engine.name = "another"
    with NbgraderGradebook(graded.root) as book:
        rejudge(load_course(graded.root), "sums", None, dry_run=False, gradebook=book)
    assert again(graded) == (set(), {"ada", "ben"}) and graded.engine.ran == ["ada", "ben"]


def test_a_kept_run_that_is_damaged_is_run_again_once_it_is_needed(graded: School) -> None:
    (graded.root / "records" / "runs" / "sums" / "ada" / "sums" / "evidence.bin").write_bytes(b"")
    assert again(graded) == ({"ada", "ben"}, set())
    change(graded.root / "course" / "sums" / "seven.py", "slips: 7", "slips: 8")
    graded.answers["ada"]["seven"] = Evidence("ok", value=8)
    assert again(graded) == (set(), {"ada", "ben"}) and graded.engine.ran == ["ada"]
    assert graded.total("ada") == 4


def test_judging_one_key_again_asks_no_checker_of_the_others(graded: School, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def noting(exercise: Any, *rest: Any) -> Any:
        asked.append(exercise.id)
        return judge(exercise, *rest)

    monkeypatch.setattr(pipeline, "judge", noting)
    change(graded.root / "course" / "sums" / "seven.py", "slips: 7", "slips: 8")
    again(graded)
    assert set(asked) == {"seven"}
    change(graded.root / "course" / "course.toml", 'title = "Sums"', 'title = "More sums"')
    asked.clear()
    assert again(graded) == (set(), {"ada", "ben"}) and not asked
    (graded.root / "course" / "sums" / "_help.py").write_text("NUMBER = 7\n")
    again(graded)
    assert set(asked) == {"seven", "double", "why"}


def test_a_damaged_record_of_what_is_known_is_found_out_anew(graded: School) -> None:
    (graded.root / "records" / "runs" / "sums" / "ada" / "sums" / "known.json").write_bytes(b'{"judged": 3}')
    report_of(graded).unlink()
    assert again(graded) == ({"ben"}, {"ada"}) and graded.engine.ran == []
    assert Store(graded.root).known("sums", "ada", "sums") is not None

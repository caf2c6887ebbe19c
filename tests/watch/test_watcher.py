"""What students and staff see of `autograder watch`, through a real exchange and nbgrader's own programs."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.errors import AutograderError
from autograder.types import Job
from autograder.watch import inbox, watcher
from autograder.watch.marks import Marks
from tests.fakes import SEVEN
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    # nbgrader's release_feedback and list leave files to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|[.]html):ResourceWarning"),
]


def test_what_is_handed_in_comes_back_as_feedback_that_nbgrader_lists_and_fetches(hall: Hall) -> None:
    with hall.watching():
        hall.submit("ada")
        hall.wait("feedback", "ada")
    assert hall.listed("ada") == [True]
    assert hall.fetch_feedback("ada") == [hall.school.page("ada")]
    assert hall.school.scores("ada") == {"double": (3, False), "seven": (1, False), "why": (0, False)}
    assert hall.told() == [(kind, "ada" if kind in ("arrived", "graded", "feedback") else "")
                           for kind in ("watching", "arrived", "graded", "feedback", "stopped")]  # fmt: skip


def test_the_score_is_the_same_however_it_came_about(hall: Hall) -> None:
    hall.submit("ada", total=8)
    hall.once()
    report, scores = hall.school.report("ada"), hall.school.scores("ada")
    hall.school.engine = hall.engine  # type: ignore[assignment]
    (again,) = hall.school.grade("ada", force=True)
    assert (again.report, hall.school.scores("ada")) == (report, scores)
    assert scores["seven"] == (0, False)


def test_what_was_there_before_is_graded_and_nothing_twice(hall: Hall) -> None:
    hall.submit("ada")
    assert hall.once().lost == 0
    assert hall.told() == [("arrived", "ada"), ("graded", "ada"), ("feedback", "ada")]
    hall.events.clear()
    hall.once()
    assert hall.told() == [] and len(hall.engine.ran) == 1


def test_of_several_that_wait_the_newest_is_graded(hall: Hall) -> None:
    for total in (5, 6, 7):
        hall.submit("ada", total)
    hall.once()
    assert hall.engine.ran == [("ada", 7)]
    assert hall.told("superseded") == [("superseded", "ada")] * 2
    assert hall.listed("ada") == [False, False, True]


def test_a_later_one_is_graded_too_and_the_earlier_is_kept(hall: Hall) -> None:
    with hall.watching():
        hall.submit("ada", 6)
        hall.wait("feedback", "ada")
        hall.submit("ada", 7)
        hall.wait("feedback", "ada", count=2)
    assert hall.school.scores("ada")["seven"] == (1, False)
    assert len(hall.fetch_feedback("ada")) == 2
    assert len(list((hall.root / "records" / "superseded" / "sums" / "ada").iterdir())) == 1


def test_a_notebook_that_was_renamed_gets_its_feedback_by_the_name_that_it_came_with(hall: Hall) -> None:
    hall.submit("ada", called="sums (copy)")
    hall.once()
    assert hall.listed("ada") == [True]
    assert hall.fetch_feedback("ada") == [hall.school.page("ada")]
    assert hall.school.scores("ada")["seven"] == (1, False)


def test_the_same_again_gets_feedback_of_its_own_and_runs_nothing(hall: Hall) -> None:
    with hall.watching():
        for count in (1, 2):
            hall.submit("ada")
            hall.wait("feedback", "ada", count=count)
    assert hall.listed("ada") == [True, True] and len(hall.engine.ran) == 1


def test_who_submits_again_and_again_delays_nobody(hall: Hall) -> None:
    go = threading.Event()
    hall.engine.before = lambda job: bool(go.wait(20))
    with hall.watching():
        hall.submit("eve", 0)
        hall.wait("arrived", "eve")
        for total in range(1, 8):
            hall.submit("eve", total)
        for student in ("ada", "bob"):
            hall.submit(student)
        hall.wait("arrived", "bob")
        go.set()
        hall.wait("feedback", "eve", count=2)
    assert hall.engine.ran == [("eve", 0), ("ada", 7), ("bob", 7), ("eve", 7)]


def test_more_than_an_hours_share_waits_and_its_student_is_told(hall: Hall) -> None:
    hall.school.edit_toml('salt = "test"', 'salt = "test"\n\n[course.watch]\nper_hour = 1\n')
    with hall.watching():
        hall.submit("eve", 6)
        hall.wait("feedback", "eve")
        hall.submit("eve", 7)
        hall.wait("postponed", "eve")
        hall.submit("ada")
        hall.wait("feedback", "ada")
    assert hall.school.scores("eve")["seven"] == (0, False)
    assert "This is graded after" in hall.fetch_feedback("eve")[-1]

    marks = hall.root / "records" / "watch" / "eve.json"
    content = json.loads(marks.read_text())
    content["begun"] = [(datetime.now(UTC) - timedelta(minutes=61)).isoformat()]
    marks.write_text(json.dumps(content))
    hall.once()
    assert hall.school.scores("eve")["seven"] == (1, False)
    assert hall.fetch_feedback("eve")[-1] == hall.school.page("eve")


def test_what_waits_for_its_hour_is_graded_by_autograder_grade_before(hall: Hall) -> None:
    hall.school.edit_toml('salt = "test"', 'salt = "test"\n\n[course.watch]\nper_hour = 1\n')
    for total in (6, 7):
        hall.submit("eve", total)
        hall.once()
    assert hall.told("postponed") == [("postponed", "eve")]
    with hall.school.api() as api:
        assert api.collect("sums", update=True)["success"]
    hall.school.engine = hall.engine  # type: ignore[assignment]
    hall.school.grade("eve")
    assert hall.school.scores("eve")["seven"] == (1, False)


def test_our_failure_is_no_zero_and_no_page_and_is_tried_again(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "PAUSE", 1.5)
    hall.engine.lose.add("ada")
    with hall.watching():
        hall.submit("ada")
        assert "the worker died" in hall.wait("lost", "ada").detail
        assert hall.pages() == [] and hall.school.scores("ada")["seven"] == (None, True)
        hall.engine.lose.clear()
        hall.wait("feedback", "ada")
    assert hall.school.scores("ada")["seven"] == (1, False)
    assert hall.told("lost") == [("lost", "ada")]


def test_pauses_grow_while_it_fails(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "PAUSE", 0.01)
    hall.engine.lose.add("ada")
    with hall.watching():
        hall.submit("ada")
        words = [hall.wait("lost", "ada", count=count).detail for count in (1, 2, 3)]
    assert [line.split("again in ")[1] for line in words] == ["0.01 s", "0.02 s", "0.04 s"]


def test_for_once_our_failure_is_told_and_taken_up_the_next_time(hall: Hall) -> None:
    hall.engine.lose.add("ada")
    hall.submit("ada")
    hall.submit("bob")
    assert hall.once().lost == 1
    assert hall.told("feedback") == [("feedback", "bob")]
    hall.engine.lose.clear()
    assert hall.once().lost == 0
    assert hall.listed("ada") == [True]


def test_who_ran_out_of_time_while_others_took_the_processors_is_not_judged_by_that(hall: Hall) -> None:
    hall.engine.starve.add("ada")
    hall.submit("ada")
    assert hall.once(workers=2).lost == 1
    assert hall.once(workers=1).lost == 0  # nobody of ours took them


def test_feedback_by_hand_is_held_until_staff_say_otherwise(hall: Hall) -> None:
    hall.school.in_toml('feedback = "by-hand"')
    hall.submit("ada")
    hall.once()
    assert hall.told() == [("arrived", "ada"), ("graded", "ada"), ("held", "ada")]
    assert "when the course staff hand it out" in hall.fetch_feedback("ada")[0]
    assert hall.school.scores("ada")["seven"] == (1, False)
    with hall.watching(poll=0.2):
        hall.school.edit_toml("by-hand", "at-once")
        hall.wait("feedback", "ada")
    assert hall.listed("ada") == [True] and len(hall.engine.ran) == 1


def soon(hall: Hall, seconds: float, more: str = "") -> None:
    """Make the assignment due in a moment."""
    due = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    late = "" if "late" in more else 'late = "accept"\n'
    hall.school.in_toml(f"due = {due}\n{late}{more}")


def test_a_first_look_is_a_word_for_each_exercise_and_the_rest_comes_when_it_is_due(hall: Hall) -> None:
    soon(hall, 3, 'feedback = "coarse"')
    with hall.watching(poll=0.2):
        hall.submit("ada", 8)
        hall.wait("feedback", "ada")
        (first,) = hall.fetch_feedback("ada")
        hall.wait("feedback", "ada", count=2)
    (full,) = hall.fetch_feedback("ada")
    assert "Not right yet" in first and "A first look" in first and "0 of 1" not in first
    assert "A first look" not in full and "0 of 1" in full
    assert len(hall.engine.ran) == 1


def test_when_attempts_are_used_up_the_last_one_counts_and_its_feedback_comes_when_it_is_due(hall: Hall) -> None:
    soon(hall, 4, "attempts = 1")
    with hall.watching(poll=0.2):
        hall.submit("ada", 8)
        hall.wait("feedback", "ada")
        hall.submit("ada", 7)
        hall.wait("held", "ada")
        assert "had feedback once" in hall.fetch_feedback("ada")[1]
        assert hall.school.scores("ada")["seven"] == (1, False)
        hall.wait("feedback", "ada", count=2)
    assert "1 of 1" in hall.fetch_feedback("ada")[1]


def test_who_was_given_more_time_gets_no_feedback_when_staff_hand_out_everybodys(hall: Hall) -> None:
    soon(hall, -60, 'feedback = "after-due"\nextensions = { ada = "3 days" }')
    for student in ("ada", "ben"):
        hall.submit(student, 8)
    hall.once()
    with hall.school.api() as api:
        assert api.generate_feedback("sums", force=True)["success"] and api.release_feedback("sums")["success"]
    assert "Feedback comes after" in hall.fetch_feedback("ada")[0] and "0 of 1" not in hall.fetch_feedback("ada")[0]
    assert "0 of 1" in hall.fetch_feedback("ben")[0]
    hall.school.edit_toml('extensions = { ada = "3 days" }', "")
    hall.once()
    assert "0 of 1" in hall.fetch_feedback("ada")[0]


def test_another_one_under_a_name_that_was_there_is_another_attempt(hall: Hall) -> None:
    hall.school.in_toml('due = 2999-01-01\nlate = "refuse"\nattempts = 2')
    with hall.watching(poll=0.1):
        place = hall.submit("ada", 8)
        hall.wait("feedback", "ada")
        for count, total in enumerate((9, 10, 11), 2):
            place.rename(aside := hall.exchange / "aside")
            notebook = aside / "sums.ipynb"
            text = notebook.read_text().replace(f"total = {total - 1}", f"total = {total}")
            notebook.unlink()
            notebook.write_text(text)
            time.sleep(0.5)  # until it is seen that it is gone
            aside.rename(place)
            hall.wait("graded", "ada", count)
            hall.wait("held" if count > 2 else "feedback", "ada", max(1, count - 2))
    assert hall.told("feedback", "held") == [("feedback", "ada")] * 2 + [("held", "ada")] * 2
    mark = Marks(hall.root / "records").of("ada", "sums")
    assert mark is not None and mark.given == 2


def test_hidden_inputs_are_others_when_it_is_due_and_the_work_is_run_again_by_itself(hall: Hall) -> None:
    soon(hall, 3, "final = true")
    with hall.watching(poll=0.2):
        hall.submit("ada")
        hall.wait("feedback", "ada")
        hall.wait("feedback", "ada", count=2)
    assert [event.kind for event in hall.events if event.student == "ada"].count("graded") == 2


def test_who_comes_when_it_is_closed_is_told_and_what_came_before_counts(hall: Hall) -> None:
    soon(hall, 2, 'late = "refuse"')
    with hall.watching(poll=0.2):
        hall.submit("ada")
        hall.wait("feedback", "ada")
        time.sleep(2)
        hall.submit("ada", 8)
        assert "nothing was taken any more" in hall.wait("refused", "ada").detail
    assert "too late to be graded" in hall.fetch_feedback("ada")[1]
    assert hall.school.scores("ada")["seven"] == (1, False)
    with hall.school.api() as api:
        api.collect("sums", update=True)
    assert "total = 7" in (hall.root / "submitted" / "ada" / "sums" / "sums.ipynb").read_text()


def test_what_waits_its_turn_cannot_be_changed_when_nothing_is_taken_any_more(hall: Hall) -> None:
    soon(hall, 2, 'late = "refuse"')
    go_on = threading.Event()
    hall.engine.before = lambda job: go_on.wait(20)
    with hall.watching(poll=0.2):
        hall.submit("ben")
        place = hall.submit("ada", 8)
        hall.wait("arrived", "ada")
        time.sleep(2)
        (place / "sums.ipynb").write_text((place / "sums.ipynb").read_text().replace("total = 8", "total = 7"))
        go_on.set()
        assert "changed when nothing was taken any more" in hall.wait("refused", "ada").detail
        hall.wait("feedback", "ben")
    assert not (hall.root / "submitted" / "ada" / "sums").exists() and ("graded", "ada") not in hall.told()


def test_who_is_given_more_time_is_graded_without_handing_in_again(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "AGAIN", 0.5)
    soon(hall, 0, 'late = "refuse"')
    with hall.watching(poll=0.2):
        hall.submit("ada")
        hall.wait("refused", "ada")
        hall.school.edit_toml('late = "refuse"', 'late = "refuse"\nextensions = { ada = "3 days" }')
        hall.wait("feedback", "ada")
    assert hall.told("refused") == [("refused", "ada")]


def test_a_key_that_is_corrected_meanwhile_holds_for_the_next(hall: Hall) -> None:
    with hall.watching():
        hall.submit("ada", 8)
        hall.wait("feedback", "ada")
        (hall.root / "course" / "sums" / "seven.py").write_text(SEVEN.replace("slips: 7", "slips: 8"))
        hall.submit("bob", 8)
        hall.wait("feedback", "bob")
    assert [hall.school.scores(s)["seven"][0] for s in ("ada", "bob")] == [0, 1]


def test_a_fault_in_the_course_loses_nothing(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "PAUSE", 0.3)
    seven = hall.root / "course" / "sums" / "seven.py"
    with hall.watching():
        seven.write_text(SEVEN.replace("points=1", 'points="one"'))
        hall.submit("ada")
        assert "Give it a number." in hall.wait("lost", "ada").detail
        seven.write_text(SEVEN)
        hall.wait("feedback", "ada")


def test_what_staff_have_graded_themselves_is_theirs_to_hand_out(hall: Hall) -> None:
    hall.submit("ada")
    with hall.school.api() as api:
        assert api.collect("sums")["success"]
    hall.school.engine = hall.engine  # type: ignore[assignment]
    hall.school.grade("ada")
    hall.once()
    assert hall.told() == [] and hall.pages() == []


def test_one_that_counts_is_not_replaced_after_the_due_date_where_staff_say_so(hall: Hall) -> None:
    hall.configure("c.ExchangeCollect.before_duedate = True")
    hall.submit("ada", 7)
    hall.once()
    with hall.school.book() as book:
        book.update_or_create_assignment("sums", duedate=datetime.now(UTC).replace(tzinfo=None))
    hall.submit("ada", 6)
    hall.submit("bob", 6)
    hall.once()
    assert hall.engine.ran == [("ada", 7), ("bob", 6)]


def test_what_its_student_deletes_after_we_took_it_is_graded(hall: Hall) -> None:
    place = hall.submit("ada")
    hall.engine.lose.add("ada")
    hall.once()
    shutil.rmtree(place)
    hall.engine.lose.clear()
    hall.once()
    assert hall.told("feedback") == [("feedback", "ada")]


def test_a_second_watcher_is_turned_away(hall: Hall) -> None:
    with hall.watching(), pytest.raises(AutograderError, match=f"Another `autograder watch`, process {os.getpid()} of"):
        hall.watcher().run(once=True)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda hall: shutil.rmtree(hall.exchange), "is missing, or you may not write to it"),
        (lambda hall: shutil.rmtree(hall.inbound), "nbgrader release_assignment"),
        (lambda hall: hall.configure("c.ExchangeFactory.collect = 'nbgrader.exchange.default.ExchangeCollect'"),
         "Only an exchange that is a folder"),
    ],
)  # fmt: skip
def test_where_the_exchange_cannot_be_used_it_says_what_to_do(hall: Hall, spoil: object, words: str) -> None:
    spoil(hall)  # type: ignore[operator]
    with pytest.raises(AutograderError, match=words):
        hall.watcher()


# -- what is no submission, or not yet ---------------------------------------------------------------------------------


def test_names_that_are_none_and_assignments_that_nobody_knows_stop_nobody(hall: Hall) -> None:
    (hall.inbound / "rubbish").mkdir()
    hall.submit("ada")
    other = hall.inbound / "eve+unknown+2026-01-01 10:00:00 UTC+x"
    shutil.copytree(hall.submit("eve"), other)
    hall.once()
    assert hall.told("refused") == [("refused", "eve")]
    assert hall.told("feedback") == [("feedback", "ada"), ("feedback", "eve")]


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: only root can hand in as several users")
def test_a_submission_in_somebody_elses_name_is_refused_and_told_once(hall: Hall) -> None:
    hall.configure("c.ExchangeCollect.check_owner = True")
    place = hall.submit("nobody")
    for path in (place, *place.iterdir()):
        os.chown(path, pwd.getpwnam("daemon").pw_uid, -1)
    with hall.watching(poll=0.1):
        hall.submit("root")
        hall.wait("feedback", "root")
        place.chmod(0o777)
        hall.submit("root", 6)
        hall.wait("feedback", "root", count=2)
    assert hall.told("refused") == [("refused", "nobody")]
    assert not (hall.root / "submitted" / "nobody").exists()


def test_a_link_is_refused(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SETTLE", 0.0)
    place = hall.submit("ada")
    (hall.inbound / "eve+sums+2026-01-01 10:00:00 UTC+x").symlink_to(place)
    hall.once()
    assert hall.told("refused") == [("refused", "eve")]
    assert hall.told("feedback") == [("feedback", "ada")]


def unfinished(hall: Hall, student: str, *missing: str) -> Path:
    """Lay a submission as it is before `nbgrader submit` was done with it."""
    whole = hall.submit("model")
    made = shutil.copytree(whole, hall.exchange / "being-made")
    for name in missing:
        (made / name).unlink()
    made.chmod(0o755)
    return made.rename(hall.inbound / whole.name.replace("model+", f"{student}+"))


def test_one_that_is_still_being_written_is_left_until_it_is_whole(hall: Hall) -> None:
    with hall.watching(poll=0.1):
        place = unfinished(hall, "ada")
        hall.submit("bob")
        hall.wait("feedback", "bob")
        assert ("arrived", "ada") not in hall.told()
        place.chmod(0o777)  # what nbgrader does last
        hall.wait("feedback", "ada")


def test_one_of_an_older_nbgrader_is_taken_when_it_has_settled(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SETTLE", 0.5)
    with hall.watching(poll=0.1):
        unfinished(hall, "ada", "submission_secret.txt")
        assert "submission_secret.txt" in hall.wait("held", "ada").detail
    assert hall.school.scores("ada")["seven"] == (1, False)


def test_a_copy_that_was_never_finished_replaces_nothing(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SETTLE", 0.2)
    with hall.watching(poll=0.1):
        hall.submit("ada")
        hall.wait("feedback", "ada")
        place = unfinished(hall, "ada", "submission_secret.txt", "timestamp.txt")
        assert "never finished" in hall.wait("refused", "ada").detail
        for name in ("timestamp.txt", "submission_secret.txt"):
            (place / name).write_text("x" * 128)  # it was only slow
        place.chmod(0o777)
        hall.wait("feedback", "ada", count=2)


def test_a_burst_of_many_students_is_graded_by_several_workers(hall: Hall) -> None:
    busy: set[str] = set()

    def alone(job: Job) -> None:
        assert job.user not in busy, "one at a time for each student"
        busy.add(job.user)
        threading.Event().wait(0.02)
        busy.discard(job.user)

    hall.engine.before = alone
    names = [f"student{n}" for n in range(12)]
    with hall.watching(workers=3):
        for name in names:
            hall.submit(name)
        for name in names:
            hall.wait("feedback", name)
    assert not hall.told("lost") and len(hall.pages()) == len(names)

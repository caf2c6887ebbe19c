"""A key is corrected: who gains or loses what, and why, before anything is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.course import Course, load_course
from autograder.pipeline import AGAIN
from autograder.rejudge import Change, rejudge
from autograder.release import Move, Releases, keep_moves
from tests.fakes import DOUBLE, SEVEN, FakeEngine, FakeGradebook, submit, tiny_course
from tests.test_pipeline import answers, fetch, n_of, release_again, released, run

PLUS = '"plus", "Twice means times two, not plus two."'


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """ada is right, ben added two where twice was asked, cem is wrong in no known way."""
    made = released(tmp_path)
    given = {"ada": answers(made, "ada"), "ben": answers(made, "ben"), "cem": answers(made, "cem", off=-7)}
    given["ben"] = answers(made, "ben", off=2 - n_of(made, "ben"))
    for student in given:
        submit(tmp_path, student, fetch(made))
    run(made, FakeEngine(given), *given)
    return made


def changed(course: Course, *, book: FakeGradebook | None = None, **files: str) -> list[Change]:
    corrected = load_course(tiny_course(course.root, **files))
    return rejudge(corrected, "sums", None, dry_run=True, gradebook=book)


def test_a_corrected_key_shows_who_gains_and_who_loses(course: Course) -> None:
    found = changed(course, sums__double=DOUBLE.replace("* 2)", "* 2 - 7)"))
    assert {(c.student, c.exercise, c.before, c.after, c.counts) for c in found} == {
        ("ada", "double", 3.0, 0.0, True), ("cem", "double", 0.0, 3.0, True),
    }  # fmt: skip


def test_a_wider_tolerance_gives_points(course: Course) -> None:
    (change,) = changed(course, sums__double=DOUBLE.replace("exact=True", "absolute=8"))
    assert (change.student, change.before, change.after) == ("cem", 0.0, 3.0)


def test_a_misconception_that_is_added_is_named_and_changes_no_score(course: Course) -> None:
    more = DOUBLE.replace('" in slips else', '" in slips else params["n"] * 2 - 7 if "less" in slips else')
    more = more.replace("misconceptions=(", 'misconceptions=(Misconception("less", "Seven was taken off."), ')
    (change,) = changed(course, sums__double=more)
    assert (change.student, change.found_before, change.found) == ("cem", None, "less")
    assert change.why.startswith("found: no misconception -> less") and "Seven was taken off." in change.said
    assert not change.counts


def test_other_words_are_shown_as_such(course: Course) -> None:
    (change,) = changed(course, sums__double=DOUBLE.replace(PLUS, '"plus", "Two times, not two more."'))
    assert (change.student, change.before, change.after, change.counts) == ("ben", 0.0, 0.0, False)
    assert change.why.startswith("other words")
    assert "not plus two" in change.said_before and "not two more" in change.said


def test_points_that_a_person_gave_are_shown_to_stay(course: Course) -> None:
    book = FakeGradebook(manual={("ada", "double"): 2.5})
    ada, _ = changed(course, book=book, sums__double=DOUBLE.replace("* 2)", "* 2 - 7)"))
    assert (ada.student, ada.before, ada.after, ada.by_hand, ada.counts) == ("ada", 3.0, 0.0, 2.5, False)


def test_other_points_are_a_change(course: Course) -> None:
    found = changed(course, sums__seven=SEVEN.replace("points=1", "points=2"))
    assert {(c.student, c.before, c.after) for c in found} == {(s, 1.0, 2.0) for s in ("ada", "ben", "cem")}
    assert all(c.why.startswith("other points") for c in found)


def test_an_exercise_that_was_taken_out_is_a_loss(course: Course) -> None:
    (course.root / "course" / "sums" / "seven.py").unlink()
    found = rejudge(load_course(course.root), "sums", None, dry_run=True)
    assert {(c.student, c.exercise, c.before, c.after) for c in found} == {
        (student, "seven", 1.0, None) for student in ("ada", "ben", "cem")
    }  # fmt: skip


def test_a_dry_run_writes_nothing(course: Course) -> None:
    def kept() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in (course.root / "records").rglob("*") if path.is_file()}

    before = kept()
    assert changed(course, sums__double=DOUBLE.replace("* 2)", "* 2 - 7)"))
    assert kept() == before


def test_what_was_handed_in_since_is_not_judged_by_the_answers_of_before(course: Course) -> None:
    submit(course.root, "ada", fetch(course).replace(b"# Sums", b"# Sums!"))
    found = changed(course, sums__seven=SEVEN.replace("slips: 7", "slips: 8"))
    assert {(c.student, c.exercise, c.why) for c in found if c.student == "ada"} == {("ada", "", f"sums: {AGAIN}")}
    assert len(found) == 3


def test_a_release_that_was_made_again_with_other_files_keeps_its_runs_for_judging(course: Course) -> None:
    kept = Releases(course.records, "sums").newest
    (course.records / "releases" / "sums" / kept.version / "files" / "notes.txt").write_text("more")
    found = changed(course, sums__seven=SEVEN.replace("slips: 7", "slips: 8"))
    assert {c.exercise for c in found} == {"seven"} and len(found) == 3


def test_a_question_that_changed_waits_for_a_run_and_the_others_are_judged(course: Course) -> None:
    text = DOUBLE.replace("randint(1000, 1999)", "randint(2000, 2999)")
    corrected = load_course(tiny_course(course.root, sums__double=text))
    release_again(corrected)
    releases = Releases(course.records, "sums")
    old = releases.of({"sums": (course.root / "submitted/ada/sums/sums.ipynb").read_bytes()})
    keep_moves(course.records, "sums", {"ada": Move(old.version, releases.newest.version)})
    found = [c for c in rejudge(corrected, "sums", ["ada"], dry_run=True) if c.exercise]
    assert [(c.exercise, c.why) for c in found] == [("double", "the question changed: run `autograder grade`")]


def test_a_run_that_an_earlier_version_kept_is_judged_as_well(course: Course) -> None:
    for path in (course.records / "runs").rglob("known.json"):
        path.unlink()
    found = changed(course, sums__seven=SEVEN.replace("slips: 7", "slips: 8"))
    assert {c.student for c in found} == {"ada", "ben", "cem"}


def test_json_of_a_change_says_all_of_it(course: Course) -> None:
    (change,) = changed(course, sums__double=DOUBLE.replace("exact=True", "absolute=8"))
    said = json.loads(json.dumps(vars(change)))
    assert said["before"] == 0 and said["after"] == 3 and said["said"] == "Right."


def test_a_corrected_key_that_raises_or_cannot_judge_is_told_to_be_corrected_again(course: Course) -> None:
    (ada, *_) = changed(course, sums__seven=SEVEN.replace("slips: 7", "slips: rgn"))
    assert "course/sums/seven.py [seven]" in ada.why and ada.why.endswith("then run the same command again.")
    (ada, *_) = changed(course, sums__seven=SEVEN.replace("slips: 7", "slips: 'many'"))
    assert ada.exercise == "seven" and "\n" not in ada.why and ada.why.endswith("then run the same command again.")

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.build import build
from autograder.course import Course, load_course
from autograder.doctor import Repaired, repair
from autograder.errors import AutograderError, ReleaseError
from autograder.pipeline import failures, grade
from autograder.plan import Terms, plan
from autograder.rejudge import rejudge
from autograder.release import Release, Releases, keep, newest
from autograder.schedule import Schedule
from autograder.store import Store
from autograder.submission import chosen, read_submission
from autograder.types import Evidence
from tests.fakes import SEVEN, FakeEngine, FakeGradebook, submit, tiny_course


def released(root: Path) -> Course:
    """A course whose release is kept as nbgrader's generate_assignment keeps it."""
    course = load_course(tiny_course(root))
    release_again(course)
    return course


def release_again(course: Course) -> str:
    version = build(course, "sums").version
    source = course.root / "source" / "sums"
    notebook = json.loads((source / "sums.ipynb").read_bytes())
    for cell in notebook["cells"]:
        if "BEGIN SOLUTION" in cell["source"]:
            cell["source"] = cell["source"].split("\n")[0]
    files = {"questions.json": (source / "questions.json").read_bytes()}
    keep(course.records, Release("sums", version, {"sums": notebook}, files))
    return version


def fetch(course: Course) -> bytes:
    return json.dumps(newest(course.records, "sums").notebooks["sums"]).encode()


def n_of(course: Course, student: str) -> int:
    entry = newest(course.records, "sums").entry("double", student)
    assert entry is not None
    n: int = entry["params"]["n"]
    return n


def run(
    course: Course, engine: FakeEngine, *students: str, book: FakeGradebook | None = None, force: bool = False
) -> FakeGradebook:
    book = book if book is not None else FakeGradebook()
    list(grade(course, course.assignment("sums"), students, engine, gradebook=book, force=force))
    return book


def answers(course: Course, student: str, seven: int = 7, off: int = 0) -> dict[str, Evidence]:
    return {"double": Evidence("ok", value=n_of(course, student) * 2 + off), "seven": Evidence("ok", value=seven)}


def test_each_student_is_judged_by_the_variant_of_their_own(tmp_path: Path) -> None:
    course = released(tmp_path)
    for student in ("ada", "ben"):
        submit(tmp_path, student, fetch(course))
    assert n_of(course, "ada") != n_of(course, "ben")
    book = run(course, FakeEngine({"ada": answers(course, "ada"), "ben": answers(course, "ada")}), "ada", "ben")
    assert book.scores["ada", "double"] == 3
    assert book.scores["ben", "double"] == 0


def test_an_unchanged_submission_is_not_run_again(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    engine = FakeEngine({"ada": answers(course, "ada")})
    run(course, engine, "ada")
    book = run(course, engine, "ada")
    assert engine.ran == ["ada"]
    assert book.scores["ada", "seven"] == 1


def test_a_changed_submission_another_environment_or_force_runs_again(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    given = {"ada": answers(course, "ada")}
    run(course, FakeEngine(given), "ada")
    other = FakeEngine(given, name="another tier")
    run(course, other, "ada")
    assert other.ran == ["ada"]
    run(course, other, "ada", force=True)
    submit(tmp_path, "ada", fetch(course).replace(b"# Sums", b"# Sums!"))
    run(course, other, "ada")
    assert other.ran == ["ada", "ada", "ada"]


def test_a_notebook_is_planned_when_an_engine_is_ready_for_it(tmp_path: Path) -> None:
    course = released(tmp_path)
    for student in ("ada", "ben", "eve"):
        submit(tmp_path, student, fetch(course))
    planned: list[str] = []
    at_each_end: list[list[str]] = []
    engine = FakeEngine({}, after=lambda job: at_each_end.append(planned.copy()))
    note = lambda student, step: planned.append(student) if step == "planned" else None  # noqa: E731
    graded = list(grade(course, course.assignment("sums"), ["ada", "ben", "eve"], engine, progress=note))
    assert len(graded) == 3
    assert at_each_end == [["ada"], ["ada", "ben"], ["ada", "ben", "eve"]]


def test_in_the_end_functions_and_models_are_judged_on_other_inputs(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    assignment, seeds = course.assignment("sums"), []
    for due in (timedelta(days=1), timedelta(days=-1)):
        schedule = Schedule(due=datetime.now(UTC) + due, final=True)
        terms = Terms(course, replace(assignment, schedule=schedule), repair, "", {})
        submission = read_submission(tmp_path, "sums", "ada")
        found = plan(terms, submission, Releases(course.records, "sums").held("ada", submission.notebooks))
        seeds.append({name: asked.seed for name, asked in found.asked.items()})
    assert seeds[0].keys() == seeds[1].keys() and all(seeds[0][name] != seeds[1][name] for name in seeds[0])


def test_two_students_with_identical_notebooks_share_nothing(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    submit(tmp_path, "ben", fetch(course))
    engine = FakeEngine({"ada": answers(course, "ada")})
    run(course, engine, "ada", "ben")
    assert engine.ran == ["ada", "ben"]


def test_what_we_lose_costs_nobody_a_point_and_is_found_again(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    submit(tmp_path, "ben", fetch(course))
    given = {s: answers(course, s) for s in ("ada", "ben")}
    book = run(course, FakeEngine(given, lose={"ada"}), "ada", "ben")
    assert book.lost == {"ada": "sums: the worker died"}
    assert book.scores["ben", "seven"] == 1
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None
    assert all(v.score is None for v in report.verdicts.values())
    book = run(course, FakeEngine(given), "ada", "ben", book=book)
    assert book.lost == {}
    assert book.scores["ada", "double"] == 3


def test_a_lost_attempt_does_not_replace_an_earlier_report(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    run(course, FakeEngine({"ada": answers(course, "ada")}), "ada")
    run(course, FakeEngine({}, lose={"ada"}), "ada", force=True)
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None and report.lost is None and report.score == 4


def test_a_batch_that_is_killed_is_finished_by_running_it_again(tmp_path: Path) -> None:
    course = released(tmp_path)
    students = ["ada", "ben", "cem"]
    for student in students:
        submit(tmp_path, student, fetch(course))
    given = {s: answers(course, s) for s in students}

    def killed(job: object) -> None:
        raise KeyboardInterrupt

    book = FakeGradebook()
    with pytest.raises(KeyboardInterrupt):
        run(course, FakeEngine(given, after=killed), *students, book=book)
    assert book.writes == ["ada"]
    engine = FakeEngine(given)
    run(course, engine, *students, book=book)
    assert engine.ran == ["ben", "cem"]
    assert {s for s, _ in book.scores} == set(students)


@pytest.mark.parametrize("content", [b"", b"no json", b"[]", b'{"cells": 3}', b"[" * 100_000])
def test_a_file_that_is_no_notebook_is_told_and_stops_nobody(tmp_path: Path, content: bytes) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", content)
    submit(tmp_path, "ben", fetch(course))
    book = run(course, FakeEngine({"ben": answers(course, "ben")}), "ada", "ben")
    assert book.scores["ben", "double"] == 3
    assert book.scores["ada", "double"] == 0
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None
    assert any("could not be read" in remark.student for remark in report.remarks)


def test_a_notebook_that_is_too_large_is_told(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", b" " * (21 * 2**20))
    run(course, FakeEngine({}), "ada")
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None
    assert any("larger than 20 MB" in remark.student for remark in report.remarks)


def test_a_link_in_a_submission_is_not_followed(tmp_path: Path) -> None:
    course = released(tmp_path)
    path = submit(tmp_path, "ada", b"{}")
    path.unlink()
    path.symlink_to(tmp_path / "source/sums/sums.ipynb")
    run(course, FakeEngine({}), "ada")
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None
    assert any("it is a link" in remark.student for remark in report.remarks)


def test_an_assignment_that_was_never_released_says_what_to_run(tmp_path: Path) -> None:
    course = load_course(tiny_course(tmp_path))
    submit(tmp_path, "ada", b"{}")
    with pytest.raises(ReleaseError, match="nbgrader generate_assignment sums"):
        run(course, FakeEngine({}), "ada")


def test_an_answer_to_somebody_elses_variant_waits_for_a_person(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))

    class Copied(FakeEngine):
        def run(self, jobs):  # type: ignore[no-untyped-def]
            from dataclasses import replace

            for result in super().run(jobs):
                evidence = {e: replace(x, variant="0" * 16) for e, x in result.evidence.items()}
                yield replace(result, evidence=evidence)

    run(course, Copied({"ada": answers(course, "ada")}), "ada")
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None and "double" in report.waiting


def test_a_corrected_key_rejudges_without_running(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    engine = FakeEngine({"ada": answers(course, "ada", seven=8)})
    book = run(course, engine, "ada")
    assert book.scores["ada", "seven"] == 0
    tiny_course(tmp_path, sums__seven=SEVEN.replace("slips: 7", "slips: 8"))
    corrected = load_course(tmp_path)
    dry = rejudge(corrected, "sums", None, dry_run=True, gradebook=book)
    assert [(c.student, c.exercise, c.before, c.after) for c in dry] == [("ada", "seven", 0.0, 1.0)]
    assert book.scores["ada", "seven"] == 0
    rejudge(corrected, "sums", None, dry_run=False, gradebook=book)
    assert book.scores["ada", "seven"] == 1
    assert engine.ran == ["ada"]
    assert rejudge(corrected, "sums", None, dry_run=False, gradebook=book) == []


def test_what_was_never_run_is_told_once_and_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    submit(tmp_path, "bob", fetch(course))
    book = run(course, FakeEngine({"ada": answers(course, "ada")}), "ada")
    book.writes.clear()
    changes = rejudge(course, "sums", None, dry_run=True, gradebook=book)
    assert [(c.student, c.exercise, c.before, c.after) for c in changes] == [("bob", "", None, None)]
    assert "autograder grade" in changes[0].why
    assert not book.writes


def test_one_notebook_of_another_name_is_taken_as_the_one_that_is_missing(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course), name="sums-Copy1")
    engine = FakeEngine({"ada": answers(course, "ada")})
    run(course, engine, "ada")
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None and report.score == report.max_score
    assert [r.staff for r in report.remarks] == ["sums-Copy1.ipynb taken as sums.ipynb"]
    assert "was taken as sums.ipynb" in report.remarks[0].student


def test_of_two_notebooks_of_other_names_none_is_taken(tmp_path: Path) -> None:
    course = released(tmp_path)
    for name in ("sums-Copy1", "sums-Copy2"):
        submit(tmp_path, "ada", fetch(course), name=name)
    run(course, FakeEngine({"ada": answers(course, "ada")}), "ada")
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None and report.score == 0
    assert "not among the files" in report.remarks[0].student


def test_a_renamed_notebook_that_cannot_be_read_is_told_why(tmp_path: Path) -> None:
    course = released(tmp_path)
    path = submit(tmp_path, "ada", b"", name="sums-Copy1")
    path.unlink()
    path.symlink_to("/etc/passwd")
    run(course, FakeEngine({}), "ada")
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None and report.lost is None
    assert any("it is a link" in remark.student for remark in report.remarks)


def test_a_file_name_of_any_bytes_is_read(tmp_path: Path) -> None:
    course = released(tmp_path)
    path = submit(tmp_path, "ada", fetch(course))
    path.with_name(os.fsdecode(b"caf\xe9.ipynb")).write_bytes(b"{}")
    run(course, FakeEngine({"ada": answers(course, "ada")}), "ada")
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None and report.lost is None and report.score == report.max_score


def test_nothing_is_written_of_a_submission_that_cannot_be_planned_when_nothing_is_to_be_kept(tmp_path: Path) -> None:
    def broken(raw: bytes, release: Release, name: str) -> Repaired:
        raise ZeroDivisionError

    course, book = released(tmp_path), FakeGradebook()
    submit(tmp_path, "ada", fetch(course))
    for keep_it, writes in ((False, []), (True, ["ada"])):
        sums, engine = course.assignment("sums"), FakeEngine({})
        (graded,) = grade(course, sums, ["ada"], engine, broken, gradebook=book, keep=keep_it)
        assert graded.report.lost is not None
        assert book.writes == writes


def test_course_code_that_cannot_ask_is_told_with_file_exercise_and_what_to_do(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    broken = load_course(tiny_course(tmp_path, sums__seven=SEVEN.replace("slips: 7", "slips: rgn")))
    lost = run(broken, FakeEngine({}), "ada").lost["ada"]
    assert lost.startswith("course/sums/seven.py [seven]: its question cannot be made: NameError: name 'rgn' is not")
    assert "at line 7 of course/sums/seven.py. Correct it, then run the same command again." in lost


def test_course_code_that_cannot_judge_is_told_with_exercise_and_what_to_do(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    none = load_course(tiny_course(tmp_path, sums__seven=SEVEN.replace("slips: 7", "slips: 'many'")))
    run(none, FakeEngine({"ada": answers(none, "ada")}), "ada")
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None and report.verdicts["seven"].failed
    (told,) = failures(report)
    assert told.startswith("seven, sums, could not be judged: ValueError: ")
    assert told.endswith("Correct it, then run the same command again.")


def test_somebody_who_submitted_nothing_is_named_before_anything_is_done(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))
    assert chosen(tmp_path, ["sums"], None) == chosen(tmp_path, ["sums"], ["ada"]) == {"sums": ["ada"]}
    for stranger in ("bob", "../ada", ""):
        with pytest.raises(AutograderError, match="submitted nothing"):
            chosen(tmp_path, ["sums"], ["ada", stranger])


def test_a_submission_is_judged_by_the_release_that_it_was_fetched_from(tmp_path: Path) -> None:
    course = released(tmp_path)
    old = fetch(course)
    before = newest(course.records, "sums").version
    tiny_course(tmp_path, sums__seven=SEVEN.replace("3 + 4", "3 plus 4"))
    course = load_course(tmp_path)
    assert release_again(course) != before
    releases = Releases(course.records, "sums")
    assert releases.of({"sums": old}).version == before
    assert releases.of({"sums": fetch(course)}).version != before
    assert releases.of({"sums": b"says nothing"}) is releases.newest


def test_a_release_holds_no_key_and_the_same_course_builds_the_same_release(tmp_path: Path) -> None:
    course = released(tmp_path)
    first = newest(course.records, "sums")
    built = build(course, "sums")
    assert built.version == first.version
    assert built.changed == ()
    pool = first.questions["exercises"]["double"]["pool"]
    shown = {value for entry in pool for value in entry["params"].values()}
    keys = {entry["params"]["n"] * 2 for entry in pool}
    assert len(pool) == 20
    assert not shown & keys  # n is drawn from 1000 to 1999, so that no key is another's parameter


def test_a_receipt_lists_the_answers_that_reached_us_and_no_others(tmp_path: Path) -> None:
    course = released(tmp_path)
    submit(tmp_path, "ada", fetch(course))

    class Died(FakeEngine):
        """As a kernel that dies after the first answer: what was not handed in carries no variant."""

        def run(self, jobs):  # type: ignore[no-untyped-def]
            from dataclasses import replace

            for result in super().run(jobs):
                lost = replace(result.evidence["seven"], status="crashed", value=None, variant=None)
                yield replace(result, evidence={**result.evidence, "seven": lost})

    run(course, Died({"ada": answers(course, "ada", off=1)}), "ada")
    report = Store(tmp_path).report("sums", "ada")
    assert report is not None and report.receipt is not None
    assert report.receipt.answers == ("double",)


def test_a_file_whose_name_is_no_text_is_read_like_any_other(tmp_path: Path) -> None:
    folder = tmp_path / "submitted" / "ada" / "sums"
    folder.mkdir(parents=True)
    (folder / os.fsdecode(b"\xff.ipynb")).write_bytes(b"{}")
    assert len(read_submission(tmp_path, "sums", "ada").notebooks) == 1

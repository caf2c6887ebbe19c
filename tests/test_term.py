"""A course goes into its next term: what staff wrote, with other variants and without anybody's work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.build import build
from autograder.course import Course, load_course
from autograder.data import secret
from autograder.errors import AutograderError
from autograder.judge import judge
from autograder.pool import variant as make_variant
from autograder.release import build_questions
from autograder.term import new_term
from tests.fakes import submit, tiny_course
from tests.plain_course import plain_course


def used(root: Path) -> Course:
    """A course at the end of its term."""
    course = load_course(tiny_course(root))
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    build(course, "sums")
    submit(root, "ada", b"{}")
    secret(root)
    for path in ("gradebook.db", "records/reports/sums/ada.json", "source/sums/data/numbers.csv"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")
    return course


def pool(course: Course) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = build_questions(course, course.assignment("sums"))["exercises"]["double"]["pool"]
    return entries


def test_what_staff_wrote_is_copied_and_nothing_of_students(tmp_path: Path) -> None:
    made = new_term(used(tmp_path / "old"), tmp_path / "new")
    names = {path.relative_to(made.root).as_posix() for path in made.root.rglob("*") if path.is_file()}
    assert {name for name in names if "__pycache__" not in name} == {
        "nbgrader_config.py", "course/course.toml", "course/sums/double.py", "course/sums/seven.py",
        "source/sums/sums.ipynb", "source/sums/data/numbers.csv",
    }  # fmt: skip


def test_the_next_term_has_other_variants_and_another_release(tmp_path: Path) -> None:
    old = used(tmp_path / "old")
    made = new_term(old, tmp_path / "new", "2027")
    assert made.salt == "2027"
    before, after = pool(old), pool(made)
    assert before != after and {e["digest"] for e in before} != {e["digest"] for e in after}
    assert build(old, "sums").version != build(made, "sums").version


def test_the_answers_of_last_term_do_not_fit(tmp_path: Path) -> None:
    old = used(tmp_path / "old")
    made = new_term(old, tmp_path / "new", "2027")
    exercise = made.assignment("sums").exercises["double"]
    scores = []
    for mine, theirs in zip(pool(made), pool(old), strict=True):
        variant, last = make_variant(exercise, mine["params"]), make_variant(exercise, theirs["params"])
        copied = exercise.checker.answer(last)
        assert judge(exercise, variant, copied).score != 1
        scores.append(exercise.checker.check(copied, variant).score)  # typed in by hand: it names no variant
    assert sum(s or 0 for s in scores) <= 1, "a draw may repeat by chance"


def test_each_term_gets_a_salt_of_its_own_and_comments_stay(tmp_path: Path) -> None:
    old = used(tmp_path / "old")
    toml = tmp_path / "old" / "course" / "course.toml"
    toml.write_text(toml.read_text().replace('salt = "test"', 'salt = "test"  # who gets what'))
    salts = {new_term(old, tmp_path / name).salt for name in ("a", "b")}
    assert len(salts | {"test"}) == 3
    assert "# who gets what" in (tmp_path / "a" / "course" / "course.toml").read_text()
    assert json.loads(json.dumps('say "hi" \\')) == new_term(old, tmp_path / "c", 'say "hi" \\').salt


def test_plain_assignments_go_along_with_a_version_of_their_own(tmp_path: Path) -> None:
    root = plain_course(tmp_path / "old")
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    old = load_course(root)
    made = new_term(old, tmp_path / "new")
    assert build(old, "loops").version != build(made, "loops").version


@pytest.mark.parametrize(("folder", "salt", "said"), [
    ("old", "", "is there already"), ("old/source/next", "", "lies within"), ("new", "test", "the salt of this term"),
])  # fmt: skip
def test_a_copy_that_would_do_harm_is_refused(tmp_path: Path, folder: str, salt: str, said: str) -> None:
    old = used(tmp_path / "old")
    with pytest.raises(AutograderError, match=said):
        new_term(old, tmp_path / folder, salt)
    assert not (tmp_path / "new").exists()

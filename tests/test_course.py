from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import find_root, load_course
from autograder.errors import CourseError
from tests.fakes import SEVEN, tiny_course


def _faults(root: Path) -> str:
    with pytest.raises(CourseError) as caught:
        load_course(root)
    return str(caught.value)


def test_a_course_loads_with_its_exercises_points_and_limits(tmp_path: Path) -> None:
    course = load_course(tiny_course(tmp_path))
    assert list(course.assignment("sums").exercises) == ["double", "seven"]
    assert course.assignment("sums").points == 4


def test_two_exercises_with_one_id_are_reported_with_both_files(tmp_path: Path) -> None:
    words = _faults(tiny_course(tmp_path, sums__again=SEVEN))
    assert "course/sums/seven.py [seven]" in words
    assert "course/sums/again.py" in words


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    root = tiny_course(
        tmp_path,
        sums__broken="import nothing_of_that_name",
        sums__empty="x = 1",
        sums__free=SEVEN.replace('id="seven"', 'id="free"').replace("points=1", "points=0"),
    )
    words = _faults(root)
    assert "broken.py: it cannot be loaded" in words
    assert "at line 1" in words
    assert "empty.py: it defines no `exercise" in words
    assert "free.py [free]: it is worth 0 points" in words


def test_a_personal_exercise_whose_prompt_shows_no_parameter_is_a_fault(tmp_path: Path) -> None:
    from tests.fakes import DOUBLE

    root = tiny_course(tmp_path, sums__double=DOUBLE.replace("{n}", "it"))
    assert "the prompt shows no parameter" in _faults(root)


def test_an_unknown_limit_is_named_with_the_known_ones(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    toml = root / "course" / "course.toml"
    toml.write_text(toml.read_text() + "\n[assignments.sums.limits]\nsecond = 3\n")
    assert "unknown limit 'second'" in _faults(root)


@pytest.mark.parametrize(
    ("field", "instead", "words"),
    [
        ("points=1", 'points="1"', "`points` is '1'. Give it a number."),
        ("points=1", 'points=float("nan")', "it is worth nan points"),
        ('id="seven"', "id=7", "`id` is 7. Give it a text."),
        ("points=1", "points=1, show=3", "`show` is 3. Give it a function."),
        ("points=1", 'points=1, misconceptions=("x",)', "`checker` or `misconceptions` hold something else"),
        ("exercise = ", "import sys\nsys.exit(3)\nexercise = ", "it cannot be loaded: SystemExit: 3"),
    ],
)
def test_a_field_of_the_wrong_kind_is_a_fault(tmp_path: Path, field: str, instead: str, words: str) -> None:
    assert field in SEVEN
    assert words in _faults(tiny_course(tmp_path, sums__seven=SEVEN.replace(field, instead)))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('title = "Sums"', 'title = "Sums"\nnotebooks = "sums"', "notebooks = 'sums' is no list of names"),
        ('title = "Sums"', 'title = "Sums"\nlimit = 3', "unknown entry 'limit'. Known: title, notebooks"),
        ('title = "Sums"', 'title = "Sums"\nlimits = 3', "limits = 3 is no table"),
        ("[assignments.sums]", "assignments = 4\n[other]", "it names no assignment"),
        ("[course]", "course = 3\n[other]", "course = 3 is no table"),
        ('salt = "test"', 'salt = "test"\nwatch = 3', "watch = 3 is no table"),
        ('salt = "test"', 'salt = "test"\nwatch = {hourly = 3}', "unknown entry 'hourly'. Known: per_hour"),
        ('salt = "test"', 'salt = "test"\nwatch = {per_hour = 0}', "per_hour = 0. Give a whole number above 0"),
        ('title = "Sums"', 'title = "Sums"\nfeedback = "now"', "feedback = 'now'. Use one of at-once, by-hand"),
    ],
)
def test_an_entry_of_the_wrong_kind_is_a_fault(tmp_path: Path, before: str, after: str, words: str) -> None:
    root = tiny_course(tmp_path)
    toml = root / "course" / "course.toml"
    assert before in toml.read_text()
    toml.write_text(toml.read_text().replace(before, after))
    assert words in _faults(root)


def test_what_is_said_to_the_watcher_is_read(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    assert load_course(root).watch.per_hour == 20 and load_course(root).assignment("sums").feedback == "at-once"
    toml = root / "course" / "course.toml"
    text = toml.read_text().replace('salt = "test"', 'salt = "test"\nwatch = {per_hour = 3}')
    toml.write_text(text + 'feedback = "by-hand"\n')
    assert load_course(root).watch.per_hour == 3 and load_course(root).assignment("sums").feedback == "by-hand"


def test_a_folder_that_course_toml_does_not_name_is_a_fault(tmp_path: Path) -> None:
    assert "course/lost/" in _faults(tiny_course(tmp_path, lost__seven=SEVEN))


def test_a_file_that_changed_is_loaded_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)  # as it is unless somebody asks for it
    root = tiny_course(tmp_path)
    load_course(root)
    tiny_course(tmp_path, sums__seven=SEVEN.replace("points=1", "points=2"))
    assert load_course(root).assignment("sums").exercises["seven"].points == 2


def test_the_course_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    assert find_root(root / "source" / "sums") == root
    with pytest.raises(CourseError, match="this is no course"):
        find_root(tmp_path.parent)

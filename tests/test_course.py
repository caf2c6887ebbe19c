from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import find_root, load_course
from autograder.errors import CourseError
from autograder.types import Resources
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
    assert "(line 1)" in words
    assert "empty.py: it defines no `exercise" in words
    assert "free.py [free]: it is worth 0 points" in words


def test_what_a_file_raises_is_told_with_its_line_in_one_sentence(tmp_path: Path) -> None:
    root = tiny_course(tmp_path, sums__seven='\nraise ValueError("One must be right.")\n')
    with pytest.raises(CourseError, match=r"ValueError: One must be right \(line 2\)\. Correct it\.$"):
        load_course(root)


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
        ('salt = "test"', 'salt = "test"\ntime_zone = "Europe/Berlin"', "[course] has an unknown entry 'time_zone'"),
        ("[assignments.sums]", "[assignment.other]\n[assignments.sums]", "it has an unknown entry 'assignment'"),
        ('salt = "test"', 'salt = "test"\nwatch = 3', "watch = 3 is no table"),
        ('salt = "test"', 'salt = "test"\nwatch = {hourly = 3}', "unknown entry 'hourly'. Known: per_hour"),
        ('salt = "test"', 'salt = "test"\nwatch = {per_hour = 0}', "per_hour = 0. Give a whole number above 0"),
        ('title = "Sums"', 'title = "Sums"\nfeedback = "now"', "feedback = 'now'. Use one of at-once, coarse"),
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
    assert load_course(root).watch.per_hour == 20
    toml = root / "course" / "course.toml"
    toml.write_text(toml.read_text().replace('salt = "test"', 'salt = "test"\nwatch = {per_hour = 3}'))
    assert load_course(root).watch.per_hour == 3


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


RESOURCES = "\n[assignments.sums.resources]\n"


def test_an_assignment_asks_for_its_share_of_a_gpu(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    toml = root / "course" / "course.toml"
    assert load_course(root).assignment("sums").resources == Resources()
    asked = "gpu = 0.25\ngpu_memory_mb = 4096\nminutes = 3\nfallback = 'refuse'"
    toml.write_text(toml.read_text().replace("[course]", "[course]\nbackend = 'jax'") + RESOURCES + asked)
    assert load_course(root).assignment("sums").resources == Resources(0.25, 4096, 3, "refuse", "jax")


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ("gpu = 1.5", "gpu = 1.5. Give a share of one GPU, such as 0.25, or how many."),
        ("gpu = true", "gpu = True. Give a share"),
        ("gpu = nan", "gpu = nan. Give a share"),
        ("gpu = inf", "gpu = inf. Give a share"),
        ("gpu = 0", "gpu = 0. Give a share"),
        ("gpu = 1\ngpu_memory_mb = 0.5", "gpu_memory_mb = 0.5. Give a whole number of MB"),
        ("gpu = 1\nminutes = -1", "minutes = -1. Give a number above 0."),
        ("gpu = 1\nfallback = 'pray'", "fallback = 'pray'. Use one of wait, cpu, refuse"),
        ("gpu = 1\nfallback = ['cpu']", "fallback = ['cpu']. Use one of wait, cpu, refuse"),
        ("gpus = 1", "unknown entry 'gpus'. Known: gpu, gpu_memory_mb, minutes, fallback."),
        ("minutes = 5", "[assignments.sums.resources] asks for no GPU. Add gpu = 0.25"),
    ],
)
def test_resources_that_cannot_be_meant_are_faults(tmp_path: Path, entries: str, words: str) -> None:
    root = tiny_course(tmp_path)
    toml = root / "course" / "course.toml"
    toml.write_text(toml.read_text() + RESOURCES + entries)
    assert words in _faults(root)


def test_all_faults_of_resources_are_told_at_once(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    toml = root / "course" / "course.toml"
    content = toml.read_text().replace("[course]", "[course]\nbackend = 'theano'")
    toml.write_text(content + RESOURCES + "gpu = 'all'\nminutes = 'few'\nfallback = 3")
    faults = _faults(root)
    assert all(word in faults for word in ("'theano'", "gpu = 'all'", "minutes = 'few'", "fallback = 3"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Resources(gpu=0.25), Resources(gpu=0.5), True),
        (Resources(gpu=0.25), Resources(gpu=0.25, fallback="cpu"), True),
        (Resources(), Resources(gpu=0.25), False),
        (Resources(gpu=0.25), Resources(gpu=0.25, gpu_memory_mb=1000), False),
        (Resources(gpu=0.25), Resources(gpu=0.25, minutes=5), False),
        (Resources(), Resources(backend="jax"), False),
    ],
)
def test_a_run_is_kept_under_what_of_its_resources_changes_it(one: Resources, other: Resources, same: bool) -> None:
    assert (one.computed == other.computed) is same


def test_what_is_kept_stays_valid_where_nothing_is_asked_for() -> None:
    assert Resources().computed == []

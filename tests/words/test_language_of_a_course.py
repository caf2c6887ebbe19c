"""`language` in course.toml: what it changes, and when."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.basis import course_files
from autograder.build import build
from autograder.course import Course, language_of, load_course
from autograder.errors import CourseError
from autograder.pipeline import Graded, grade
from autograder.rejudge import rejudge
from autograder.release import Releases
from autograder.seal import Seals
from autograder.types import Evidence, Job
from handin.words import language
from tests.fakes import FakeEngine, submit, tiny_course
from tests.test_pipeline import fetch, release_again, released

WRONG = {"ada": {"seven": Evidence("ok", 8)}}
GERMAN, ENGLISH = "Das ist nicht die richtige Zahl.", "This is not the right number."


def speak(root: Path, name: str) -> Course:
    path = root / "course" / "course.toml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("language")]
    lines.insert(1, f'language = "{name}"')
    path.write_text("\n".join(lines))
    return load_course(root)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """In German, released once, and handed in by ada."""
    tiny_course(tmp_path)
    made = released(tmp_path)
    made = speak(tmp_path, "de")
    release_again(made)
    submit(tmp_path, "ada", fetch(made))
    return made


def run(course: Course, engine: FakeEngine) -> Graded:
    (graded,) = grade(course, course.assignment("sums"), ["ada"], engine)
    return graded


def test_a_language_without_words_is_a_fault_that_names_the_others(tmp_path: Path) -> None:
    with pytest.raises(CourseError) as caught:
        speak(tiny_course(tmp_path), "tlh")
    assert "language is 'tlh'" in str(caught.value) and "one of en, de" in str(caught.value)
    assert language_of(tmp_path) == "tlh"  # feedback does not wait for a sound course.toml, and is in English then
    assert language_of(tmp_path / "nowhere") == "en"


def test_a_release_says_its_language_and_an_english_one_is_as_ever(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    build(load_course(root), "sums")
    questions, notebook = root / "source/sums/questions.json", root / "source/sums/sums.ipynb"
    assert "language" not in json.loads(questions.read_bytes())
    assert "handin" not in json.loads(notebook.read_bytes())["metadata"]
    build(speak(root, "de"), "sums")
    assert json.loads(questions.read_bytes())["language"] == "de"
    form = json.loads(notebook.read_bytes())["metadata"]["handin"]
    assert form["lang"] == "de" and form["texts"]["unit"] == "Einheit" and len(form["texts"]) == 14
    assert "handin" not in json.loads((root / "solutions/sums/sums.ipynb").read_bytes())["metadata"]
    build(speak(root, "en"), "sums")
    assert "handin" not in json.loads(notebook.read_bytes())["metadata"]


def test_verdicts_are_in_the_courses_language_and_so_is_what_a_run_will_remark(course: Course) -> None:
    jobs: list[Job] = []
    graded = run(course, FakeEngine(WRONG, after=jobs.append))
    assert graded.report.verdicts["seven"].message == GERMAN
    assert [job.language for job in jobs] == ["de"]
    assert language() == "en"


def test_a_new_language_judges_anew_and_runs_nothing(course: Course) -> None:
    engine = FakeEngine(WRONG)
    run(course, engine)
    english = speak(course.root, "en")
    (change,) = (c for c in rejudge(english, "sums", None, dry_run=False) if c.exercise == "seven")
    assert change.said == ENGLISH and not change.counts
    again = run(speak(course.root, "de"), engine)
    assert again.report.verdicts["seven"].message == GERMAN
    assert engine.ran == ["ada"]


def test_a_new_language_breaks_the_seal(course: Course) -> None:
    graded = run(course, FakeEngine(WRONG))
    releases = Releases(course.records, "sums")
    receipt = graded.report.receipt
    assert receipt is not None

    def seal() -> str:
        seals = Seals(course_files(course.root, []), "full", b"", {}, releases.newest)
        return seals.of("e", "ada", releases.held("ada", {}), receipt, b"")

    before = seal()
    speak(course.root, "en")
    assert seal() != before


def test_two_courses_of_two_languages_are_graded_in_turns(
    course: Course, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = released(tmp_path_factory.mktemp("other"))
    for made in (course, other):
        for student in ("ada", "bob"):
            submit(made.root, student, fetch(made))
    answers = dict.fromkeys(("ada", "bob"), WRONG["ada"])
    german, english = (
        iter(grade(made, made.assignment("sums"), ["ada", "bob"], FakeEngine(answers))) for made in (course, other)
    )
    said = []
    for _turn in range(2):
        said += [next(german).report.verdicts["seven"].message, next(english).report.verdicts["seven"].message]
    assert said == [GERMAN, ENGLISH] * 2

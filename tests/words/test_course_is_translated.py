"""A course in a language of accents, from release to feedback on nbgrader: no plain word of ours is left."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autograder import ipynb
from autograder.build import build
from autograder.checkers.model import Model
from autograder.course import load_course
from autograder.engines import hidden
from autograder.feedback import text
from autograder.feedback.notebook import Budget, cells
from autograder.forms import english
from autograder.sandbox.display import finished
from autograder.sandbox.inside.output import Allowance
from autograder.types import Evidence
from handin import numbers
from handin.words import grouped, ngettext, speaking
from tests.contract.test_exercises import EXERCISES
from tests.feedback.samples import code, notebook
from tests.nbgrader_ext.school import School, make_course
from tests.words import pseudo
from tests.words.page import left_on
from translate.catalogue import FORM, ROOT

pytestmark = [pytest.mark.nbgrader, pytest.mark.usefixtures("spoken")]
AUTHORS = ("A tiny course", "Sums", "Double", "Seven", "Why", "ada", "YOUR ANSWER HERE", "fake")  # a name of a sandbox
COARSE = 'due = 2126-12-01T18:00:00Z\nfeedback = "coarse"\nlate = "accept"'


@pytest.fixture
def school(tmp_path: Path, spoken: str) -> School:
    """Its assignment is due in a hundred years, and its feedback is coarse until then."""
    root = make_course(tmp_path)
    path = root / "course" / "course.toml"
    path.write_text(path.read_text().replace("[course]", f'[course]\nlanguage = "{spoken}"') + f"\n{COARSE}\n")
    with speaking("en"):  # course.toml says it
        build(load_course(root), "sums")
        made = School(root)
        made.generate()
    return made


def test_the_dates_in_a_release_and_the_words_of_its_forms(school: School, spoken: str) -> None:
    released = json.loads((school.root / "release" / "sums" / "sums.ipynb").read_bytes())
    dates = next(ipynb.text(cell["source"]) for cell in released["cells"] if cell["id"] == "dates-of-the-assignment")
    assert "2126" in dates and pseudo.left(dates, ["UTC"]) == []
    form = released["metadata"]["handin"]
    assert form["lang"] == spoken and form["texts"].keys() == english().keys()
    assert {text: pseudo.left(text) for text in form["texts"].values() if pseudo.left(text)} == {}


def test_coarse_feedback_and_then_all_of_it(school: School, spoken: str) -> None:
    school.hand_in("ada", off=1)
    for due in ("2126", "2025"):
        path = school.root / "course" / "course.toml"
        path.write_text(path.read_text().replace("2126", due))
        with speaking("en"):
            school.grade("ada", force=True)
            assert school.feedback("ada")["success"]
        page = school.page("ada")
        assert f'<html lang="{spoken}">' in page and ("2126" in page) == (due == "2126")
        assert left_on(page, AUTHORS) == {}


def test_a_notebook_that_stands_in_for_one_that_could_not_be_read(school: School) -> None:
    with speaking("en"):
        school.hand_in("ada", content=b"no notebook")
        school.grade("ada")
    (path,) = (school.root / "autograded" / "ada" / "sums").glob("*.ipynb")
    note = json.loads(path.read_bytes())["cells"][0]
    assert note["id"] == "not-as-submitted" and pseudo.left(ipynb.text(note["source"]), ["sums"]) == []


def test_what_a_run_wrote_into_outputs() -> None:
    written = [{"output_type": "stream", "name": "stdout", "text": f"Ω{Allowance(64, 1).notice}Ω"}]
    written += [*finished([], 0, cut=True), hidden._NOT_SHOWN, hidden._error({"ename": "ValueError"})]
    outputs = [output for cell in cells(notebook(code("x", *written)), [], Budget()) for output in cell.outputs]
    said = "\n".join(output.text for output in outputs)
    assert len(said.splitlines()) > 4 and pseudo.left(said, ["kB", "ValueError"]) == []


@pytest.mark.parametrize("why", ["3 outputs, one is wanted", "(3,) rows for 200 images", "3 rows for 200 images",
                                 "too many numbers for each image"])  # fmt: skip
def test_what_is_wrong_with_the_output_of_a_model(why: str) -> None:
    checker = next(e.checker for e in EXERCISES.values() if isinstance(e.checker, Model))
    verdict = checker.unanswered(Evidence("refused", detail=f"output: {why}"))
    assert verdict.score == 0 and pseudo.left(verdict.message) == []


def test_the_forms_scripts_say_nothing_beside_their_texts() -> None:
    """Two words with a blank between them, in a string, that is no selector and no name of classes."""
    for path in sorted((ROOT / FORM).parent.glob("*.js")):
        script = re.sub(r"/\*[\s\S]*?\*/|^\s*//.*$|\s// .*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
        said = re.findall(r"""["'`]([A-Z][a-z]+ [a-z][^"'`]*)["'`]""", script)
        assert bool(said) == (path == ROOT / FORM), (path.name, said)


@pytest.mark.parametrize("answer", [1752, 12345.5, "12345.5 kB", "1000000"])
def test_numbers_are_grouped_by_a_space_that_is_read_again(answer: int | float | str) -> None:
    """In a language in which a comma may begin the decimals."""
    reading = numbers.read(answer)
    assert "\u202f" in reading.shown and "," not in reading.shown
    assert numbers.read(reading.shown.partition(" (")[0]).value == reading.value
    with speaking("en"):
        assert "\u202f" not in numbers.read(answer).shown


def test_numbers_in_texts_are_grouped_as_the_language_does() -> None:
    told = ngettext("{n:,} more cell is not shown.", "{n:,} more cells are not shown.", 12000)
    assert told.format(n=12000).startswith("12\u202f000 ")
    with speaking("en"):
        assert text.whole(12000) == "12,000" and text.number(1234.5) == "1,234.5"
    assert text.whole(12000) == "12\u202f000" and text.number(1234.5) == "1\u202f234.5"
    assert grouped("(3,)") == "(3,)" and grouped("1,234,567.5") == "1\u202f234\u202f567.5"

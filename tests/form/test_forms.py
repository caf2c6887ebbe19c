"""What the metadata of a form holds, and what it never can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.build import build, draw_forms
from autograder.course import load_course
from autograder.doctor import repair
from autograder.forms import NAME, forms
from autograder.release import load_fetched
from tests.fakes import code, notebook, tiny_course
from tests.form.notebooks import QUESTIONS

REPOSITORY = Path(__file__).parents[2]
RELEASED = sorted(REPOSITORY.glob("release/*/*.ipynb"))
PUBLIC = {"exercise", "answer", "kind", "title", "order", "options", "targets", "units", "entries"}
SECRET = "opensesame"
QUIZ = f'''
from autograder.checkers.choice import Choice, Option
from autograder.exercise import Exercise

checker = Choice((
    Option("a", "Red", "{SECRET} because it is not", next="{SECRET}"), Option("b", "Blue", "", right=True),
), praise="{SECRET}")
exercise = Exercise(
    id="seven", title="Colour", points=1, prompt="Which?", key=checker.key, checker=checker,
)
'''


def drawn(cells: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {cell["metadata"][NAME]["exercise"]: cell["metadata"][NAME] for cell in cells if NAME in cell["metadata"]}


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.stem)
def test_a_released_form_is_what_the_public_questions_give_and_nothing_else(path: Path) -> None:
    given = json.loads(path.read_bytes())
    questions = json.loads((path.parent / "questions.json").read_bytes())
    found = drawn(given["cells"])
    draw_forms(given, questions)
    assert found == drawn(given["cells"]), "run `make release` and commit what it wrote"
    for name, form in found.items():
        public = questions["exercises"][name]
        assert form.keys() <= PUBLIC
        for listed in ("options", "targets"):
            assert form.get(listed) == public["form"].get(listed)
            assert all(entry.keys() == {"id", "text"} for entry in form.get(listed, []))


def test_every_quiz_and_number_of_the_course_has_a_form() -> None:
    kinds = {"choice", "choices", "order", "match", "number", "value"}
    for folder in sorted({path.parent for path in RELEASED}):
        exercises = json.loads((folder / "questions.json").read_bytes())["exercises"]
        cells = [cell for path in folder.glob("*.ipynb") for cell in json.loads(path.read_bytes())["cells"]]
        assert drawn(cells).keys() == {name for name, about in exercises.items() if about["kind"] in kinds}


def test_nothing_that_an_author_says_of_right_and_wrong_gets_into_the_source_of_a_release(tmp_path: Path) -> None:
    root = tiny_course(tmp_path, sums__seven=QUIZ)
    build(load_course(root), "sums")
    written = (root / "source/sums/sums.ipynb").read_text()
    form = drawn(json.loads(written)["cells"])["seven"]
    assert form["options"] == [{"id": "a", "text": "Red"}, {"id": "b", "text": "Blue"}]
    assert SECRET not in written
    assert "right" not in json.dumps(form)


def test_building_again_changes_nothing_and_a_form_that_no_longer_fits_goes(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    first = build(load_course(root), "sums")
    again = build(load_course(root), "sums")
    assert (again.version, again.changed) == (first.version, ())
    path = root / "source/sums/sums.ipynb"
    content = json.loads(path.read_bytes())
    assert drawn(content["cells"]).keys() == {"double", "seven"}
    content["cells"][6]["source"] = "parts = [3, 4]\n" + content["cells"][6]["source"]
    path.write_text(json.dumps(content))
    build(load_course(root), "sums")
    assert drawn(json.loads(path.read_bytes())["cells"]).keys() == {"double"}


def test_worked_solutions_carry_no_form(tmp_path: Path) -> None:
    root = tiny_course(tmp_path)
    build(load_course(root), "sums")
    assert drawn(json.loads((root / "solutions/sums/sums.ipynb").read_bytes())["cells"]) == {}


CHECK = 'check("total", total)'


@pytest.mark.parametrize(
    ("texts", "at"),
    [
        (["total = ...  # such as 3", CHECK], 0),
        (["total = ...", "print(1)", "", CHECK], 0),
        (["total = ...", "total = 0", CHECK], 1),
        (["total = 3 * 4", CHECK], None),
        (["total = ...\nprint(total)", CHECK], None),
        (["other = ...", CHECK], None),
        (["total = ...", 'check("words", words)', CHECK], None),
        (["total = ...", 'check("words", 2 * total)', CHECK], None),
        (["total = ..."], None),
        (["total = (", CHECK], None),
        (["total = ...", 'check("total", total + 1)'], None),
        (["total = ...", 'check("unknown", total)'], None),
    ],
)
def test_a_form_stands_above_the_one_cell_that_only_sets_what_is_checked(texts: list[str], at: int | None) -> None:
    assert list(forms(texts, QUESTIONS)) == ([] if at is None else [at])


def test_functions_and_models_have_no_form() -> None:
    for kind in ("function", "model", "hologram"):
        question: dict[str, Any] = {"kind": kind, "title": "", "form": {}}
        assert forms(["f = ...", 'check("f", f)'], {"salt": "", "exercises": {"f": question}}) == {}


@pytest.mark.parametrize(
    ("unit", "units"), [("MB", {"kB", "MB", "MiB", "GB"}), ("s", {"ms", "s", "min"}), ("%", {"%"}), ("epochs", set())]
)
def test_units_of_one_kind_are_offered_and_no_others(unit: str, units: set[str]) -> None:
    question = {"kind": "number", "title": "", "form": {"unit": unit, "bare": True}}
    (form,) = forms(["n = ...", 'check("n", n)'], {"salt": "", "exercises": {"n": question}}).values()
    assert units <= set(form["units"])
    assert not {"MB", "s", "%"} - {unit} & set(form["units"])


def test_a_cell_without_metadata_can_get_a_form() -> None:
    bare = notebook(code("total = ..."), code(CHECK))
    draw_forms(bare, QUESTIONS)
    assert drawn(bare["cells"]).keys() == {"total"}


@pytest.mark.parametrize("forged", [None, 3, {"kind": "choice", "options": [{"id": "z", "text": "right"}]}])
def test_the_doctor_does_not_care_what_became_of_a_form(forged: Any) -> None:
    release = load_fetched(REPOSITORY / "release" / "mnist")
    content = json.loads((REPOSITORY / "release/mnist/mnist.ipynb").read_bytes())
    untouched = repair(json.dumps(content).encode(), release, "mnist")
    for cell in content["cells"]:
        if cell["metadata"].pop(NAME, None) and forged is not None:
            cell["metadata"][NAME] = forged
    repaired = repair(json.dumps(content).encode(), release, "mnist")
    assert (repaired.notebook, repaired.repairs) == (untouched.notebook, untouched.repairs)

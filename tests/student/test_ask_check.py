"""What a student meets: ask() and check()."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handin import ask, check, practice
from handin.carrier import Handed
from handin.questions import HandInError, find

MODELS: dict[str, Any] = json.loads((Path(__file__).parent / "models.json").read_text())
Say = Callable[[str, object], str]


def test_the_question_is_shown_with_its_own_numbers(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ask("count")
    shown = capsys.readouterr().out
    assert f"Take {given['rows']} rows" in shown
    assert "**A number** (1 point)" in shown and "`ada`" in shown


def test_a_quiz_shows_its_options_in_the_students_order(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask("which")
    shown = capsys.readouterr().out
    rows = [line.split("`")[1] for line in shown.splitlines() if line.startswith("| `")]
    assert rows == list(find("which").options)
    assert "Text of option 3 \\| with a bar" in shown and "one option" in shown


def test_what_is_for_practice_is_said_at_once_and_handed_in_all_the_same(
    release: Path, capsys: pytest.CaptureFixture[str], carried: list[Handed]
) -> None:
    content = json.loads((release / "questions.json").read_bytes())
    said = {"option-3": "Right. It has a bar.", "option-1": "This is not it."}
    content["exercises"]["which"]["pool"][0]["practice"] = practice.sealed(find("which"), said)
    (release / "questions.json").write_text(json.dumps(content))
    ask("which")
    assert "for practice" in capsys.readouterr().out
    for answer, words in [*said.items(), ("option-2", practice.NOT_YET)]:
        check("which", answer)
        assert f"Practice: {words}\nHanded in" in capsys.readouterr().out
    assert [one.answer for one in carried] == [*said, "option-2"]
    check("several", ["option-1"])
    assert "Practice" not in capsys.readouterr().out


def test_an_order_shows_its_items_and_how_a_list_is_written(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask("steps")
    shown = capsys.readouterr().out
    assert [line.split("`")[1] for line in shown.splitlines() if line.startswith("| `")] == list(find("steps").options)
    assert '["...", "...", "...", "..."]' in shown


def test_a_match_shows_items_and_targets_and_how_a_dict_is_written(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask("coats")
    shown = capsys.readouterr().out
    rows = [line.split("`")[1] for line in shown.splitlines() if line.startswith("| `")]
    assert rows == [*find("coats").options, *find("coats").targets]
    lines = [f'    "{item}": "...",' for item in find("coats").options]
    assert "\n".join(["```python", "{", *lines, "}", "```"]) in shown


def test_a_notebook_shows_markdown_and_nothing_else(release: Path) -> None:
    code = """
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="nocolor")
with capture_output() as seen:
    shell.run_cell("from handin import ask, check")
    shell.run_cell("numbers = ask('count')")
shown = [sorted(output.data) for output in seen.outputs]
print(seen.stdout, shown, shell.display_formatter.format(shell.user_ns["numbers"]))
with capture_output() as seen:
    shell.run_cell("check('count', '12,6')")
print(seen.stdout, seen.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[0] == " [['text/markdown', 'text/plain']] ({}, {})"
    assert "12.6 with a decimal point" in done.stdout and "Traceback" not in done.stdout


def test_an_answer_is_handed_in_before_it_is_read(release: Path, carried: list[Handed]) -> None:
    odd = object()
    with pytest.raises(HandInError):
        check("count", odd)
    assert carried == [Handed("count", "number", find("count").variant, odd)]


def test_an_unknown_exercise_hands_nothing_in(release: Path, carried: list[Handed]) -> None:
    with pytest.raises(HandInError):
        check("nothing", 5)
    assert carried == []


def test_check_says_that_nothing_is_graded_yet(said: Say) -> None:
    assert said("count", 5).endswith("Handed in, not graded here.\n")


@pytest.mark.parametrize(
    ("exercise", "answer", "read"),
    [
        ("count", "903,400", "903,400"),
        ("count", np.int32(5), "5"),
        ("count", "5 layers", "5 layers"),
        ("memory", "12600 kB", "12,600 kB (12,600,000 bytes)"),
        ("bare", 12.6, "12.6 MB"),
        ("which", "option-2", "option-2: Text of option 2"),
        ("which", ["option-2"], "option-2: Text of option 2"),
        ("which", " Option-2 ", "option-2: Text of option 2"),
        ("several", "option-2", "option-2: Text of option 2"),
        ("shape", (25, 38, 400), "height 25, width 38, channels 400"),
        ("shape", "25 x 38 x 400", "height 25, width 38, channels 400"),
        ("anything", [1, 2], "[1, 2]"),
        ("essay", "some words of mine", "4 words, for a person to read"),
    ],
)
def test_the_student_is_told_how_the_answer_was_read(exercise: str, answer: object, read: str, said: Say) -> None:
    assert said(exercise, answer).startswith(f"Your answer was read as: {read}")


def test_several_options_are_listed_in_the_students_order(said: Say) -> None:
    order = [key for key in find("several").options if key in ("option-1", "option-4")]
    shown = said("several", ("option-4", "option-1", "option-4"))
    assert [line.split()[1].rstrip(":") for line in shown.splitlines() if line.startswith("  -")] == order


def test_an_order_is_read_back_with_its_texts(said: Say) -> None:
    shown = said("steps", ("Build", " compile", "fit", "predict"))
    assert "read as: \n  1. build: First we build.\n  2. compile: First we compile.\n" in shown


def test_a_match_is_read_back_with_the_texts_of_the_targets(said: Say) -> None:
    shown = said("coats", {"zebra": "Stripes", "tiger": "stripes", "lion": "nothing"})
    assert {"  - zebra: stripes (has stripes)", "  - Lion: nothing (has nothing)"} <= set(shown.splitlines())


@pytest.mark.parametrize(
    ("exercise", "answer", "words"),
    [
        ("count", ..., "no answer"),
        ("count", "", "no answer"),
        ("count", True, "truth value"),
        ("count", (903, 400), "two numbers"),
        ("count", "12,6", "two ways"),
        ("count", "5 MB", "plain number"),
        ("memory", 12.6, "needs a unit, such as MB"),
        ("memory", "12.6 s", "s doesn't fit"),
        ("which", "", "no answer"),
        ("which", "...", "no answer"),
        ("which", None, "no answer"),
        ("which", 5, "can't read"),
        ("which", "option-9", "no option"),
        ("which", "otpion-3", 'mean "option-3"'),
        ("which", "text of option 3 | with a bar", 'mean "option-3"'),
        ("which", ["option-1", "option-2"], "Only one"),
        ("several", [], "no answer"),
        ("several", {"option-1"}, "list of ids"),
        ("several", "option-1, option-2", "as a list"),
        ("steps", ["build", "compile", "fit", "predcit"], 'no item with the id "predcit". Did you mean "predict"?'),
        ("steps", ["build", "compile", "fit", "zzz"], "all ids in order"),
        ("steps", ["build", "compile", "fit", "fit"], "Twice in your list: fit."),
        ("steps", ["build", "compile", "fit"], "Missing in your list: predict. Write all 4 ids."),
        ("steps", ["...", "...", "...", "..."], "no answer"),
        ("steps", [], "no answer"),
        ("steps", "build, compile, fit, predict", "as a list"),
        ("steps", [1, 2, 3, 4], "can't read"),
        ("steps", {"build": 1}, "can't read"),
        ("coats", {"zebra": "strpes"}, 'no target with the id "strpes". Did you mean "stripes"?'),
        ("coats", {"zebar": "stripes"}, 'no item with the id "zebar". Did you mean "zebra"?'),
        ("coats", {"lino": "spots"}, 'Did you mean "Lion"?'),
        ("coats", {"zebra": "has Stripes"}, 'Did you mean "stripes"?'),
        ("coats", {"zebra": "qqq"}, "Write a dict"),
        ("coats", {"zebra": "stripes", "tiger": "stripes", "Lion": "..."}, "Still without a target: Lion."),
        ("coats", {"zebra": "...", "tiger": "...", "Lion": "..."}, "no answer"),
        ("coats", {}, "no answer"),
        ("coats", ["stripes", "stripes", "spots"], "dict"),
        ("coats", {"zebra": 5}, "can't read"),
        ("coats", {5: "zebra"}, "can't read"),
        ("shape", (25, 38), "2 numbers, and 3"),
        ("shape", (..., ..., ...), "no answer"),
        ("shape", "wide", "row of whole numbers"),
        ("anything", None, "no answer"),
        ("anything", object(), "plain value"),
        ("essay", " ", "no answer"),
        ("future", 5, "upgrade"),
        ("function", ..., "no answer"),
        ("function", 5, "not a function"),
        ("function", int, "not a function"),
        ("model", None, "no answer"),
        ("model", 5, "not a Keras model"),
    ],
)
def test_what_can_not_be_read_is_explained(exercise: str, answer: object, words: str, complaint: Say) -> None:
    assert words in complaint(exercise, answer)


def test_the_options_are_named_where_none_fits(complaint: Say) -> None:
    assert all(f"option-{n}" in complaint("which", "zzz") for n in range(6))


def area(width: int, height: int) -> int:
    return width * height


def test_a_function_is_read_without_being_called(said: Say) -> None:
    assert "the function area(width: 'int', height: 'int')" in said("function", area)


def test_a_function_of_other_arguments_is_explained(complaint: Say) -> None:
    assert "can't be called with 2 arguments" in complaint("function", lambda width: width)


def test_a_function_with_more_that_may_be_left_out_is_fine(said: Say) -> None:
    assert "the function" in said("function", lambda a, b, c=1: 0)


def test_public_examples_are_run_and_shown(said: Say) -> None:
    def inverse(x: float) -> float:
        return 1 / x

    shown = said("shown", inverse)
    assert "inverse(2) returns 0.5" in shown
    assert "inverse(0) raises ZeroDivisionError: division by zero" in shown


class FakeModel:
    """A Keras model as check() sees it."""

    def __init__(
        self, config: Any, parameters: int = 7_000, shape: Any = (None, 28, 28, 1), out: Any = (None, 10)
    ) -> None:
        self.config, self.parameters, self.shape, self.out = config, parameters, shape, out

    def to_json(self) -> str:
        return json.dumps(self.config)

    def count_params(self) -> int:
        return self.parameters

    @property
    def input_shape(self) -> Any:
        if self.shape is None:
            raise AttributeError("has no defined input shape yet")
        return self.shape

    @property
    def output_shape(self) -> Any:
        return self.out


class History:
    pass


def test_a_model_is_summed_up_in_a_line(said: Say) -> None:
    shown = said("model", FakeModel(MODELS["sequential"]))
    assert "a model of 7,000 parameters, input (any, 28, 28, 1), output (any, 10)" in shown


@pytest.mark.parametrize("shape", [(None, 28, 28), (None, None, None, 1)], ids=str)
def test_a_model_that_takes_the_images_in_its_own_way_is_fine(shape: Any, said: Say) -> None:
    assert "a model" in said("model", FakeModel(MODELS["sequential"], shape=shape))


class Untold(FakeModel):
    def to_json(self) -> str:
        raise NotImplementedError("get_config")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (FakeModel(MODELS["lambda"]), "Rescaling"),
        (FakeModel(MODELS["subclass"]), "functional API"),
        (Untold({}), "standard layers"),
        (FakeModel(MODELS["sequential"], parameters=200_000), "at most 100,000"),
        (FakeModel(MODELS["sequential"], shape=None), "no shape yet"),
        (FakeModel(MODELS["sequential"], shape=(None, 784)), "keras.Input(shape=(28, 28, 1))"),
        (FakeModel(MODELS["sequential"], out=(None, 1)), "Dense(10)"),
        (FakeModel(MODELS["sequential"], out=(None, 7, 7, 10)), "Dense(10)"),
        (History(), "history of the training"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_model_that_can_not_be_graded_is_explained(model: object, words: str, complaint: Say) -> None:
    assert words in complaint("model", model)


def test_a_complaint_shows_no_traceback_in_a_notebook() -> None:
    assert HandInError("Write a number.")._render_traceback_() == ["Write a number."]


def test_importing_is_light() -> None:
    heavy = ("tensorflow", "keras", "pint", "numpy", "nbgrader", "IPython", "requests")
    code = f"import sys, handin; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_a_plain_number_needs_no_pint(release: Path) -> None:
    code = "import sys, handin; handin.check('count', '903,400 parameters'); print('pint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.endswith("False\n")

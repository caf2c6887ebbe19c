"""Every fault that `autograder check` promises to find, planted in a copy of the course. The course itself has none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.check import check_assignment, check_course, check_exercise
from autograder.course import load_course
from autograder.errors import CourseError, Fault

REPOSITORY = Path(__file__).parents[1]
TOML = """\
[course]
id = "copy"
title = "A copy"
setting = "full"
salt = "test"

[assignments.arithmetic]
title = "Arithmetic"

[assignments.mnist]
title = "Digits"
packs = ["mnist"]
"""
SKIP = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("course/_lib", "course/arithmetic", "course/mnist", "source/arithmetic", "source/mnist"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=SKIP)
    (tmp_path / "course" / "course.toml").write_text(TOML)
    return tmp_path


def plant(root: Path, file: str, old: str, new: str) -> None:
    path = root / "course" / f"{file}.py"
    text = path.read_text("utf-8")
    assert old in text, "what is replaced must be there"
    path.write_text(text.replace(old, new, 1), "utf-8")


def edit(root: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change the cells of the notebook mnist."""
    path = root / "source" / "mnist" / "mnist.ipynb"
    notebook = json.loads(path.read_bytes())
    change(notebook["cells"])
    path.write_text(json.dumps(notebook))


def add(root: Path, markdown: str, **attachments: Any) -> None:
    cell = {"cell_type": "markdown", "id": "new", "metadata": {}, "source": markdown, "attachments": attachments}
    edit(root, lambda cells: cells.append(cell))


def faults(root: Path) -> list[Fault]:
    """Those of the assignment mnist; nbgrader's metadata, which `build` mends, is not looked at."""
    try:
        course = load_course(root)
    except CourseError as error:
        return list(error.faults)
    found = check_assignment(course, course.assignment("mnist"))
    return [fault for fault in found if "metadata is not in step" not in fault.problem]


def of_exercise(root: Path, exercise: str) -> list[Fault]:
    try:
        course = load_course(root)
    except CourseError as error:
        return list(error.faults)
    arithmetic = course.assignment("arithmetic")
    return list(check_exercise(course, arithmetic, arithmetic.exercises[exercise]))


def the_only(found: list[Fault], file: str, exercise: str, problem: str) -> None:
    (fault,) = found
    assert (fault.file, fault.exercise) == (file, exercise)
    assert problem in fault.problem
    assert fault.remedy


def test_the_course_itself_has_no_fault() -> None:
    assert check_course(load_course(REPOSITORY)) == ()


def test_the_copy_has_no_fault_before_one_is_planted(copy: Path) -> None:
    assert faults(copy) == []


def test_all_faults_are_reported_at_once(copy: Path) -> None:
    plant(copy, "mnist/which_loss", "Accuracy is what we look at", "Use `sparse-categorical-crossentropy`. We look at")
    plant(copy, "mnist/reflect", "key=lambda params, slips: (", 'key=lambda params, slips: "" and (')
    add(copy, "#### Deep\n\n![](https://example.org/picture.png)\n\n[notes](notes.pdf)")
    assert len(faults(copy)) == 5


# ----------------------------------------------------------------------------------------------- prompt and parameters


def test_a_prompt_without_parameters(copy: Path) -> None:
    plant(copy, "arithmetic/output_shape", "images of {image}:\n\n{layers}\n", "images.\n")
    the_only(of_exercise(copy, "output-shape"), "course/arithmetic/output_shape.py", "output-shape",
             "variants differ, but the prompt shows no parameter")  # fmt: skip


def test_a_parameter_that_decides_the_answer_and_is_not_shown(copy: Path) -> None:
    plant(copy, "arithmetic/memory_train", "batches of {batch} images", "batches of images")
    the_only(of_exercise(copy, "memory-train"), "course/arithmetic/memory_train.py", "memory-train",
             "the answer depends on 'batch', which the student is not shown")  # fmt: skip


def test_variants_of_unequal_effort(copy: Path) -> None:
    plant(copy, "arithmetic/output_shape", "effort=steps_to_shape", 'effort=lambda stack: stack["batch"]')
    the_only(of_exercise(copy, "output-shape"), "course/arithmetic/output_shape.py", "output-shape",
             "takes 8 steps or 24, as luck has it")  # fmt: skip


def test_variants_of_which_nothing_says_how_much_work_they_are(copy: Path) -> None:
    plant(copy, "arithmetic/output_shape", "effort=steps_to_shape", "effort=None")
    the_only(of_exercise(copy, "output-shape"), "course/arithmetic/output_shape.py", "output-shape",
             "nothing says that they are equally hard")  # fmt: skip


def test_an_effort_that_raises(copy: Path) -> None:
    plant(copy, "arithmetic/output_shape", "effort=steps_to_shape", 'effort=lambda stack: stack["depth"]')
    the_only(of_exercise(copy, "output-shape"), "course/arithmetic/output_shape.py", "output-shape",
             "`effort` raises: KeyError")  # fmt: skip


# --------------------------------------------------------------------------------------------------- unreachable points


def test_points_that_no_cell_gives(copy: Path) -> None:
    edit(copy, lambda cells: cells.remove(next(c for c in cells if 'check("prepare"' in "".join(c["source"]))))
    the_only(faults(copy), "course/mnist/prepare.py", "prepare", "its points cannot be reached")


def test_points_that_are_given_within_a_solution(copy: Path) -> None:
    def hide(cells: list[dict[str, Any]]) -> None:
        cell = next(c for c in cells if 'check("prepare"' in "".join(c["source"]))
        cell["source"] = f"### BEGIN SOLUTION\n{''.join(cell['source'])}\n### END SOLUTION"

    edit(copy, hide)
    the_only(faults(copy), "source/mnist/mnist.ipynb", "prepare", "within a solution, which students do not get")


def test_a_question_that_no_cell_shows(copy: Path) -> None:
    edit(copy, lambda cells: cells.remove(next(c for c in cells if 'ask("prepare"' in "".join(c["source"]))))
    the_only(faults(copy), "course/mnist/prepare.py", "prepare", "no cell shows the question")


def test_a_cell_that_asks_what_is_no_exercise(copy: Path) -> None:
    cell = {"cell_type": "code", "id": "new", "metadata": {}, "source": 'ask("prepar")', "outputs": []}
    edit(copy, lambda cells: cells.append(cell))
    the_only(faults(copy), "source/mnist/mnist.ipynb", "prepar", "course/mnist/ has none such")


def test_steps_of_a_model_that_end_below_full_credit(copy: Path) -> None:
    plant(copy, "mnist/classifier", "(0.99, 1.0)", "(0.985, 0.95)")
    the_only(faults(copy), "course/mnist/classifier.py", "", "The steps of 'full' must rise")


def test_a_quiz_in_which_nothing_is_right(copy: Path) -> None:
    plant(copy, "mnist/which_loss", "right=True,", "")
    the_only(faults(copy), "course/mnist/which_loss.py", "", "needs an option that is right")


# ------------------------------------------------------------------------------------------------------------- feedback


def test_a_wrong_option_without_feedback(copy: Path) -> None:
    plant(copy, "mnist/which_loss",
          '"It is made for questions of yes or no, each with an answer of its own. Here exactly one of ten classes "\n'
          '            "is right."', '" "')  # fmt: skip
    the_only(faults(copy), "course/mnist/which_loss.py", "which-loss", "'binary-crossentropy' has no feedback")


def test_a_misconception_without_words(copy: Path) -> None:
    plant(
        copy,
        "mnist/prepare",
        '"The numbers still go from 0 to 255. Inputs that large make the first steps of training jump about."',
        '""',
    )
    the_only(faults(copy), "course/mnist/prepare.py", "prepare", "'not-scaled' says nothing to the student")


@pytest.mark.parametrize(
    "said", ["`sparse-categorical-crossentropy` is better.", "'It reads a label such as 7 as the number of a class.'"]
)
def test_feedback_that_says_the_right_answer(copy: Path, said: str) -> None:
    plant(copy, "mnist/which_loss", """'loss="sparse_categorical_crossentropy"'""",
          '"It reads a label such as 7 as the number of a class"')  # fmt: skip
    plant(copy, "mnist/which_loss", "Accuracy is what we look at in the end", f"{said} Accuracy is what we look at")
    the_only(faults(copy), "course/mnist/which_loss.py", "which-loss", "feedback of 'accuracy' says the right answer")


# ---------------------------------------------------------------------------------------------------------------- prose


def test_prose_of_which_nothing_says_what_is_good(copy: Path) -> None:
    path = copy / "course/mnist/reflect.py"
    text = path.read_text()
    start, end = text.index("checker=Prose("), text.rindex(")")
    path.write_text(f"{text[:start]}checker=Prose(),\n{text[end:]}")
    the_only(faults(copy), "course/mnist/reflect.py", "reflect", "nothing says what a good answer says")


def test_prose_without_a_sample_answer(copy: Path) -> None:
    plant(copy, "mnist/reflect", "key=lambda params, slips: (", 'key=lambda params, slips: "" and (')
    the_only(faults(copy), "course/mnist/reflect.py", "reflect", "its sample answer is empty")


# -------------------------------------------------------------------------------------------------- pictures and links

PNG = {"image/png": "iVBORw0KGgo="}


@pytest.mark.parametrize(
    ("markdown", "problem"),
    [
        ("![](attachment:a.png)", "shows attachment:a.png without alt text"),
        ("![image.png](attachment:a.png)", "without alt text"),
        ('<img src="attachment:a.png">', "without alt text"),
        ('<img alt=" " src="attachment:a.png"/>', "without alt text"),
        ("![two maps](attachment:a.png) ![three maps](attachment:b.png)", "shows the attachment b.png"),
        ("nothing", "carries an attachment that it does not show: a.png"),
    ],
)
def test_a_picture_that_not_everybody_gets(copy: Path, markdown: str, problem: str) -> None:
    add(copy, markdown, **{"a.png": PNG})
    number = len(json.loads((copy / "source/mnist/mnist.ipynb").read_bytes())["cells"])
    the_only(faults(copy), "source/mnist/mnist.ipynb", "", problem)
    assert faults(copy)[0].problem.startswith(f"cell {number} ")


@pytest.mark.parametrize(
    ("markdown", "problem"),
    [
        ("![two maps](https://example.org/a.png)", "without a network it is gone"),
        ("![two maps](//example.org/a.png)", "without a network it is gone"),
        ("[notes](notes.pdf)", "leads to notes.pdf, which does not lie beside the notebook"),
        ("[keys](../../course/mnist/prepare.py)", "does not lie beside the notebook"),
        ("[notes](file:///home/me/notes.pdf)", "a place on one computer only"),
        ("![two maps](maps.png)", "leads to maps.png"),
        ("[above](#Nowhere)", "there is no such heading"),
        ("[empty]()", "there is no such heading"),
        ("[](https://keras.io)", "has a link without text"),
        ("<table>\n\n<tr><td>1</td></tr>\n\n</table>", "a table without header cells"),
        ("| | |\n|---|---|\n| 1 | 2 |", "a table without header cells"),
        (
            "Call `keras.datasets.cifar10.load_data()`.",
            "loads 'cifar10', a data pack that this assignment does not have",
        ),
        ("```python\nphotos = data('flowers')\n```", "loads 'flowers'"),
    ],
)
def test_a_page_that_leads_nowhere(copy: Path, markdown: str, problem: str) -> None:
    add(copy, markdown)
    the_only(faults(copy), "source/mnist/mnist.ipynb", "", problem)


@pytest.mark.parametrize(
    "code",
    [
        "from keras.datasets import fashion_mnist",
        "%matplotlib inline\n(x, y), _ = keras.datasets.fashion_mnist.load_data()",
        "from keras import datasets\ndatasets.fashion_mnist.load_data()",
        'import handin\nhandin.data("fashion_mnist")',
    ],
)
def test_code_that_loads_a_data_pack_which_the_assignment_does_not_have(copy: Path, code: str) -> None:
    edit(copy, lambda cells: cells.append({"cell_type": "code", "id": "new", "metadata": {}, "source": code}))
    the_only(faults(copy), "source/mnist/mnist.ipynb", "", "loads 'fashion_mnist'")
    assert 'packs = ["mnist", "fashion_mnist"]' in faults(copy)[0].remedy


def test_a_backbone_without_its_pack(copy: Path) -> None:
    add(copy, "`keras.applications.MobileNetV2(weights=None)` is untrained.")
    assert faults(copy) == []
    add(copy, "`keras.applications.MobileNetV2(include_top=False)` is not.")
    the_only(faults(copy), "source/mnist/mnist.ipynb", "", "loads 'backbone'")


def test_a_prompt_with_a_picture_without_alt_text_and_a_heading(copy: Path) -> None:
    plant(copy, "mnist/reflect", 'prompt="', 'prompt="# Look\\n\\n![](https://example.org/a.png)\\n\\n')
    found = faults(copy)
    assert {fault.exercise for fault in found} == {"reflect"}
    assert [fault.problem.split(":")[0] for fault in found] == [
        "the prompt shows https",
        "the prompt shows a picture from the web, https",
        "the prompt holds a heading, which the outline of a notebook has no place for.",
    ]


# ------------------------------------------------------------------------------------------------------------- headings


@pytest.mark.parametrize(
    ("markdown", "problem"),
    [
        ("# Another title", "has a second title: Another title"),
        ("<h1>Another title</h1>", "has a second title: Another title"),
        ("## Part\n\n#### Deep", "goes from a heading of level 2 to one of level 4: Deep"),
        ("##", "has an empty heading"),
    ],
)
def test_an_outline_that_a_screen_reader_stumbles_over(copy: Path, markdown: str, problem: str) -> None:
    add(copy, markdown)
    the_only(faults(copy), "source/mnist/mnist.ipynb", "", problem)


def test_a_notebook_that_does_not_begin_with_its_title(copy: Path) -> None:
    edit(copy, lambda cells: cells[0].update(source="## A network that reads digits"))
    the_only(faults(copy), "source/mnist/mnist.ipynb", "", "the first heading is not the title")


@pytest.mark.parametrize(
    "markdown",
    [
        "```python\n# a comment, no heading\n#### another\n```",
        "## Your *own* `network`\n\n[back](#Your-own-network)",
        '<a id="here"></a> [back](#here), [web](https://keras.io), [mail](mailto:staff@example.org)',
        "[questions](questions.json)",
        "<!-- ![](nothing.png) -->",
        "<table><tr><th>size</th></tr><tr><td>1</td></tr></table>",
        "![two maps](data:image/png;base64,iVBORw0KGgo=)",
        "From scikit-learn: `sklearn.datasets.load_digits()`, and `data` is a word, too.",
        "### BEGIN SOLUTION\n# my own title ![](x.png)\n### END SOLUTION",
    ],
)
def test_what_is_sound_is_not_reported(copy: Path, markdown: str) -> None:
    add(copy, markdown)
    assert faults(copy) == []

"""Makes a new exercise: its file under course/, and its cells in the assignment's notebook."""

from __future__ import annotations

import builtins
import json
import keyword
import re
import secrets
from pathlib import Path
from typing import Any

from autograder.build import pretty
from autograder.course import Course
from autograder.errors import AutograderError

HEAD = '"""{title}: what should the student be able to do afterwards?"""\n\nfrom __future__ import annotations\n\n'

KINDS: dict[str, str] = {
    "numeric": '''from random import Random
from typing import Any

from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise
from autograder.types import Misconception, Params, Slips


def draw(rng: Random) -> dict[str, Any]:
    return {{"width": rng.randint(20, 90), "kernel": rng.choice([3, 5, 7])}}


def outputs(params: Params, slips: Slips = frozenset()) -> int:
    """Width after one "valid" convolution with stride 1."""
    lost = params["kernel"] if "whole-kernel" in slips else params["kernel"] - 1
    return int(params["width"] - lost)


exercise = Exercise(
    id="{id}",
    title="{title}",
    points=1,
    prompt="A kernel of width {{kernel}} slides along {{width}} pixels: stride 1, no padding. How many outputs?",
    params=draw,
    effort=lambda params: 2,  # steps on paper: - kernel, + 1
    key=outputs,
    checker=Numeric(exact=True),
    misconceptions=(
        Misconception("whole-kernel", "A kernel of width 3 fits once into 3 pixels: the row loses 2 of them, not 3."),
    ),
)
''',
    "choice": """from autograder.checkers.choice import Choice, Option
from autograder.exercise import Exercise

quiz = Choice(
    options=(
        Option("max-pooling", "Max pooling", "It only picks the largest value.", right=True),
        Option("convolution", "A convolution", "Each of its kernels is made of weights that are trained."),
        Option("dense", "A dense layer", "It has one weight for each pair of input and output."),
    ),
)

exercise = Exercise(
    id="{id}",
    title="{title}",
    points=1,
    prompt="Which layer has no weights to train?",
    key=quiz.key,
    checker=quiz,
)
""",
    "choices": """from autograder.checkers.choice import Choices, Option
from autograder.exercise import Exercise

quiz = Choices(
    options=(
        Option("max-pooling", "Max pooling", "It only picks the largest value: nothing to train."),
        Option("convolution", "A convolution", "Its kernels are trained.", right=True),
        Option("dense", "A dense layer", "One weight for each pair of input and output.", right=True),
        Option("flatten", "Flatten", "It only changes the shape."),
    ),
)

exercise = Exercise(
    id="{id}",
    title="{title}",
    points=2,
    prompt="Which of these layers have weights to train? Pick all that do.",
    key=quiz.key,
    checker=quiz,
)
""",
    "order": """from autograder.checkers.options import Item
from autograder.checkers.order import Order
from autograder.exercise import Exercise
from autograder.types import Misconception

quiz = Order(
    items=(
        Item("max-pooling", "Max pooling, 2 × 2"),
        Item("one-by-one", "A convolution with 8 kernels of 1 × 1"),
        Item("three-by-three", "A convolution with 8 kernels of 3 × 3"),
        Item("dense", "A dense layer with 8 units on the flattened image"),
    ),
)

exercise = Exercise(
    id="{id}",
    title="{title}",
    points=2,
    prompt="Layers for images of 32 × 32 × 3. Put them in order, from the fewest weights to the most.",
    key=quiz.key,
    checker=quiz,
    misconceptions=(
        Misconception(
            "dense-is-one",
            "A dense layer has one weight for each pair of input and output, and an image has many inputs.",
            key=lambda params: ("max-pooling", "dense", "one-by-one", "three-by-three"),
        ),
    ),
)
""",
    "match": """from autograder.checkers.match import Match, Pair
from autograder.checkers.options import Item
from autograder.exercise import Exercise

quiz = Match(
    pairs=(
        Pair(
            "digits", "Which of ten digits?", to="softmax", confused="sigmoid",
            feedback="The ten probabilities belong together: they sum to 1.",
        ),
        Pair(
            "tags", "Which of ten tags, any number of them?", to="sigmoid", confused="softmax",
            feedback="A photo can have two tags at once, each with a probability near 1.",
        ),
        Pair(
            "price", "How much does it cost?", to="none", confused="sigmoid",
            feedback="Prices do not end at 1.",
        ),
    ),
    targets=(
        Item("softmax", "Softmax"),
        Item("sigmoid", "Sigmoid"),
        Item("none", "No activation function"),
        Item("relu", "ReLU"),
    ),
)

exercise = Exercise(
    id="{id}",
    title="{title}",
    points=2,
    prompt="Which activation function belongs to the last layer of each network?",
    key=quiz.key,
    checker=quiz,
)
""",
    "function": """from collections.abc import Callable, Iterator
from random import Random

from autograder.checkers.function import Function, Group
from autograder.exercise import Exercise
from autograder.types import Call, Misconception, Params, Slips


def reference(params: Params, slips: Slips) -> Callable[[list[float]], list[float]]:
    if "absolute" in slips:
        return lambda values: [abs(value) for value in values]
    return lambda values: [max(0.0, value) for value in values]


def draw(rng: Random) -> Iterator[Call]:
    for _ in range(3):
        yield Call(([rng.uniform(-9, 9) for _ in range(6)],))


exercise = Exercise(
    id="{id}",
    title="{title}",
    points=2,
    prompt="Write `relu(values)`: a list of numbers in, a list with every negative number replaced by 0.0 out.",
    key=reference,
    checker=Function(
        signature="relu(values)",
        groups=(Group("numbers of both signs", draw, weight=2), Group("an empty list", (Call(([],)),))),
    ),
    misconceptions=(Misconception("absolute", "A negative number becomes 0, not positive."),),
)
""",
    "model": """from autograder.checkers.accuracy import Accuracy
from autograder.exercise import Exercise

exercise = Exercise(
    id="{id}",
    title="{title}",
    points=5,
    prompt="Build and train a network that reads digits, and hand it in.",
    key=Accuracy.key,
    checker=Accuracy(
        # Calibrate before you release: python -m bench.calibrate {id}
        steps={{"full": ((0.90, 0.5), (0.97, 1.0)), "small": ((0.80, 0.5), (0.90, 1.0))}},
        max_parameters=500_000,
    ),
    pack="mnist",
)
""",
    "prose": """from autograder.checkers.prose import Point, Prose
from autograder.exercise import Exercise

exercise = Exercise(
    id="{id}",
    title="{title}",
    points=3,
    prompt="Why does a convolution need fewer weights than a dense layer? Three sentences are enough.",
    key=lambda params, slips: "Its kernel is small, and the same weights are used at every position.",
    checker=Prose(
        rubric=(
            Point("says that each kernel sees a small window only."),
            Point("says that the same weights are used at every position."),
        ),
    ),
)
""",
}

TITLE = "# {title}\n\nWhat is this notebook about, and what can a student do afterwards?"

IMPORTS = """\
from handin import ask, check

me = ""  # Away from JupyterHub, write your user name between the quotes."""

PROSE = """\
### BEGIN SOLUTION
Its kernel is small, and the same weights are used at every position of the image.
### END SOLUTION"""

WORK = {
    "numeric": """\
{name} = ...
### BEGIN SOLUTION
row = ask("{id}")
{name} = row["width"] - row["kernel"] + 1
### END SOLUTION""",
    "choice": """\
{name} = ""  # write the option's id between the quotes
### BEGIN SOLUTION
{name} = "max-pooling"
### END SOLUTION""",
    "choices": """\
{name} = []  # write the ids of the options between the brackets, each in quotes, with commas between them
### BEGIN SOLUTION
{name} = ["convolution", "dense"]
### END SOLUTION""",
    "order": """\
{name} = []  # write all ids in order between the brackets, each in quotes, with commas between them
### BEGIN SOLUTION
{name} = ["max-pooling", "one-by-one", "three-by-three", "dense"]
### END SOLUTION""",
    "match": """\
{name} = {
    "digits": "...",  # write the id of a target between the quotes
    "tags": "...",
    "price": "...",
}
### BEGIN SOLUTION
{name} = {"digits": "softmax", "tags": "sigmoid", "price": "none"}
### END SOLUTION""",
    "function": """\
def relu(values):
    ...
    ### BEGIN SOLUTION
    return [max(0.0, value) for value in values]
    ### END SOLUTION


{name} = relu""",
    "model": """\
import keras

{name} = ...
### BEGIN SOLUTION
(x_train, y_train), _ = keras.datasets.mnist.load_data()
{name} = keras.Sequential([
    keras.Input((28, 28, 1)), keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
    keras.layers.Flatten(), keras.layers.Dense(10, "softmax"),
])
{name}.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
{name}.fit(x_train[..., None] / 255, y_train, epochs=3, verbose=0)
### END SOLUTION""",
}

TAKEN = {"ask", "check", "me", "row", "relu", "keras", "x_train", "y_train"}
"""Names that the cells above use for something else."""


def new_exercise(course: Course, name: str, exercise: str, kind: str) -> list[Path]:
    """Return the files written. AutograderError when kind or place do not fit, or something is there already."""
    assignment = course.assignment(name)
    if assignment.plain:
        raise AutograderError(f"{name} is plain: mark a cell of its notebook with nbgrader's Create Assignment.")
    if kind not in KINDS:
        raise AutograderError(f"There is no kind {kind!r}. Known: {', '.join(KINDS)}.")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", exercise):
        raise AutograderError(f"{exercise!r} cannot be an id: write letters, digits, - and _, a letter first.")
    if exercise in assignment.exercises:
        raise AutograderError(f"{name} has an exercise {exercise!r} already: {assignment.files[exercise]}.")
    file = course.root / "course" / name / f"{exercise.replace('-', '_')}.py"
    if file.exists():
        raise AutograderError(f"{file} exists already.")
    notebook_path = course.root / "source" / name / f"{assignment.notebooks[-1]}.ipynb"
    try:
        notebook = json.loads(notebook_path.read_bytes())
    except FileNotFoundError:
        notebook = _blank(assignment.title)
    except ValueError as error:
        raise AutograderError(f"{notebook_path} is no notebook ({error}). Save it again from JupyterLab.") from None
    title = exercise.replace("-", " ").capitalize()
    for path in (file, notebook_path):
        path.parent.mkdir(parents=True, exist_ok=True)
    file.write_text((HEAD + KINDS[kind]).format(id=exercise, title=title), "utf-8")
    notebook["cells"].extend(_cells(exercise, title, kind))
    notebook_path.write_bytes(pretty(notebook))
    return [file, notebook_path]


def _blank(title: str) -> dict[str, Any]:
    """The notebook of an assignment that has none yet."""
    return {
        "cells": [_cell("markdown", TITLE.format(title=title)), _cell("code", IMPORTS)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip


def _cell(cell_type: str, source: str, nbgrader: dict[str, Any] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": cell_type, "id": secrets.token_hex(4), "metadata": {}, "source": source}
    if cell_type == "code":
        made |= {"outputs": [], "execution_count": None}
    if nbgrader:
        made["metadata"]["nbgrader"] = nbgrader
    return made


def _cells(exercise: str, title: str, kind: str) -> list[dict[str, Any]]:
    heading = _cell(
        "markdown", f"## {title}\n\nTeach what is needed here, with a worked example that is not the exercise."
    )
    if kind == "prose":
        grade = {
            "grade": True, "solution": True, "locked": False, "task": False, "grade_id": exercise, "points": 3,
            "schema_version": 3, "cell_type": "markdown",
        }  # fmt: skip
        answer = _cell("markdown", PROSE, grade)
        return [heading, _cell("code", f'ask("{exercise}")'), answer]
    name = _variable(exercise)
    return [
        heading,
        _cell("code", f'ask("{exercise}")'),
        _cell("code", WORK[kind].replace("{id}", exercise).replace("{name}", name)),
        _cell("code", f'check("{exercise}", {name})'),
    ]


def _variable(exercise: str) -> str:
    """Name what the student hands in after the exercise: where one name served all of a notebook, a cell that stops
    would hand in the answer to the exercise before."""
    name = exercise.replace("-", "_")
    taken = keyword.iskeyword(name) or hasattr(builtins, name) or name in TAKEN
    return f"{name}_answer" if taken else name

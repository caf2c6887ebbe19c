"""Makes a new exercise: its file under course/, and its cells in the assignment's notebook."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from autograder.build import nbgrader_metadata, pretty
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
    prompt="A row of {{width}} pixels meets a kernel of width {{kernel}}, stride 1, no padding. How many outputs are there?",
    params=draw,
    key=outputs,
    checker=Numeric(exact=True),
    misconceptions=(
        Misconception("whole-kernel", "A kernel of width 3 fits once into 3 pixels, so the row loses 2 of them, not 3."),
    ),
)
''',
    "choice": '''from autograder.checkers.choice import Choice, Option
from autograder.exercise import Exercise

exercise = Exercise(
    id="{id}",
    title="{title}",
    points=1,
    prompt="Which layer has no weights to train?",
    key=lambda params, slips: "max-pooling",
    checker=Choice(
        Option("max-pooling", "Max pooling", "Right: it only picks the largest value."),
        Option("convolution", "A convolution", "Each of its kernels is made of weights that are trained."),
        Option("dense", "A dense layer", "It has one weight for each pair of input and output."),
    ),
)
''',
    "choices": '''from autograder.checkers.choice import Choices, Option
from autograder.exercise import Exercise

exercise = Exercise(
    id="{id}",
    title="{title}",
    points=2,
    prompt="Which of these layers have weights to train? Pick all that do.",
    key=lambda params, slips: frozenset({{"convolution", "dense"}}),
    checker=Choices(
        Option("max-pooling", "Max pooling", "It only picks the largest value: nothing to train."),
        Option("convolution", "A convolution", "Right: its kernels are trained."),
        Option("dense", "A dense layer", "Right: one weight for each pair of input and output."),
        Option("flatten", "Flatten", "It only changes the shape."),
    ),
)
''',
    "function": '''from random import Random

from autograder.checkers.function import Cases, Function
from autograder.exercise import Exercise
from autograder.types import Call, Params, Slips


def reference(params: Params, slips: Slips = frozenset()):  # type: ignore[no-untyped-def]
    return lambda values: [max(0.0, value) for value in values]


def draw_calls(rng: Random) -> list[Call]:
    return [Call(([rng.uniform(-9, 9) for _ in range(5)],)) for _ in range(4)]


exercise = Exercise(
    id="{id}",
    title="{title}",
    points=2,
    prompt="Write `relu(values)`: a list of numbers in, a list with every negative number replaced by 0 out.",
    key=reference,
    checker=Function(Cases("a list of numbers", draw_calls), Cases("an empty list", lambda rng: [Call(([],))])),
)
''',
    "model": '''from autograder.checkers.accuracy import Accuracy
from autograder.exercise import Exercise

exercise = Exercise(
    id="{id}",
    title="{title}",
    points=5,
    prompt="Build and train a network that reads digits, and hand it in.",
    key=lambda params, slips: None,  # the labels of the hidden images
    checker=Accuracy(steps={{"full": ((0.9, 0.5), (0.98, 1.0)), "small": ((0.8, 0.5), (0.9, 1.0))}}),
    pack="mnist",
)
''',
    "prose": '''from autograder.checkers.prose import Prose
from autograder.exercise import Exercise

exercise = Exercise(
    id="{id}",
    title="{title}",
    points=3,
    prompt="Explain in three sentences ...",
    key=lambda params, slips: None,
    checker=Prose(),
)
''',
}

WORK = {
    "numeric": "answer = ...\n### BEGIN SOLUTION\nanswer = 0\n### END SOLUTION",
    "choice": 'answer = ""  # write the option\'s id between the quotes',
    "choices": "answer = []  # write the options' ids between the brackets, in quotes",
    "function": "def answer(values):\n    ...\n    ### BEGIN SOLUTION\n    return values\n    ### END SOLUTION",
    "model": "answer = ...\n### BEGIN SOLUTION\nanswer = None\n### END SOLUTION",
}


def new_exercise(course: Course, name: str, exercise: str, kind: str) -> list[Path]:
    """Return the files written. AutograderError when the kind or the place does not fit, or something is there already."""
    assignment = course.assignment(name)
    if kind not in KINDS:
        raise AutograderError(f"There is no kind {kind!r}. Known: {', '.join(KINDS)}.")
    if exercise in assignment.exercises:
        raise AutograderError(f"{name} has an exercise {exercise!r} already: {assignment.files[exercise]}.")
    file = course.root / "course" / name / f"{exercise.replace('-', '_')}.py"
    if file.exists():
        raise AutograderError(f"{file} exists already.")
    notebook_path = course.root / "source" / name / f"{assignment.notebooks[-1]}.ipynb"
    try:
        notebook = json.loads(notebook_path.read_bytes())
    except FileNotFoundError:
        raise AutograderError(f"{notebook_path} is missing. Make it in JupyterLab first.") from None
    title = exercise.replace("-", " ").capitalize()
    file.write_text((HEAD + KINDS[kind]).format(id=exercise, title=title), "utf-8")
    notebook["cells"].extend(_cells(exercise, title, kind))
    notebook_path.write_bytes(pretty(notebook))
    return [file, notebook_path]


def _cells(exercise: str, title: str, kind: str) -> list[dict[str, Any]]:
    def cell(cell_type: str, source: str, **nbgrader: Any) -> dict[str, Any]:
        made: dict[str, Any] = {"cell_type": cell_type, "id": secrets.token_hex(4), "metadata": {}, "source": source}
        if cell_type == "code":
            made |= {"outputs": [], "execution_count": None}
        if nbgrader:
            made["metadata"]["nbgrader"] = nbgrader
        metadata = nbgrader_metadata(made, {})if cell_type == "code" and "check(" not in source else None
        if metadata:
            made["metadata"]["nbgrader"] = metadata
        return made

    heading = cell("markdown", f"## {title}\n\nTeach what is needed here, with a worked example that is not the exercise.")
    if kind == "prose":
        grade = {
            "grade": True, "solution": True, "locked": False, "task": False, "grade_id": exercise, "points": 3,
            "schema_version": 3, "cell_type": "markdown",
        }  # fmt: skip
        answer = cell("markdown", "*Write your answer here, in place of this line.*", **grade)
        return [heading, cell("code", f'ask("{exercise}")'), answer]
    return [
        heading,
        cell("code", f'ask("{exercise}")'),
        cell("code", WORK[kind]),
        cell("code", f'check("{exercise}", answer)'),
    ]

"""A course with one assignment, in which a small network is trained: as ours, and as a plain notebook with asserts.

The same cells do the same work in both, and in `bench.limit`, where there is no notebook at all.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.build import worked_solution
from autograder.course import Course, find_root, load_course
from autograder.demo.scratch import nbgrader, release

NAME = "training"
HIDDEN = 2000
PARAMETERS = 6_044

_TOML = """\
[course]
id = "bench"
title = "A benchmark"
setting = "full"
salt = "bench"
warm = {warm}

[assignments.training]
title = "Train a network"
"""

_EXERCISE = """\
{imports}
from autograder.exercise import Exercise

exercise = Exercise(
    id="{id}", title="{id}", points=1, prompt="{prompt}", key={key}, pool=1,
    checker={checker},
)
"""
_NUMERIC = "from autograder.checkers.numeric import Numeric"
_EXERCISES = {
    "parameters": (_NUMERIC, "How many parameters has it?", f"lambda params, slips: {PARAMETERS}",
                   "Numeric(exact=True)"),
    "accuracy": (_NUMERIC, "What accuracy does it reach?", "lambda params, slips: 1.0", "Numeric(absolute=0.5)"),
    "classifier": ("from .._lib.stripes import Stripes", "Hand in the network.", "Stripes.key",
                   'Stripes(steps={"full": ((0.5, 1.0),)}, classes=4)'),
}  # fmt: skip

# Hidden images that were drawn when the course was made, in place of a data pack.
_STRIPES = """\
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from autograder.checkers.accuracy import Accuracy
from autograder.types import HiddenSet

FOLDER = Path(__file__).parent


@cache
def hidden():
    return HiddenSet("stripes", "full", FOLDER / "images.npy", np.load(FOLDER / "labels.npy"), "stripes")


class Stripes(Accuracy):
    def probe(self, variant):
        return super().probe(replace(variant, hidden=hidden()))

    def judge(self, evidence, variant):
        return super().judge(evidence, replace(variant, hidden=hidden(), key=hidden().labels))
"""

DRAW = '''\
def draw(n, seed):
    """Noisy stripes, (n, 28, 28, 1), and which of four ways they run."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, 4, n)
    turned = (classes * np.pi / 4)[:, None, None]
    waves = np.cos(turned) * np.arange(28)[:, None] + np.sin(turned) * np.arange(28)
    images = np.cos(0.9 * waves + rng.uniform(0, 6, (n, 1, 1))) + rng.normal(0, 0.5, (n, 28, 28))
    return images[..., None].astype("float32"), classes
'''

_WORK = (
    """\
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(1)""",
    f"{DRAW}\n\nx_train, y_train = draw(512, 2)\nprint(x_train.shape, x_train.mean(), y_train[:10])",
    """\
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(16, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(24, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(4, activation="softmax"),
])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()""",
    'history = model.fit(x_train, y_train, epochs={epochs}, verbose=0).history\nprint(history["accuracy"][-1])',
)
_TESTS = {
    "parameters": f"assert model.count_params() == {PARAMETERS}",
    "accuracy": 'assert history["accuracy"][-1] > 0.5',
    "classifier": f"""\
x_hidden, y_hidden = draw({HIDDEN}, 3)
assert (model.predict(x_hidden, batch_size=250, verbose=0).argmax(-1) == y_hidden).mean() > 0.5""",
}
_ASKED = {"parameters": "model.count_params()", "accuracy": 'history["accuracy"][-1]', "classifier": "model"}


def work(epochs: int, model: bool) -> list[str]:
    """The code of the notebook without any machinery of a grader: the computation, then what is asked of it."""
    return [*(cell.replace("{epochs}", str(epochs)) for cell in _WORK), *tests(model).values()]


def tests(model: bool) -> dict[str, str]:
    return {name: code for name, code in _TESTS.items() if model or name != "classifier"}


def make_ours(root: Path, epochs: int, model: bool) -> Course:
    """The course of our own, released, with solutions/training/training.ipynb."""
    shutil.copyfile(find_root(Path(__file__).parent) / "nbgrader_config.py", _in(root, "nbgrader_config.py"))
    warm(root, True)
    for name in tests(model):
        imports, prompt, key, checker = _EXERCISES[name]
        code = _EXERCISE.format(imports=imports, id=name, prompt=prompt, key=key, checker=checker)
        _in(root, f"course/{NAME}/{name}.py").write_text(code)
    _in(root, "course/_lib/stripes.py").write_text(_STRIPES)
    _hidden(root / "course" / "_lib")
    cells = [_code('from handin import ask, check\n\nme = ""')]
    *before, last = work(epochs, False)[: len(_WORK)]
    cells += [_code(text) for text in before]
    cells.append(_code(f"history = ...\n### BEGIN SOLUTION\n{last}\n### END SOLUTION"))
    for name in tests(model):
        cells += [_code(f'ask("{name}")'), _code(f'check("{name}", {_ASKED[name]})')]
    _write(root, cells)
    course = load_course(root)
    release(course, NAME)
    return course


def warm(root: Path, on: bool) -> None:
    _in(root, "course/course.toml").write_text(_TOML.format(warm=str(on).lower()))


def make_plain(root: Path, epochs: int, model: bool) -> None:
    """A plain course of nbgrader's: the same work, with asserts in place of questions."""
    cells = []
    for number, text in enumerate(work(epochs, False)[: len(_WORK)]):
        solution = f"### BEGIN SOLUTION\n{text}\n### END SOLUTION" if number == len(_WORK) - 1 else text
        cells.append(_code(solution, _metadata(f"work-{number}", solution=number == len(_WORK) - 1, points=0)))
    cells += [_code(text, _metadata(name, solution=False, points=1)) for name, text in tests(model).items()]
    _write(root, cells)
    _in(root, "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "plain"\n')
    nbgrader(root, "generate_assignment", NAME, "--create")
    solved = worked_solution(json.loads((root / "source" / NAME / f"{NAME}.ipynb").read_text()))
    _in(root, f"solutions/{NAME}/{NAME}.ipynb").write_text(json.dumps(solved))


def _hidden(folder: Path) -> None:
    import numpy as np

    names: dict[str, Any] = {"np": np}
    exec(DRAW, names)
    images, labels = names["draw"](HIDDEN, 3)
    np.save(folder / "images.npy", images)
    np.save(folder / "labels.npy", labels)


def _metadata(name: str, *, solution: bool, points: int) -> dict[str, Any]:
    made = {"grade_id": name, "schema_version": 3, "solution": solution, "grade": bool(points), "task": False,
            "locked": bool(points), "cell_type": "code"}  # fmt: skip
    return {"nbgrader": made | {"points": points}} if points else {"nbgrader": made}


def _code(text: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": metadata or {}, "source": text, "outputs": [], "execution_count": None}


def _write(root: Path, cells: Sequence[dict[str, Any]]) -> None:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = {"cells": list(cells), "metadata": spec, "nbformat": 4, "nbformat_minor": 5}
    _in(root, f"source/{NAME}/{NAME}.ipynb").write_text(json.dumps(made))


def _in(root: Path, name: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path

"""The sample class: students who differ the way real ones do, and what a fair teacher gives each of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.demo.paper import Paper
from autograder.types import Verdict

Edit = Callable[[Paper], None]


@dataclass(frozen=True)
class Expected:
    """share of the points, None for a person; and the misconception that should be found, if one should."""

    share: float | None
    misconception: str | None = None

    def met_by(self, verdict: Verdict) -> bool:
        if self.misconception and verdict.misconception != self.misconception:
            return False
        if self.share is None or verdict.score is None:
            return self.share is None and verdict.score is None
        return abs(self.share - verdict.score) < 1e-9


ALL = "*"
"""In `fair`: every exercise that is not named."""


@dataclass(frozen=True)
class Student:
    id: str
    did: str
    edits: Mapping[str, Edit] = field(default_factory=dict)  # by assignment; none: the worked solution
    fair: Mapping[str, Mapping[str, Expected]] = field(default_factory=dict)  # what is not full marks

    def expected(self, assignment: str, exercise: str, *, prose: bool) -> Expected:
        named = self.fair.get(assignment, {})
        if exercise in named:
            return named[exercise]
        if ALL in named:
            return named[ALL]
        return Expected(None) if prose else Expected(1.0)


NOTHING = Expected(0.0)
A_PERSON = Expected(None)

# Each of these computes with a slip that a student would make, from the student's own numbers.
COUNT = """\
stack = ask.params("parameters")
total, maps = 0, stack["channels"]
for layer in stack["layers"]:
    area = layer["kernel"] ** 2
    total += {count}
    maps = layer["filters"]
"""


def _another_route(paper: Paper) -> None:
    paper.answer("fixed-parameters", '"903,400"')
    paper.answer("fixed-memory-predict", '"12600 kB"')
    paper.answer("fixed-memory-train", '"about 565.6 MB"')
    paper.write("count-parameters", ANOTHER_COUNT)


ANOTHER_COUNT = '''\
import numpy as np


def weights(maps, filters, kernel):
    rows, columns = np.broadcast_to(kernel, 2)
    return (int(rows) * int(columns) * maps + 1) * filters


def count_parameters(channels, layers):
    depths = [channels] + [layer["filters"] for layer in layers]
    return sum(weights(m, layer["filters"], layer["kernel"]) for m, layer in zip(depths, layers))
'''

ANOTHER_NETWORK = '''\
inputs = keras.Input((28, 28, 1))
x = keras.layers.Conv2D(24, 5, strides=2, padding="same")(inputs)
x = keras.layers.BatchNormalization()(x)
x = keras.layers.Activation("relu")(x)
x = keras.layers.Conv2D(48, 3, padding="same", activation="relu")(x)
x = keras.layers.MaxPooling2D()(x)
x = keras.layers.Conv2D(64, 3, padding="same", activation="relu")(x)
x = keras.layers.GlobalAveragePooling2D()(x)
{model} = keras.Model(inputs, keras.layers.Dense(10)(x))  # logits: the loss knows
{model}.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
{model}.fit({images}, {labels}, epochs=6, batch_size=64, verbose=0)
'''


def _shape_without_stride(paper: Paper) -> None:
    paper.answer(
        "output-shape",
        """\
stack = ask.params("output-shape")
height, width = stack["height"], stack["width"]
for layer in stack["layers"]:
    if layer["padding"] == "valid":
        height, width = height - layer["kernel"] + 1, width - layer["kernel"] + 1
(height, width, stack["layers"][-1]["filters"])""",
    )


MEMORY = """\
stack = ask.params("{exercise}")
height, width, maps = stack["height"], stack["width"], stack["channels"]
sizes, parameters = [height * width * maps], 0
for layer in stack["layers"]:
    kernel, stride = layer["kernel"], layer["stride"]
    if layer["padding"] == "valid":
        height, width = height - kernel + 1, width - kernel + 1
    height, width = -(-height // stride), -(-width // stride)
    parameters += (kernel * kernel * maps + 1) * layer["filters"]
    maps = layer["filters"]
    sizes.append(height * width * maps)
pair = max(a + b for a, b in zip(sizes, sizes[1:]))
{answer}"""


def _mebibytes(paper: Paper) -> None:
    exercise = "memory-predict"
    paper.answer(exercise, MEMORY.format(exercise=exercise, answer='f"{(pair + parameters) * 4 / 2**20:.3f} MB"'))


def _batch_on_parameters(paper: Paper) -> None:
    exercise = "memory-train"
    answer = "(sum(sizes) + parameters) * stack['batch'] * 4 / 10**6"
    paper.answer(exercise, MEMORY.format(exercise=exercise, answer=answer))


def _tamper(paper: Paper) -> None:
    """Wrong answers, and every trick that a search engine finds."""
    paper.answer("parameters", "1")
    paper.answer("memory-train", "float('nan')")
    paper.insert_before(
        "parameters",
        "class Everything(float):\n    __eq__ = __le__ = __ge__ = lambda self, other: True\n    __hash__ = float.__hash__\n"
        "import builtins, numpy.testing\nbuiltins.abs = lambda x: 0\nnumpy.testing.assert_allclose = lambda *a, **k: None",
    )
    paper.answer("memory-predict", "Everything(0)")
    for cell in paper.cells:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if nbgrader.get("grade"):
            nbgrader["points"] = 100
            cell["metadata"]["tags"] = ["skip-execution"]
    paper.check_cell("parameters")["source"] = 'print("3 of 3 points")\nassert True'


def _patch_predict(paper: Paper) -> None:
    paper.write(
        "classifier",
        """\
import keras, numpy as np
keras.Model.predict = lambda self, x, **k: np.eye(10)[np.zeros(len(x), int)]
keras.Model.evaluate = lambda self, *a, **k: [0.0, 1.0]
{model} = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
{model}.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
print("accuracy:", 0.999)""".format(model=paper.variable("classifier")),
    )


def _blank(paper: Paper) -> None:
    """Replaced by the release as it is: see hand_in."""


def _crash_on_import(exercise: str) -> Edit:
    return lambda paper: paper.prepend(exercise, "import cnn_helpers_from_my_laptop")


def _loop(paper: Paper) -> None:
    paper.prepend("count-parameters", "layer = 0\nwhile layer < 3:\n    'count the parameters of this layer'\n")


def _copy_cell(paper: Paper) -> None:
    cell = paper.check_cell("fixed-parameters")
    at = paper.cells.index(cell)
    paper.cells.insert(at + 1, json.loads(json.dumps(cell)))  # as JupyterLab copies: with all metadata, ids too


def _delete_check(paper: Paper) -> None:
    paper.cells.remove(paper.check_cell("output-shape"))


def _flood(paper: Paper) -> None:
    paper.insert_before("parameters", 'for line in range(500_000):\n    print(f"{line:7}", "." * 92)')


def _log(paper: Paper) -> None:
    paper.prepend(
        "fixed-parameters",
        'import logging, sys, warnings\nlogging.basicConfig()\nlogging.warning("computing")\n'
        'warnings.warn("this is slow")\nprint("E0000 something that TensorFlow would say", file=sys.stderr)\n',
    )


def _die(paper: Paper) -> None:
    paper.insert_before("memory-predict", "import ctypes\nctypes.string_at(0)  # what a broken extension module does")


def _lambda(paper: Paper) -> None:
    model = paper.variable("classifier")
    paper.write(
        "classifier",
        f"""\
import keras
{model} = keras.Sequential([
    keras.Input((28, 28, 1)), keras.layers.Lambda(lambda image: image * 2 - 1),
    keras.layers.Flatten(), keras.layers.Dense(10, "softmax"),
])
{model}.compile("adam", "sparse_categorical_crossentropy")""",
    )

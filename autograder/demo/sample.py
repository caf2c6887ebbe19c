"""The sample class: students who differ the way real ones do, and what a fair teacher gives each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

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


STORY = ("arithmetic", "mnist")
"""The assignments that the class hands in."""

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
stack = ask("parameters")
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


ANOTHER_COUNT = """\
import numpy as np


def weights(maps, filters, kernel):
    rows, columns = np.broadcast_to(kernel, 2)
    return (int(rows) * int(columns) * maps + 1) * filters


def count_parameters(channels, layers):
    depths = [channels] + [layer["filters"] for layer in layers]
    return sum(weights(m, layer["filters"], layer["kernel"]) for m, layer in zip(depths, layers))
"""

ANOTHER_NETWORK = """\
inputs = keras.Input((28, 28, 1))
x = layers.RandomTranslation(0.08, 0.08, fill_mode="constant")(inputs)
x = layers.Conv2D(16, 5, strides=2, padding="same")(x)
x = layers.BatchNormalization()(x)
x = layers.Activation("relu")(x)
x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
x = layers.MaxPooling2D()(x)
x = layers.Flatten()(x)
x = layers.Dense(64, activation="relu")(x)
model = keras.Model(inputs, layers.Dense(10)(x))  # logits: the loss knows
model.compile(
    keras.optimizers.Adam(0.002), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
)
history = model.fit(x_train, y_train, epochs=4, batch_size=64, validation_data=(x_valid, y_valid), verbose=0)
"""


def _shape_without_stride(paper: Paper) -> None:
    paper.answer(
        "output-shape",
        """\
stack = ask("output-shape")
height, width = stack["height"], stack["width"]
for layer in stack["layers"]:
    if layer["padding"] == "valid":
        height, width = height - layer["kernel"] + 1, width - layer["kernel"] + 1
(height, width, stack["layers"][-1]["filters"])""",
    )


MEMORY = """\
stack = ask("{exercise}")
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


EVERYTHING = """\
class Everything(float):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __hash__ = float.__hash__


import builtins
import numpy.testing

builtins.abs = lambda x: 0
numpy.testing.assert_allclose = lambda *arguments, **names: None"""


def _tamper(paper: Paper) -> None:
    """Wrong answers, and every trick that a search engine finds."""
    paper.answer("parameters", "1")
    paper.answer("memory-train", "float('nan')")
    paper.insert_before("parameters", EVERYTHING)
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
model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
print("accuracy:", 0.999)""",
    )


def _blank(paper: Paper) -> None:
    """Replaced by the release as it is: see hand_in."""


def _crash_on_import(exercise: str) -> Edit:
    return lambda paper: paper.prepend(exercise, "import cnn_helpers_from_my_laptop as helpers\n")


def _loop(paper: Paper) -> None:
    paper.prepend("memory-train", "layer = numbers = 0\nwhile layer < 3:\n    numbers += sizes[layer]\n")


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
    paper.write(
        "classifier",
        """\
import keras
model = keras.Sequential([
    keras.Input((28, 28, 1)), keras.layers.Lambda(lambda image: image * 2 - 1),
    keras.layers.Flatten(), keras.layers.Dense(10, "softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy")""",
    )


def _two(arithmetic: Edit | None = None, mnist: Edit | None = None) -> dict[str, Edit]:
    return {name: edit for name, edit in (("arithmetic", arithmetic), ("mnist", mnist)) if edit}


def _count(expression: str) -> Edit:
    return lambda paper: paper.answer("parameters", COUNT.format(count=expression) + "total")


CLASS: tuple[Student, ...] = (
    Student("ada", "all right"),
    Student(
        "bruno",
        "all right by another route: other layers, other code, answers as text with units",
        _two(_another_route, lambda paper: paper.write("classifier", ANOTHER_NETWORK)),
    ),
    Student(
        "chen",
        "forgets the biases",
        _two(_count("area * maps * layer['filters']")),
        {"arithmetic": {"parameters": Expected(0.0, "no-bias")}},
    ),
    Student(
        "dina",
        "lets every layer see the channels of the image, and forgets the biases: two slips",
        _two(_count("area * stack['channels'] * layer['filters']")),
        {"arithmetic": {"parameters": Expected(0.0, "no-bias+input-channels")}},
    ),
    Student(
        "emil",
        "ignores the stride",
        _two(_shape_without_stride),
        # Two of three numbers are wrong; the channels are right.
        {"arithmetic": {"output-shape": Expected(1 / 3, "stride-ignored")}},
    ),
    Student(
        "fatou",
        "takes MiB for MB",
        _two(_mebibytes),
        {"arithmetic": {"memory-predict": Expected(0.0, "mebibytes")}},
    ),
    Student(
        "goran",
        "multiplies the parameters by the batch, too",
        _two(_batch_on_parameters),
        {"arithmetic": {"memory-train": Expected(0.0, "batch-on-parameters")}},
    ),
    Student(
        "hana",
        "hands in the release as it is: blank",
        {ALL: _blank},
        {a: {ALL: NOTHING} for a in ("arithmetic", "mnist")},
    ),
    Student(
        "ivan",
        "crashes on an import in one cell of each notebook",
        _two(_crash_on_import("memory-train"), _crash_on_import("classifier")),
        {"arithmetic": {"memory-train": NOTHING}, "mnist": {"classifier": NOTHING}},
    ),
    Student("jules", "an endless loop in one cell", _two(_loop), {"arithmetic": {"memory-train": NOTHING}}),
    Student("kira", "copied a check cell", _two(_copy_cell)),
    Student("lars", "deleted a check cell", _two(_delete_check)),
    Student("mina", "prints 50 MB", _two(_flood)),
    Student("noor", "correct, and logs to stderr", _two(_log)),
    Student(
        "otto",
        "tampers: edits locked cells, tags them skip-execution, patches model.predict",
        _two(_tamper, _patch_predict),
        {
            "arithmetic": {"parameters": NOTHING, "memory-predict": NOTHING, "memory-train": NOTHING},
            "mnist": {"classifier": NOTHING},
        },
    ),
    Student(
        "pia",
        "the kernel dies after half of the answers",
        _two(_die),
        # The function was handed in before, and is called in a second run that stops before the fatal cell.
        {
            "arithmetic": dict.fromkeys(
                ("memory-predict", "what-is-kept", "fixed-memory-train", "memory-train"), NOTHING
            )
        },
    ),
    Student(
        "quinn",
        "hands in a Lambda layer, which is not opened",
        _two(None, _lambda),
        {"mnist": {"classifier": A_PERSON}},
    ),
)


def hand_in(root: Path, assignment: str, student: Student) -> None:
    """Write the student's submission as nbgrader's collect would; the same content leaves the file untouched."""
    folder = root / "submitted" / student.id / assignment
    edit = student.edits.get(assignment, student.edits.get(ALL))
    kind = "release" if edit is _blank else "solutions"
    for path in sorted((root / kind / assignment).glob("*")):
        content = path.read_bytes()
        if path.suffix == ".ipynb" and edit is not None and edit is not _blank:
            paper = Paper(json.loads(content))
            edit(paper)
            content = paper.to_bytes()
        target = folder / path.name
        if not target.exists() or target.read_bytes() != content:
            folder.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

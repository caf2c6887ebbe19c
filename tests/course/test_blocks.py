"""The building blocks, built with Keras itself: right ones earn everything, slips are recognized."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from random import Random

import pytest

from autograder.cells import BEGIN, END
from autograder.course import load_course
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.pool import variant as make_variant
from autograder.types import Variant, Verdict
from tests.kernel_models import Case, handed_in

pytestmark = pytest.mark.tensorflow

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
EXERCISES = COURSE.assignment("blocks").exercises
HANDED = {
    "block-residual": "residual", "block-inception": "inception", "block-squeeze-excite": "squeeze_excite",
    "block-separable": "separable", "block-dense-as-conv": "sliding",
}  # fmt: skip


def solution(exercise: str) -> str:
    """Return the worked solution that the notebook holds."""
    notebook = json.loads((ROOT / "source" / "blocks" / "blocks.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == f"{exercise}-work":
            lines = "".join(cell["source"]).splitlines()
            return "\n".join(line for line in lines if line.strip() not in (BEGIN, END) and "= ask(" not in line)
    raise AssertionError(f"no cell {exercise}-work")


def block(text: str, shape: str, name: str) -> str:
    """Source of a model: from x to the last x."""
    return f"inputs = x = keras.Input({shape})\n{textwrap.dedent(text)}\n{name} = keras.Model(inputs, x)\n"


def residual(
    first: str = "strides=2", second: str = "", between: str = "relu(x)", early: str = "x", last: str = "relu(x)",
    short: str = "conv(inputs, 1, strides=2)", join: str = "layers.Add()([x, s])",
    conv: str = "norm(layers.Conv2D(32, side, padding='same', **more)(x))",
) -> str:  # fmt: skip
    return block(
        f"""
        def conv(x, side, **more):
            return {conv}
        norm = lambda x: layers.BatchNormalization()(x)
        relu = lambda x: layers.ReLU()(x)
        x = conv(x, 3, {first})
        x = {between}
        x = conv(x, 3, {second})
        x = {early}
        s = {short}
        x = {join}
        x = {last}
        """,
        "(8, 8, 16)",
        "residual",
    )


def inception(**changed: str) -> str:
    ways = {
        "a": "conv(x, 8, 1)", "b": "conv(conv(x, 12, 1), 16, 3)", "c": "conv(conv(x, 4, 1), 6, 5)",
        "d": "conv(layers.MaxPooling2D(3, 1, 'same')(x), 10, 1)", "joined": "[a, b, c, d]", "activation": "'relu'",
    } | changed  # fmt: skip
    return block(
        f"""
        def conv(x, maps, side):
            return layers.Conv2D(maps, side, padding="same", activation={ways["activation"]})(x)
        a = {ways["a"]}
        b = {ways["b"]}
        c = {ways["c"]}
        d = {ways["d"]}
        x = layers.Concatenate()({ways["joined"]})
        """,
        "(12, 12, 20)",
        "inception",
    )


def squeeze_excite(
    squeeze: str = "layers.GlobalAveragePooling2D(keepdims=True)(x)",
    first: str = "layers.Dense(6, activation='relu')(w)",
    gate: str = "layers.Dense(24, activation='sigmoid')(w)", join: str = "layers.Multiply()([x, w])",
) -> str:  # fmt: skip
    return block(f"w = {squeeze}\nw = {first}\nw = {gate}\nx = {join}", "(10, 10, 24)", "squeeze_excite")


def separable(text: str) -> str:
    named = "k, maps, filters = sizes['kernel'], sizes['maps'], sizes['filters']\n"
    return named + block(text, "(6, 6, maps)", "separable")


def sliding(
    kernel: str = "kernel.reshape(7, 7, 4, 10)", bias: str = "bias",
    first: str = "layers.Conv2D(10, 7, activation='relu')",
    between: str = "", last: str = "layers.Conv2D(5, 1, activation='softmax')",
) -> str:  # fmt: skip
    given = solution("block-dense-as-conv").split("sliding = ...")[0]
    return f"""{given}
kernel, bias, last_kernel, last_bias = classifier.get_weights()
sliding = keras.Sequential([keras.Input((None, None, 4)), {first}, {between} {last}])
sliding.set_weights([{kernel}, {bias}, last_kernel.reshape(1, 1, 10, 5), last_bias])
"""


RIGHT = {
    "block-residual": {
        "with biases": residual(),
        "a sum written with a plus": residual(join="x + s"),
        "the shortcut first": residual(join="layers.add([s, x])"),
        "activations by name": residual(between="layers.Activation('relu')(x)", last="keras.activations.relu(x)"),
        "explicit padding is no matter on a 1 x 1": residual(
            short="norm(layers.Conv2D(32, 1, 2, padding='valid', use_bias=False)(inputs))"
        ),
    },
    "block-inception": {
        "activations as layers": inception(activation="None")
        .replace("return layers", "return layers.ReLU()(layers")
        .replace("activation=None)(x)", "activation=None)(x))"),
        "the function of the same name": inception().replace("layers.Concatenate()(", "layers.concatenate("),
    },
    "block-squeeze-excite": {
        "a new shape": squeeze_excite("layers.Reshape((1, 1, 24))(layers.GlobalAveragePooling2D()(x))"),
        "a product written with a star": squeeze_excite(join="x * w"),
        "a new shape at the end": squeeze_excite(
            "layers.GlobalAveragePooling2D()(x)",
            gate="layers.Reshape((1, 1, 24))(layers.Dense(24, activation='sigmoid')(w))",
        ),
        "Keras adds the axes": squeeze_excite("layers.GlobalAveragePooling2D()(x)"),
        "activations as layers": squeeze_excite(
            first="layers.ReLU()(layers.Dense(6)(w))", gate="layers.Activation('sigmoid')(layers.Dense(24)(w))"
        ),
        "without biases": squeeze_excite(first="layers.Dense(6, activation='relu', use_bias=False)(w)"),
    },
    "block-separable": {
        "in one layer": separable("x = layers.SeparableConv2D(filters, k, padding='same', activation='relu')(x)"),
        "in one layer, with a ReLU behind it": separable(
            "x = layers.ReLU()(layers.SeparableConv2D(filters, k, padding='same')(x))"
        ),
        "with all biases": separable(
            "x = layers.DepthwiseConv2D(k, padding='same')(x)\nx = layers.ReLU()(layers.Conv2D(filters, 1)(x))"
        ),
    },
    "block-dense-as-conv": {
        "activations as layers": sliding(
            first="layers.Conv2D(10, 7)", between="layers.ReLU(),", last="layers.Conv2D(5, 1), layers.Softmax()"
        ),
        "functional": sliding().replace(
            "sliding = keras.Sequential([keras.Input((None, None, 4)), ", "sliding = chain(["
        ).replace("rng =", "def chain(listed):\n    x = i = keras.Input((None, None, 4))\n    for one in listed:\n"
                  "        x = one(x)\n    return keras.Model(i, x)\nrng =", 1),
    },
}  # fmt: skip

SLIPS = {
    "block-residual": {
        "no-shortcut": residual(join="x"),
        "concatenated": residual(join="layers.Concatenate()([x, s])"),
        "second-strides": residual(first="", second="strides=2"),
        "not-normalized": residual(conv="layers.Conv2D(32, side, padding='same', **more)(x)"),
        "no-activation-between": residual(between="x"),
        "activation-too-early": residual(early="relu(x)", last="x"),
        "activation-twice": residual(early="relu(x)"),
        "activation-on-shortcut": residual(short="relu(conv(inputs, 1, strides=2))"),
        "no-last-activation": residual(last="x"),
        "pooled-shortcut": residual(short="conv(layers.MaxPooling2D()(inputs), 1)"),
        "wide-shortcut": residual(short="conv(inputs, 3, strides=2)"),
        "one-convolution": residual().replace("x = relu(x)\nx = conv(x, 3, )\n", ""),
    },
    "block-inception": {
        "not-reduced": inception(b="conv(x, 16, 3)", c="conv(x, 6, 5)"),
        "in-a-row": inception(c="conv(conv(b, 4, 1), 6, 5)"),
        "two-threes": inception(c="conv(conv(conv(x, 4, 1), 6, 3), 6, 3)"),
        "average": inception(d="conv(layers.AveragePooling2D(3, 1, 'same')(x), 10, 1)"),
        "pool-last": inception(d="layers.MaxPooling2D(3, 1, 'same')(conv(x, 10, 1))"),
        "pool-alone": inception(d="layers.MaxPooling2D(3, 1, 'same')(x)"),
        "no-pool": inception(joined="[a, b, c]"),
        "other-order": inception(joined="[d, c, b, a]"),
        "no-activation": inception(activation="None"),
    },
    "block-squeeze-excite": {
        "not-squeezed": squeeze_excite("x"),
        "largest": squeeze_excite("layers.GlobalMaxPooling2D(keepdims=True)(x)"),
        "one-layer": squeeze_excite(first="w"),
        "no-bottleneck": squeeze_excite(first="layers.Dense(24, activation='relu')(w)"),
        "no-relu": squeeze_excite(first="layers.Dense(6)(w)"),
        "softmax": squeeze_excite(gate="layers.Dense(24, activation='softmax')(w)"),
        "relu-gate": squeeze_excite(gate="layers.Dense(24, activation='relu')(w)"),
        "added": squeeze_excite(join="layers.Add()([x, w])"),
        "gate-alone": squeeze_excite(join="w"),
    },
    "block-separable": {
        "ordinary": separable("x = layers.Conv2D(filters, k, padding='same', activation='relu')(x)"),
        "pointwise-first": separable(
            "x = layers.Conv2D(filters, 1)(x)\nx = layers.DepthwiseConv2D(k, padding='same', activation='relu')(x)"
        ),
        "depthwise-alone": separable("x = layers.DepthwiseConv2D(k, padding='same', activation='relu')(x)"),
        "wide-pointwise": separable(
            "x = layers.DepthwiseConv2D(k, padding='same')(x)\n"
            "x = layers.Conv2D(filters, k, padding='same', activation='relu')(x)"
        ),
        "activation-between": separable(
            "x = layers.DepthwiseConv2D(k, padding='same', activation='relu')(x)\n"
            "x = layers.Conv2D(filters, 1, activation='relu')(x)"
        ),
        "valid": separable("x = layers.SeparableConv2D(filters, k, activation='relu')(x)"),
        "no-activation": separable("x = layers.SeparableConv2D(filters, k, padding='same')(x)"),
    },
    "block-dense-as-conv": {
        "dense-kept": solution("block-dense-as-conv").split("sliding = ...")[0] + "\nsliding = classifier\n",
        "maps-first": sliding("kernel.reshape(4, 7, 7, 10).transpose(1, 2, 0, 3)"),
        "rows-and-columns": sliding("kernel.reshape(7, 7, 4, 10).transpose(1, 0, 2, 3)"),
        "turned-round": sliding("kernel.reshape(7, 7, 4, 10)[::-1, ::-1]"),
        "no-bias": sliding(bias="0 * bias").replace("last_bias])", "0 * last_bias])"),
        "same": sliding(first="layers.Conv2D(10, 7, padding='same', activation='relu')"),
        "tiles": sliding(first="layers.Conv2D(10, 7, strides=7, activation='relu')"),
        "averaged": sliding(between="layers.GlobalAveragePooling2D(keepdims=True),"),
        "no-softmax": sliding(last="layers.Conv2D(5, 1)"),
        "no-relu": sliding(first="layers.Conv2D(10, 7)"),
    },
}  # fmt: skip

WRONG = {  # nobody's slip, but no right block either
    "block-residual": {
        "the shortcut goes round one convolution": residual(between="(first := relu(x))", short="conv(first, 1)"),
        "a Dense layer": block("x = layers.Dense(32)(layers.MaxPooling2D()(x))", "(8, 8, 16)", "residual"),
        "nothing at all": block("x = layers.Activation('linear')(x)", "(8, 8, 16)", "residual"),
    },
    "block-squeeze-excite": {
        "nothing at all": squeeze_excite(first="w", gate="w", join="layers.Activation('linear')(x)")
    },
}


def asked(exercise: Exercise) -> Variant:
    return make_variant(exercise, exercise.params(Random(3)) if exercise.params else exercise.fixed, seed=11)


Judged = dict[tuple[str, str], Verdict]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """All models of this file, built in one go: TensorFlow takes its time to start."""
    places: list[tuple[str, str]] = []
    cases = []
    for exercise, name in HANDED.items():
        variant = asked(EXERCISES[exercise])
        probe, names = EXERCISES[exercise].checker.probe(variant), {"mine": variant.params, "sizes": variant.params}
        sources = {
            "worked": solution(exercise), **RIGHT[exercise], **SLIPS[exercise], **WRONG.get(exercise, {})
        }  # fmt: skip
        for title, source in sources.items():
            places.append((exercise, title))
            cases.append(Case(source, probe, name, names))
    evidence = handed_in(cases, tmp_path_factory.mktemp("models"))
    return {
        place: judge(EXERCISES[place[0]], asked(EXERCISES[place[0]]), found)
        for place, found in zip(places, evidence, strict=True)
    }


def each(table: dict[str, dict[str, str]]) -> pytest.MarkDecorator:
    named = [(exercise, title) for exercise, listed in table.items() for title in listed]
    return pytest.mark.parametrize(("exercise", "title"), named)


def test_the_budget_that_the_notebook_names_is_the_one_that_holds() -> None:
    limits, notebook = COURSE.assignment("blocks").limits, (ROOT / "source" / "blocks" / "blocks.ipynb").read_text()
    one, all_of_them = f"{limits.cell_seconds / 60:g}", f"{limits.seconds / 60:g}"
    promised = f"One cell may take up to {one} minutes, all cells together up to {all_of_them}."
    assert promised in notebook


@pytest.mark.parametrize("exercise", HANDED)
def test_the_worked_solution_earns_everything(exercise: str, judged: Judged) -> None:
    verdict = judged[exercise, "worked"]
    assert verdict.score == 1, verdict.message


@each(RIGHT)
def test_whoever_builds_it_in_another_way_earns_everything(exercise: str, title: str, judged: Judged) -> None:
    verdict = judged[exercise, title]
    assert verdict.score == 1, verdict.message


@each(SLIPS)
def test_a_slip_earns_less_and_is_recognized(exercise: str, title: str, judged: Judged) -> None:
    verdict = judged[exercise, title]
    assert verdict.score is not None
    assert verdict.score < 1
    assert verdict.misconception == title, (verdict.misconception, verdict.message)


@each(WRONG)
def test_what_is_wrong_in_another_way_earns_less_and_is_no_slip(exercise: str, title: str, judged: Judged) -> None:
    verdict = judged[exercise, title]
    assert verdict.score is not None
    assert verdict.score < 0.7
    assert verdict.misconception is None


def test_every_slip_that_the_course_knows_was_built_with_keras() -> None:
    assert {e: {m.id for m in EXERCISES[e].slips} for e in HANDED} == {e: set(listed) for e, listed in SLIPS.items()}

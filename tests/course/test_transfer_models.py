"""How models of the assignment `transfer` are judged: real ones, trained for a few steps as students train them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.data import Pack, cache, pack, stand_in
from autograder.data.backbone import BACKBONE
from autograder.judge import judge
from autograder.pool import variant
from autograder.types import Variant, Verdict
from tests.kernel_models import Case, handed_in

pytestmark = [pytest.mark.tensorflow, pytest.mark.kernel]

COURSE = load_course(Path(__file__).parents[2])
EXERCISES = COURSE.assignment("transfer").exercises

PRETRAINED = """
backbone = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights=None)
backbone.load_weights(weights)
"""
HEADED = """
inputs = keras.Input((96, 96, 3))
x = layers.GlobalAveragePooling2D()(backbone(inputs{mode}))
model = keras.Model(inputs, layers.Dense({classes}, activation="softmax")(x))
"""
TRAINED = """
rng = np.random.default_rng(0)
model.compile(keras.optimizers.Adam({rate}), "sparse_categorical_crossentropy", run_eagerly=True)
model.fit(rng.uniform(-1, 1, (8, 96, 96, 3)), rng.integers(0, 5, 8), batch_size=4, epochs=2, verbose=0)
"""


def headed(mode: str = "", classes: int = 5) -> str:
    return HEADED.format(mode=mode, classes=classes)


def trained(rate: float = 0.001) -> str:
    return TRAINED.format(rate=rate)


FROZEN = PRETRAINED + "backbone.trainable = False" + headed() + trained()
NO_NORMALIZATION = """
for layer in backbone.layers:
    layer.trainable = not isinstance(layer, layers.BatchNormalization)
"""
FROM_BLOCK_13 = """
first = [layer.name for layer in backbone.layers].index("block_13_expand")
backbone.trainable = True
for place, layer in enumerate(backbone.layers):
    layer.trainable = place >= first and not isinstance(layer, layers.BatchNormalization)
"""
WITH_NORMALIZATION = FROM_BLOCK_13.replace(" and not isinstance(layer, layers.BatchNormalization)", "")

# What a student writes, and the misconception that it shows; "" for full marks.
HEADS = {
    "as it should be": ("", FROZEN),
    "a hidden layer in the head": (
        "", FROZEN.replace("model = keras.Model", 'x = layers.Dense(32, activation="relu")(x)\nmodel = keras.Model'),
    ),
    "a sequential model": (
        "", PRETRAINED + "backbone.trainable = False\nmodel = keras.Sequential([keras.Input((96, 96, 3)), backbone, "
        'layers.GlobalAveragePooling2D(), layers.Dense(5, activation="softmax")])' + trained(),
    ),
    "nothing frozen": ("not-frozen", PRETRAINED + headed() + trained()),
    "training=False is not frozen": ("not-frozen", PRETRAINED + headed(", training=False") + trained()),
    "only the normalizations are free": (
        "normalization-moved",
        PRETRAINED + NO_NORMALIZATION.replace("not isinstance", "isinstance") + headed() + trained(),
    ),
    "the last blocks trained, too": ("last-blocks-moved", PRETRAINED + FROM_BLOCK_13 + headed() + trained()),
    "weights=None": ("drawn-anew", FROZEN.replace("backbone.load_weights(weights)", "")),
    "never trained": ("head-untrained", FROZEN.replace(trained(), "")),
    "six classes": ("one-class-more", PRETRAINED + "backbone.trainable = False" + headed(classes=6) + trained()),
    "only the early layers": (
        "cut-off",
        PRETRAINED + 'backbone = keras.Model(backbone.input, backbone.get_layer("block_6_project_BN").output)\n'
        "backbone.trainable = False" + headed() + trained(),
    ),
    "a network of one's own": (
        "own-network", "backbone = keras.Sequential([layers.Conv2D(8, 3, strides=4)])" + headed() + trained(),
    ),
}  # fmt: skip
TUNED = {
    "as it should be": ("", FROZEN + FROM_BLOCK_13 + trained(0.0003)),
    "from block_7 on": ("", FROZEN + FROM_BLOCK_13.replace("block_13", "block_7") + trained(0.0001)),
    "the last layer alone": ("", FROZEN + FROM_BLOCK_13.replace("block_13_expand", "Conv_1") + trained(0.00001)),
    "frozen as before": ("still-frozen", FROZEN),
    "everything": ("all-in-training-mode", FROZEN + "backbone.trainable = True" + trained(0.0001)),
    "everything but the normalizations": ("all-moved", FROZEN + NO_NORMALIZATION + trained(0.0001)),
    "normalizations free in the last blocks": ("normalization-counts", FROZEN + WITH_NORMALIZATION + trained(0.0001)),
    "a learning rate far too large": ("large-steps", FROZEN + FROM_BLOCK_13 + trained(0.05)),
}  # fmt: skip


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The pack itself, where it has been fetched before."""
    if not any((cache() / source.file).exists() for source in BACKBONE.sources):
        pytest.skip("THE BACKBONE HAS NOT BEEN FETCHED YET: grading `transfer` does; nothing here sees the real one")
    return pack(tmp_path_factory.mktemp("course"), "backbone", "full")


def judged(
    exercise: str, sources: dict[str, tuple[str, str]], made: Pack, folder: Path
) -> Iterator[tuple[str, Verdict]]:
    hidden = stand_in("pictures", "full")
    hidden = replace(hidden, extras={**hidden.extras, "backbone": made.facts})
    asked: Variant = variant(EXERCISES[exercise], {}, hidden=hidden)
    weights = str(next(made.kernel.glob("*_96_no_top.h5")).resolve())
    probe = EXERCISES[exercise].checker.probe(asked)
    cases = [Case(source, probe, names={"weights": weights}) for _, source in sources.values()]
    for name, evidence in zip(sources, handed_in(cases, folder), strict=True):
        yield name, judge(EXERCISES[exercise], asked, evidence)


@pytest.fixture(scope="module")
def heads(backbone: Pack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    return dict(judged("frozen", HEADS, backbone, tmp_path_factory.mktemp("heads")))


@pytest.fixture(scope="module")
def tuned(backbone: Pack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    return dict(judged("fine-tuned", TUNED, backbone, tmp_path_factory.mktemp("tuned")))


@pytest.mark.parametrize("case", HEADS)
def test_a_new_head_is_judged_from_the_weights(case: str, heads: dict[str, Verdict]) -> None:
    expected, found = HEADS[case][0], heads[case]
    assert (found.misconception or "", found.score == 1) == (expected, not expected), found.message


@pytest.mark.parametrize("case", TUNED)
def test_fine_tuning_is_judged_from_the_weights(case: str, tuned: dict[str, Verdict]) -> None:
    expected, found = TUNED[case][0], tuned[case]
    assert (found.misconception or "", found.score == 1) == (expected, not expected), found.message

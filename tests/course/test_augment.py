"""What honest augmentations of the exercise earn: many are right, in NumPy and in Keras."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.checkers.function import called
from autograder.course import load_course
from autograder.judge import judge
from autograder.pool import variant as make_variant
from autograder.types import Evidence, Variant, Verdict
from tests.kernel_models import ENVIRONMENT, PYTHON

EXERCISE = load_course(Path(__file__).parents[2]).assignment("blocks").exercises["block-augment"]
SEEDS = range(20)
Array = Any


def mirrored(images: Array, rng: np.random.Generator) -> Array:
    return np.where(rng.random((len(images), 1, 1, 1)) < 0.5, images[:, :, ::-1], images)


def moved(images: Array, rng: np.random.Generator) -> Array:
    steps = rng.integers(-3, 4, (len(images), 2))
    return np.stack([np.roll(image, step, (0, 1)) for image, step in zip(images, steps, strict=True)])


def zoomed(images: Array, rng: np.random.Generator) -> Array:
    """Cut out three quarters, and enlarge them: the nearest pixel."""
    rows, columns = images.shape[1:3]
    cut = []
    for image in images:
        top, left = rng.integers(0, rows // 4), rng.integers(0, columns // 4)
        part = image[top : top + 3 * rows // 4, left : left + 3 * columns // 4]
        cut.append(part[np.arange(rows) * 3 // 4][:, np.arange(columns) * 3 // 4])
    return np.stack(cut)


def brighter(images: Array, rng: np.random.Generator) -> Array:
    return np.clip(images * rng.uniform(0.6, 1.4, (len(images), 1, 1, 3)), 0, 1).astype(np.float32)


def noisy(images: Array, rng: np.random.Generator) -> Array:
    return np.clip(images + rng.normal(0, 0.1, images.shape), 0, 1).astype(np.float32)


def erased(images: Array, rng: np.random.Generator) -> Array:
    found = images.copy()
    for image in found:
        top, left = rng.integers(0, 18, 2)
        image[top : top + 6, left : left + 6] = rng.random()
    return found


def several(images: Array, rng: np.random.Generator) -> Array:
    return noisy(brighter(moved(mirrored(images, rng), rng), rng), rng)


def judged(function: Callable[[Array, int], Array], asked: Variant) -> Verdict:
    probe = EXERCISE.checker.probe(asked)
    return judge(
        EXERCISE, asked, Evidence("ok", calls=tuple(called(function, c) for c in probe.calls), probe=probe.digest)
    )


@pytest.mark.parametrize("change", [mirrored, moved, zoomed, brighter, noisy, erased, several])
def test_an_honest_augmentation_earns_everything(change: Callable[[Array, np.random.Generator], Array]) -> None:
    for seed in SEEDS:
        asked = make_variant(EXERCISE, {}, seed=seed)
        verdict = judged(lambda images, seed: change(images, np.random.default_rng(seed)), asked)
        assert verdict.score == 1, verdict.message


@pytest.mark.parametrize("returns", [None, 3, "images", [], np.zeros(3), {"images": 1}])
def test_what_is_no_batch_earns_nothing(returns: Any) -> None:
    assert judged(lambda images, seed: returns, make_variant(EXERCISE, {}, seed=1)).score == 0


def test_noise_in_place_of_the_photos_earns_little() -> None:
    def noise(images: Array, seed: int) -> Array:
        return np.random.default_rng(seed).random(images.shape, np.float32)

    score = judged(noise, make_variant(EXERCISE, {}, seed=1)).score
    assert score is not None
    assert score < 0.8


KERAS = """
import json, sys
import keras, numpy as np
from keras import layers

def augment(images, seed):
    for layer in (layers.RandomFlip("horizontal", seed=seed), layers.RandomRotation(0.04, seed=seed),
                  layers.RandomTranslation(0.1, 0.1, seed=seed), layers.RandomZoom(0.15, seed=seed),
                  layers.RandomBrightness(0.2, value_range=(0, 1), seed=seed)):
        images = layer(images, training=True)
    return images

for number, seed in enumerate(json.loads(sys.argv[2])):
    np.save(f"{sys.argv[1]}/out-{number}.npy", np.asarray(augment(np.load(f"{sys.argv[1]}/in-{number}.npy"), seed)))
"""


@pytest.mark.tensorflow
def test_layers_of_keras_earn_everything(tmp_path: Path) -> None:
    asked = [make_variant(EXERCISE, {}, seed=seed) for seed in range(3)]
    probes = [EXERCISE.checker.probe(one) for one in asked]
    calls: list[Any] = [call for probe in probes for call in probe.calls]
    for number, call in enumerate(calls):
        np.save(tmp_path / f"in-{number}.npy", call.args[0])
    seeds = json.dumps([call.args[1] for call in calls])
    done = subprocess.run(
        [PYTHON, "-c", KERAS, tmp_path, seeds],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    made = [Evidence("ok", np.load(tmp_path / f"out-{number}.npy")) for number in range(len(calls))]
    for place, (one, probe) in enumerate(zip(asked, probes, strict=True)):
        count = len(probe.calls)
        evidence = Evidence("ok", calls=tuple(made[place * count : (place + 1) * count]), probe=probe.digest)
        verdict = judge(EXERCISE, one, evidence)
        assert verdict.score == 1, verdict.message

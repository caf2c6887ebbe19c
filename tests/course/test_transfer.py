"""Functions of the assignment `transfer` as students write them: good ways that differ, and common mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.build import worked_solution
from autograder.cells import source
from autograder.checkers.function import called
from autograder.course import load_course
from autograder.judge import judge
from autograder.pool import variant
from autograder.sources import read_sources
from autograder.types import Evidence, Limits, Variant, Verdict
from tests.sandbox.jobs import check, run

COURSE = load_course(Path(__file__).parents[2])
EXERCISES = COURSE.assignment("transfer").exercises
Changes = tuple[tuple[str, str], ...]


def solution(exercise: str) -> str:
    notebook = worked_solution(read_sources(COURSE, COURSE.assignment("transfer"))[0]["transfer"])
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == f"{exercise}-work":
            return source(cell)
    raise LookupError(exercise)


def changed(exercise: str, changes: Changes) -> str:
    code = solution(exercise)
    for old, new in changes:
        assert old in code, old
        code = code.replace(old, new)
    return code


def asked(exercise: str, seed: int = 11) -> Variant:
    return variant(EXERCISES[exercise], {}, seed=seed)


def verdict(exercise: str, changes: Changes = (), seed: int = 11) -> Verdict:
    """Of a function in plain NumPy, which runs here as well. seed: of the hidden calls."""
    names: dict[str, Any] = {"np": np}
    exec("from pathlib import Path\nfrom collections import Counter\n" + changed(exercise, changes), names)
    question = asked(exercise, seed)
    probe = EXERCISES[exercise].checker.probe(question)
    made = tuple(called(names[exercise.replace("-", "_")], call) for call in probe.calls)
    return judge(EXERCISES[exercise], question, Evidence("ok", calls=made, probe=probe.digest))


COUNTING: Mapping[str, Changes] = {
    "more": (("count >= least", "count > least"),),
    "any-file": ((' if path.lower().endswith((".png", ".jpg", ".jpeg"))', ""),),
    "small-letters-only": (("path.lower().endswith", "path.endswith"),),
    "one-suffix": (('(".png", ".jpg", ".jpeg")', '".png"'),),
    "suffix-anywhere": (
        ('path.lower().endswith((".png", ".jpg", ".jpeg"))', 'any(s in path.lower() for s in (".png", ".jp"))'),
    ),
    "fixed-place": (("path.parent.name for", "path.parts[2] for"),),
    "not-sorted": (("return sorted(name for name, count in counts.items() if count >= least)",
                    "return [name for name, count in counts.items() if count >= least]"),),
    "all-together": (("return sorted(name for name, count in counts.items() if count >= least)",
                      "return sorted(counts) if len(pictures) >= least else []"),),
    "more+any-file": (("count >= least", "count > least"),
                      (' if path.lower().endswith((".png", ".jpg", ".jpeg"))', "")),
}  # fmt: skip


def test_the_worked_solution_of_large_enough_is_right() -> None:
    assert verdict("large-enough").score == 1


@pytest.mark.parametrize("mistake", COUNTING)
def test_a_mistake_in_counting_is_named(mistake: str) -> None:
    assert verdict("large-enough", COUNTING[mistake]).misconception == mistake


SPLITTING: Mapping[str, Changes] = {
    "each-alone": (("same_pictures(thumbnails(images))", "[[i] for i in range(len(images))]"),),
    "exact-only": (("<= 3", "== 0"), ("thumbnails(images))", "images.reshape(len(images), -1).astype(float))")),
    "near-the-first": (("waiting.extend(new)", "group.extend(new)"),),
    "within-classes": (
        ("same_pictures(thumbnails(images))", "same_pictures(np.c_[thumbnails(images), 1e4 * labels])"),
    ),
    "classes-ignored": (
        ("np.unique(labels)", "[None]"),
        ("own = [group for group in groups if labels[group[0]] == label]", "own = groups"),
    ),
    "not-shuffled": (("rng.permutation(len(own))", "range(len(own))"),),
    "fixed-seed": (("default_rng(seed)", "default_rng(42)"),),
    "no-seed": (("default_rng(seed)", "default_rng()"),),
    "copies-dropped": (("extend(own[place])", "append(own[place][0])"),),
    "other-shares": (("0.7 *", "0.5 *"), ("0.85 *", "0.75 *")),
}  # fmt: skip
OTHER_SPLITS: Mapping[str, Changes] = {
    "as-worked": (),
    "arrays": (("return parts\n\n", "return [np.array(part) for part in parts]\n\n"),),
    "float32": (("    return tiles.mean(axis=(2, 4)).reshape(n, -1)",
                 "    return tiles.astype('float32').mean(axis=(2, 4)).reshape(n, -1)"),),
    "cut-by-groups": (("dealt < 0.7 * total", "step < 0.7 * len(own)"),
                      ("dealt < 0.85 * total", "step < 0.85 * len(own)"),
                      ("for place in rng", "for step, place in enumerate(rng"), ("(len(own)):", "(len(own))):")),
}  # fmt: skip


@pytest.mark.parametrize("way", OTHER_SPLITS)
def test_a_good_split_is_right_in_whichever_way_it_is_made(way: str) -> None:
    found = verdict("split", OTHER_SPLITS[way])
    assert found.score == 1, found.message


@pytest.mark.parametrize("way", ["as-worked", "cut-by-groups"])
def test_a_good_split_does_not_depend_on_luck(way: str) -> None:
    lost = [seed for seed in range(40) if verdict("split", OTHER_SPLITS[way], seed).score != 1]
    assert not lost


def test_images_without_a_part_are_named_whatever_is_drawn() -> None:
    found = {verdict("split", SPLITTING["copies-dropped"], seed).misconception for seed in range(20)}
    assert found == {"copies-dropped"}


@pytest.mark.parametrize("mistake", SPLITTING)
def test_a_mistake_in_splitting_is_named(mistake: str) -> None:
    found = verdict("split", SPLITTING[mistake])
    assert found.misconception == mistake, found


@pytest.mark.parametrize(
    "returned",
    ["None", "images, labels", "[[0], [1]]", "[0.5], [1.5], [2.5]", "'abc'", "[[], [], []]", "[-1], [1], [999]"],
)
def test_what_is_no_split_earns_nothing(returned: str) -> None:
    found = verdict("split", (("return parts\n\n", f"return {returned}\n\n"),))
    assert found.score == 0 and found.message


# ------------------------------------------------------------------------------------------------- in a real kernel

NEEDED = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
from keras import layers
"""
SCALED = "preprocess(x), y)"
AUGMENTED = """    if training:
        dataset = dataset.map(lambda x, y: (augment(x, training=True), y))
"""
SHUFFLED = "    if training:\n        dataset = dataset.shuffle(len(images))\n"
FEEDING: Mapping[str, Changes] = {
    "zero-to-one": ((SCALED, "x / 255, y)"),),
    "not-scaled": ((SCALED, "x, y)"),),
    "twice": ((SCALED, "preprocess(preprocess(x)), y)"),),
    "scaled-in-training": (
        ("return dataset.map", "return dataset if not training else dataset.map"),
    ),
    "augmented-last": (
        (AUGMENTED, ""),
        ("preprocess(x), y))",
         "preprocess(x), y)).map(lambda x, y: (augment(x, training=True) if training else x, y))"),
        ('layers.RandomFlip("horizontal"),', 'layers.RandomFlip("horizontal"), layers.RandomBrightness(0.2, (-2, 2)),'),
    ),
    "always-augmented": ((AUGMENTED, "    dataset = dataset.map(lambda x, y: (augment(x, training=True), y))\n"),),
    "never-augmented": (("augment(x, training=True)", "augment(x, training=False)"),),
    "too-strong": (('layers.RandomFlip("horizontal"),', "layers.RandomRotation(0.5, fill_mode='constant'),"),),
    "labels-left": (
        ("tf.data.Dataset.from_tensor_slices((images, labels))", "tf.data.Dataset.from_tensor_slices(images)"),
        ("    dataset = dataset.batch",
         "    dataset = tf.data.Dataset.zip(dataset, tf.data.Dataset.from_tensor_slices(labels))\n"
         "    dataset = dataset.batch"),
    ),
    "never-shuffled": ((SHUFFLED, ""),),
    "always-shuffled": ((SHUFFLED, "    dataset = dataset.shuffle(len(images))\n"),),
    "rest-dropped": (("batch(batch_size)", "batch(batch_size, drop_remainder=True)"),),
    "one-by-one": (("batch(batch_size)", "batch(1)"),),
    "bgr": ((SCALED, "preprocess(x[..., ::-1]), y)"),),
}  # fmt: skip
OTHER_FEEDS: Mapping[str, Changes] = {
    "as-worked": (),
    "rescaling": ((SCALED, "layers.Rescaling(1 / 127.5, offset=-1)(x), y)"),),
    "each image alone": (
        (".batch(batch_size).map", ".map"), (").prefetch", ").batch(batch_size).prefetch"),
        ("augment(x, training=True)", "augment(x[None], training=True)[0]"),
    ),
    "only mirrored": (
        ("        layers.RandomTranslation(0.1, 0.1, fill_mode=\"nearest\"),\n", ""),
        ("        layers.RandomZoom((-0.1, 0.1), fill_mode=\"nearest\"),\n", ""),
    ),
    "turned and brighter": (
        ('layers.RandomFlip("horizontal"),', "layers.RandomRotation(0.05), layers.RandomBrightness(0.1),"),
    ),
    "tf.image": (("augment(x, training=True)", "tf.image.random_flip_left_right(x)"),),
}  # fmt: skip


@pytest.fixture(scope="module")
def fed() -> Mapping[str, Verdict]:
    """All pipelines in one confined kernel, each handed in under a name of its own."""
    question, exercise = asked("pipeline"), EXERCISES["pipeline"]
    probe = exercise.checker.probe(question)
    ways = {**OTHER_FEEDS, **FEEDING}
    cells: list[str | tuple[str, str]] = [NEEDED]
    for name, changes in ways.items():
        cells += [changed("pipeline", changes), check(name, "pipeline", "function")]
    limits = Limits(cell_seconds=120, seconds=600, cpu_seconds=600, memory_mb=4096)
    done = run(*cells, probes=[replace(probe, exercise=name) for name in ways], limits=limits)
    return {
        name: judge(exercise, question, replace(done.evidence[name], probe=probe.digest, variant=None)) for name in ways
    }


@pytest.mark.kernel
@pytest.mark.tensorflow
@pytest.mark.parametrize("way", OTHER_FEEDS)
def test_a_good_pipeline_is_right_in_whichever_way_it_is_made(way: str, fed: Mapping[str, Verdict]) -> None:
    assert fed[way].score == 1, fed[way].message


@pytest.mark.kernel
@pytest.mark.tensorflow
@pytest.mark.parametrize("mistake", FEEDING)
def test_a_mistake_in_a_pipeline_is_named(mistake: str, fed: Mapping[str, Verdict]) -> None:
    assert fed[mistake].misconception == mistake, fed[mistake]

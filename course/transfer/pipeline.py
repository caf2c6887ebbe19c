"""From stored pictures to batches, as the backbone wants them: augmented for training, and left alone otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checkers.properties import Properties, Property, Results
from autograder.exercise import Exercise
from autograder.types import Call, Misconception, Params, Slips

Array = NDArray[Any]
Batches = list[tuple[Array, Array]]

SIZE, COUNT, BATCH = 24, 20, 8
SLACK = 0.02  # of -1..1

# ------------------------------------------------------------------------------------------------------- the pictures


@lru_cache(maxsize=64)
def pictures(seed: int) -> Array:
    """Soft patches around a colour of the picture's own, with a black and a white bar along the sides."""
    rng = np.random.default_rng(seed)
    soft = rng.uniform(50, 205, (COUNT, 1, 1, 3)) + rng.uniform(-45, 45, (COUNT, 8, 8, 3))
    soft = soft.repeat(SIZE // 8, 1).repeat(SIZE // 8, 2)
    for axis in (1, 2):  # soft edges, so that an image that is moved by a pixel is much like the old one
        soft = np.mean([np.roll(soft, step, axis) for step in (-2, -1, 0, 1, 2)], 0)
    soft[:, :, : SIZE // 4], soft[:, :, -SIZE // 4 :] = 0, 255
    return np.round(soft).astype(np.uint8)


def calls(params: Params, rng: Random) -> Iterator[Call]:
    """Each image has a label of its own, by which it is recognised when it comes back."""
    images = pictures(rng.getrandbits(64))
    labels = np.array(rng.sample(range(100), COUNT), np.int64)
    for training in (False, False, True, True):
        yield Call((images, labels, training, BATCH))


# ----------------------------------------------------------------------------------------------------- the properties


VALID, TRAIN = (0, 1), (2, 3)
"""Numbers of the calls."""


def joined(results: Results, number: int) -> tuple[Array, Array]:
    """Return what came back from a call, its batches put together."""
    batches = results.values[number]
    if type(batches) is not list or any(type(batch) not in (list, tuple) or len(batch) != 2 for batch in batches):
        raise ValueError("no batches of images and labels")  # before anything long is looked through
    return np.concatenate([batch[0] for batch in batches]), np.concatenate([batch[1] for batch in batches])


def given(results: Results, number: int) -> tuple[Array, Array]:
    images, labels = results.calls[number].args[:2]
    assert isinstance(images, np.ndarray) and isinstance(labels, np.ndarray)
    return images, labels


def by_label(results: Results, number: int) -> Array:
    """Return the images of a call in the order in which they were given, as far as their labels tell."""
    came, named = joined(results, number)
    place = {int(label): i for i, label in enumerate(named)}
    return np.asarray(came[[place[int(label)] for label in given(results, number)[1]]])


def shaped(results: Results) -> bool:
    return all(
        images.shape[1:] == (SIZE, SIZE, 3)
        and images.dtype == np.float32
        and labels.shape in ((len(images),), (len(images), 1))
        for batches in results.values
        for images, labels in batches
    ) and all(results.values)


def whole(results: Results) -> bool:
    return all(
        sorted(joined(results, number)[1].ravel().tolist()) == sorted(given(results, number)[1].tolist())
        for number in (*VALID, *TRAIN)
    )


def batched(results: Results) -> bool:
    return all(len(images) == BATCH for batches in results.values for images, _ in batches[:-1]) and all(
        len(batches) <= COUNT // BATCH + 1 for batches in results.values
    )


def together(results: Results) -> bool:
    """By the colour of each image, which hardly any change takes away; red and blue may be exchanged."""
    for number in (VALID[0], TRAIN[0]):
        named = joined(results, number)[1].ravel()
        wanted = tint(given(results, number)[0])[[given(results, number)[1].tolist().index(label) for label in named]]
        came = tint(joined(results, number)[0])
        # As it is, and as it would be whatever the brightness; a change may take away one, and hardly both.
        ways = [(one, came) for one in (wanted, wanted[:, ::-1])]
        ways += [(hue(one), hue(other)) for one, other in ways]
        if max(np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in ways) < 0.5:
            return False
    return True


def hue(tints: Array) -> Array:
    return np.asarray(tints - tints.mean(1, keepdims=True))


def tint(images: Array) -> Array:
    """The mean colour of each image, less that of all."""
    mean = images.mean((1, 2), dtype=np.float64)
    return np.asarray(mean - mean.mean(0))


def colours(results: Results) -> bool:
    (images, _), came = given(results, 0), tint(by_label(results, 0)).ravel()
    straight, exchanged = (np.corrcoef(one.ravel(), came)[0, 1] for one in (tint(images), tint(images)[:, ::-1]))
    return bool(straight > exchanged)


def scaled(results: Results) -> bool:
    return black(results) and white(results)


def black(results: Results) -> bool:
    return bool(abs(np.median(np.quantile(joined(results, 0)[0], 0.04, (1, 2, 3))) - -1) <= SLACK)


def white(results: Results) -> bool:
    return bool(abs(np.median(np.quantile(joined(results, 0)[0], 0.96, (1, 2, 3))) - 1) <= SLACK)


def inside(results: Results) -> bool:
    return all(np.abs(images).max() <= 1 + SLACK for batches in results.values for images, _ in batches)


def same_scale(results: Results) -> bool:
    """Nearly the darkest and the brightest numbers are the same in both."""
    valid, train = (np.quantile(joined(results, number)[0], (0.05, 0.95)) for number in (VALID[0], TRAIN[0]))
    return bool(np.abs(valid - train).max() <= 0.4 * max(valid[1] - valid[0], 0.01))


def augmented(results: Results) -> bool:
    """At least one image in eight: who only mirrors every other one comes below that once in 50,000 times."""
    plain = by_label(results, VALID[0])
    apart = [np.abs(by_label(results, number) - plain).mean((1, 2, 3)) for number in TRAIN]
    return bool((np.array(apart) > 0.05 * plain.std()).mean() >= 1 / 8)


def left_alone(results: Results) -> bool:
    one, other = (by_label(results, number) for number in VALID)
    wanted = given(results, 0)[0]
    return bool(np.allclose(one, other, atol=0.01 * float(one.std())) and (likeness(wanted, one) > 0.985).all())


def recognisable(results: Results) -> bool:
    wanted = given(results, 0)[0]
    alike = [np.maximum(likeness(wanted, came), likeness(wanted[:, :, ::-1], came))
             for came in (by_label(results, number) for number in TRAIN)]  # fmt: skip
    return bool((np.array(alike) > 0.5).mean() >= 0.8)


def likeness(one: Array, other: Array) -> Array:
    """Correlation, image by image."""
    a, b = (
        (images - images.mean((1, 2, 3), keepdims=True, dtype=np.float64)).reshape(len(images), -1)
        for images in (one, other)
    )
    return np.asarray((a * b).sum(1) / np.maximum(np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1), 1e-9))


def in_order(results: Results) -> bool:
    return all(kept(results, number) == 1 for number in VALID)


def shuffled(results: Results) -> bool:
    return all(kept(results, number) < 0.6 for number in TRAIN)


def kept(results: Results, number: int) -> float:
    """The share of labels that stand in their old place."""
    named, labels = joined(results, number)[1].ravel(), given(results, number)[1]
    return float((named == labels[: len(named)]).mean())


# ------------------------------------------------------------------------------------------------------ the reference


def reference(params: Params, slips: Slips) -> Callable[[Any, Any, Any, Any], Batches]:
    def pipeline(images: Array, labels: Array, training: bool, batch_size: int) -> Batches:
        rng = np.random.default_rng(int(labels.sum()))
        order = np.arange(len(images))
        if (training and "never-shuffled" not in slips) or "always-shuffled" in slips:
            order = rng.permutation(order)
        images, named = images[order], labels[order]
        if "labels-left" in slips and training:
            named = labels
        made = images.astype(np.float32)
        if "bgr" in slips:
            made = made[..., ::-1]
        augments = (training and "never-augmented" not in slips) or "always-augmented" in slips
        late = "augmented-last" in slips
        if augments and not late:
            made = np.clip(augment(made, rng, strong="too-strong" in slips), 0, 255)
        made = prepared(made, training, slips)
        if augments and late:
            made = augment(made, rng, strong=False) + rng.choice([-0.3, 0.3], (len(made), 1, 1, 1))
        made = made.astype(np.float32)
        starts = range(0, len(made), batch_size)
        if "rest-dropped" in slips:
            starts = range(0, len(made) - batch_size + 1, batch_size)
        if "one-by-one" in slips:
            return [(made[i : i + 1], named[i : i + 1]) for i in range(len(made))]
        return [(made[i : i + batch_size], named[i : i + batch_size]) for i in starts]

    return pipeline


def prepared(images: Array, training: bool, slips: Slips) -> Array:
    if "not-scaled" in slips or ("scaled-in-training" in slips and not training):
        return images
    if "zero-to-one" in slips:
        return images / 255
    scaled = images / 127.5 - 1
    return scaled / 127.5 - 1 if "twice" in slips else scaled


def augment(images: Array, rng: np.random.Generator, strong: bool) -> Array:
    """Half of them mirrored; strong: turned upside down or a quarter, as well."""
    made = images.copy()
    for i, image in enumerate(images):
        if strong:
            made[i] = np.rot90(image, int(rng.integers(1, 4)))
        elif i % 2:
            made[i] = image[:, ::-1]
    return made


exercise = Exercise(
    id="pipeline",
    title="The input pipeline",
    points=5,
    prompt=(
        "Write `pipeline(images, labels, training, batch_size)`. It returns a `tf.data.Dataset` of batches `(images, "
        "labels)` for MobileNetV2.\n\n"
        "- `images` are as they were loaded: `uint8`, 0 to 255, shape `(n, height, width, 3)`. `labels` holds `n` "
        "whole numbers.\n"
        "- In the batches, images are `float32`, of the same height and width, **with numbers as the backbone was "
        "trained on**: as `keras.applications.mobilenet_v2.preprocess_input` makes them from 0 to 255. Each image "
        "keeps its label.\n"
        "- One pass gives every image once, in batches of `batch_size`; the last one may be smaller. (No `repeat()`: "
        "`fit` starts again by itself.)\n"
        "- `training=True`: the images come **in random order, and slightly changed** in a random way. They are "
        "mirrored, moved, turned a little or the like: many of them visibly, but one still sees what they show, and "
        "their numbers stay within the same range.\n"
        "- `training=False`: the images come in the order given, and **nothing about them is random**."
    ),
    key=reference,
    checker=Properties(
        (
            Property(
                "shaped",
                "gives batches of float32 images of the old size, with a label for each",
                shaped,
                "Look at one batch: `images, labels = next(iter(pipeline(...)))`, and print shapes and types.",
                0.5,
            ),
            Property(
                "together",
                "leaves each image its label",
                together,
                "An image and its label must take every step together: shuffle the pairs, not the images.",
            ),
            Property("whole", "gives every image once", whole, "Is a rest left out, or does it repeat?", 0.5),
            Property("batched", "gives batches of the size asked for", batched, "`dataset.batch(batch_size)`.", 0.5),
            Property(
                "scaled",
                "gives validation images the numbers that the backbone was trained on",
                scaled,
                "Compare the smallest and the largest number with what `preprocess_input` makes of 0 and 255.",
                4.0,
            ),
            Property("black", "makes black what the backbone knows as black", black, weight=0.5),
            Property("white", "makes white what the backbone knows as white", white, weight=0.5),
            Property(
                "inside",
                "keeps all numbers within the backbone's range",
                inside,
                "Print the smallest and the largest number of a training batch.",
                1.5,
            ),
            Property("colours", "leaves red, green and blue in their order", colours, weight=0.5),
            Property(
                "same-scale",
                "gives training and validation images in the same range",
                same_scale,
                "What a network learns on one range, it does not find in another.",
            ),
            Property(
                "augmented",
                "changes images for training",
                augmented,
                "With a few hundred images a network soon knows them by heart, unless they look a little different "
                "each time.",
                3.0,
            ),
            Property(
                "recognisable",
                "changes them so little that one still sees what they show",
                recognisable,
                "Draw a few of them, and let somebody else say what they are.",
                1.5,
            ),
            Property(
                "left-alone",
                "leaves validation images as they are",
                left_alone,
                "Validation should measure the network on real images, and the same each time.",
                3.0,
            ),
            Property(
                "in-order",
                "leaves validation images in their order",
                in_order,
                "Predictions are compared with labels place by place.",
                0.5,
            ),
            Property(
                "shuffled",
                "shuffles the images for training",
                shuffled,
                "Stored in the order of classes, a batch would hold one class only.",
                1.5,
            ),
        ),
        calls=calls,
        signature="pipeline(images, labels, training, batch_size)",
        needs=2,
        seconds=20,
    ),
    misconceptions=(
        Misconception(
            "zero-to-one",
            "You divided by 255. Many networks are fed like that, but each backbone wants what it was trained on, and "
            "this one was not. To it, all your images are pale: no pixel is darker than a middle grey.",
            "`keras.applications.mobilenet_v2.preprocess_input`.",
        ),
        Misconception(
            "not-scaled",
            "The numbers still go up to 255. To the backbone, everything is far brighter than white, and what it has "
            "learned about edges and colours says nothing here.",
            "Print `images.numpy().min()` and `.max()` of a batch.",
        ),
        Misconception(
            "twice",
            "The images are scaled twice. After the second time, all pixels are nearly the same number, close to "
            "black.",
            "Is there `preprocess_input` in the pipeline, and a `Rescaling` besides?",
        ),
        Misconception(
            "scaled-in-training",
            "Only the training images are scaled for the backbone. Validation images must be prepared in the same way: "
            "all that differs is what is random.",
            "Which steps stand inside `if training:`?",
        ),
        Misconception(
            "augmented-last",
            "Images are changed after they were scaled, and by a change that is made for another range: some numbers "
            "now lie outside of what the backbone knows. Change them "
            "first, while they are 0 to 255, and scale last.",
            "`value_range` of `RandomBrightness` and others.",
        ),
        Misconception(
            "always-augmented",
            "Validation images are changed at random, too. Then the result depends on luck, and it tells how the "
            "network does on distorted images.",
            "Augment only inside `if training:`; a layer also wants to be called with `training=True` to do anything.",
        ),
        Misconception(
            "never-augmented",
            "The training images come as they are. If you do call augmenting layers: outside of `fit` they do "
            "something only with `training=True`.",
            "Draw the same image from two passes, side by side.",
        ),
        Misconception(
            "too-strong",
            "The changes are too strong. An image that is turned upside down, or of which half is gone, may show "
            "another thing, or nothing, and the network learns from wrong examples.",
            "`RandomRotation(0.5)` turns by up to half a circle: the number is a share of a full turn.",
        ),
        Misconception(
            "labels-left",
            "Images are shuffled, and their labels are not: after that each image has the label of another one. A "
            "network can learn nothing from them but how common each class is.",
            "`Dataset.from_tensor_slices((images, labels))` first, `shuffle` after it.",
        ),
        Misconception(
            "never-shuffled",
            "The training images come in the order in which they are stored: class by class, in most folders.",
            "`dataset.shuffle(len(images))`, before `batch`.",
        ),
        Misconception(
            "always-shuffled",
            "Validation images are shuffled, too. It does no harm to the accuracy, but predictions no longer stand "
            "beside their images, and you will look at the wrong mistakes.",
            "Shuffle only inside `if training:`.",
        ),
        Misconception(
            "rest-dropped",
            "The last batch is missing because it is not full. In validation, these images are never looked at.",
            "`drop_remainder`.",
        ),
        Misconception(
            "one-by-one",
            "Each batch holds a single image. Training would take far longer, and each step would follow one image.",
            "`dataset.batch(...)`.",
        ),
        Misconception(
            "bgr",
            "Red and blue are exchanged. OpenCV reads images like that, and some old networks want it; this one does "
            "not.",
            "Draw an image of a tomato.",
        ),
    ),
    next="Look at one batch of each kind: draw it, and print type, shape, smallest and largest number.",
)

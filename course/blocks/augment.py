"""An augmentation for photos: many are right, and what must hold of each of them is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import count
from random import Random
from typing import Any

import numpy as np

from autograder.checkers.properties import Properties, Property, Results
from autograder.exercise import Exercise
from autograder.types import Call, Misconception, Params, Slips

from .._lib.photos import likeness, photos

MOST = 0.8  # of the images must be as asked for: chance may spoil one or two
HALF = 0.5  # of a batch that was shuffled, far fewer stand where they stood; of two photos alike, one may be mistaken


def reference(params: Params, slips: Slips) -> Callable[[Any, int], Any]:
    numbers = count()

    def augment(images: Any, seed: int) -> Any:
        if "unchanged" in slips:
            return images
        rng = np.random.default_rng(
            0 if "seed-unused" in slips else next(numbers) if "not-repeatable" in slips else seed
        )
        changed = images if "in-place" in slips else images.copy()
        choices = 1 if "one-for-all" in slips else len(images)
        mirrored = np.resize(rng.random(choices) < 0.5, len(images))
        changed[mirrored] = changed[mirrored][:, :, ::-1]
        if "upside-down" in slips:
            turned = rng.random(len(images)) < 0.5
            changed[turned] = changed[turned][:, ::-1]
        for i, step in enumerate(np.resize(rng.integers(-2, 3, choices), len(images))):
            changed[i] = np.roll(changed[i], step, axis=1)
        changed *= np.resize(rng.uniform(0.8, 1.2, choices), len(images)).astype(np.float32)[:, None, None, None]
        if "too-strong" in slips:
            changed = 0.02 * changed + 0.98 * rng.random(changed.shape, np.float32)
        if "not-clipped" in slips:
            changed = changed + np.float32(0.1)
        else:
            np.clip(changed, 0, 1, out=changed)
        if "shuffled" in slips:
            changed = np.roll(changed, 1, axis=0)
        return changed.astype(np.float64) if "float64" in slips else changed

    return augment


def calls(params: Params, rng: Random) -> Iterator[Call]:
    """The same batch three times, twice with the same seed; copies of one image; and images that are not square."""
    batch, copies, wide = drawn(rng.getrandbits(64))
    first, second, third, fourth = rng.sample(range(1000), 4)
    for seed in (first, first, second):
        yield Call((batch, seed))
    yield Call((copies, third))
    yield Call((wide, fourth))


@lru_cache(8)
def drawn(seed: int) -> tuple[Any, Any, Any]:
    """A batch, copies of one image, and images that are not square. Remembered: one judgement asks for them often."""
    rng = np.random.default_rng(seed)
    found = photos(rng, 12, 24, 24), np.repeat(photos(rng, 1, 24, 24), 12, axis=0), photos(rng, 12, 24, 32)
    for images in found:
        images.flags.writeable = False
    return found


def pairs(results: Results) -> Iterator[tuple[Any, Any]]:
    for call, value in zip(results.calls, results.values, strict=True):
        yield call.args[0], value


def same_shape(results: Results) -> bool:
    return all(type(value) is np.ndarray and value.shape == given.shape and value.dtype.kind in "fiu"
               and bool(np.isfinite(value).all()) for given, value in pairs(results))  # fmt: skip


def different(one: Any, other: Any) -> bool:
    return float(np.abs(np.asarray(one, float) - other).max()) > 1e-3


def changes(results: Results) -> bool:
    return all(different(given, value) for given, value in pairs(results))


def each_its_own(results: Results) -> bool:
    copies = results.values[3]
    return any(different(copies[0], other) for other in copies[1:])


def share(results: Results, holds: Callable[[Any, Any], Any]) -> float:
    """Of all images of different photos, the share of which this holds."""
    found = [holds(given, value) for given, value in list(pairs(results))[:3] + list(pairs(results))[4:]]
    return float(np.concatenate(found).mean())


def upright(given: Any, value: Any) -> Any:
    alike = likeness(value, given)
    return np.max(alike.upright, axis=1) >= np.max(alike.turned, axis=1)


def in_place(given: Any, value: Any) -> Any:
    alike = likeness(value, given)
    return np.argmax(np.maximum(alike.upright, alike.turned), axis=1) == np.arange(len(given))


def recognizable(given: Any, value: Any) -> Any:
    alike = likeness(value, given)
    return np.max(np.maximum(alike.upright, alike.turned), axis=1) >= 0.7


exercise = Exercise(
    id="block-augment",
    title="An augmentation for photos",
    points=4,
    prompt="""**Write `augment(images, seed)`.** `images` is a batch of photos of animals: a `float32` array of shape
`(images, rows, columns, 3)` with numbers from 0 to 1. Return a new batch for training, in which each photo is changed a
little, at random. Which changes you make is up to you. They must be such that

- shape, type and range stay the same, and image `i` of the result is made from image `i`;
- the label of each photo stays right, and the animal keeps its feet on the ground;
- most of each photo can still be seen;
- every image of a batch is changed in its own way;
- another `seed` gives another result, and the same `seed` the same result again;
- the array that your function was given is not changed.

Use NumPy, or layers of Keras.""",
    key=reference,
    checker=Properties(
        signature="augment(images, seed)",
        calls=calls,
        needs=2,
        properties=(
            Property("shape", "returns an array of numbers of the same shape", same_shape),
            Property("changes", "changes the images", changes),
            Property("float32", "returns float32", lambda r: all(v.dtype == np.float32 for v in r.values)),
            Property(
                "range",
                "keeps all numbers between 0 and 1",
                lambda r: all(v.min() >= -1e-6 and v.max() <= 1 + 1e-6 for v in r.values),
            ),
            Property("keeps", "leaves the array that it was given as it was", lambda r: not any(r.changed)),
            Property("own", "changes every image of a batch in its own way", each_its_own),
            Property("seed", "gives another result with another seed", lambda r: different(r.values[0], r.values[2])),
            Property(
                "repeatable",
                "gives the same result with the same seed",
                lambda r: not different(r.values[0], r.values[1]),
            ),
            Property("upright", "keeps up and down where they are", lambda r: share(r, upright) >= MOST),
            Property("order", "keeps the images in their order", lambda r: share(r, in_place) >= HALF),
            Property("moderate", "leaves most of each photo to be seen", lambda r: share(r, recognizable) >= MOST),
        ),
    ),
    misconceptions=(
        Misconception(
            "unchanged",
            "Your images come back as they were. A network would see the same photos in every epoch, and could learn "
            "them by heart.",
            "Show one photo before and after with `imshow`.",
        ),
        Misconception(
            "float64",
            "NumPy's random numbers are float64, and what you compute with them becomes float64, too: twice the "
            "memory.",
            "`array.dtype` of what you return.",
        ),
        Misconception(
            "not-clipped",
            "Some pixels leave the range, for example where a bright photo is made brighter. The network will never "
            "meet such pixels later.",
            "Print the smallest and the largest number that you return.",
        ),
        Misconception(
            "in-place",
            "You write into the array itself. After ten epochs the originals are changed ten times over, and nobody "
            "has them any more.",
            "What does `b = a` do with an array, and what does `b = a.copy()`?",
        ),
        Misconception(
            "one-for-all",
            "You draw once for the whole batch, so all its images get the same change.",
            "How many random numbers do you draw for a batch of 16?",
        ),
        Misconception(
            "seed-unused",
            "Your result does not depend on the seed. So each epoch gets the same changes, and there is no more to "
            "learn in the second than in the first.",
            "What is `seed` used for in your function?",
        ),
        Misconception(
            "not-repeatable",
            "The same seed gives different results. Then nobody can find a fault again, or compare two networks.",
            "`np.random.default_rng(seed)`, and draw from nothing else.",
        ),
        Misconception(
            "upside-down",
            "Some photos come out upside down, or on their side. Your network will rarely be shown such animals. For "
            "photos from a microscope or from the air it would be different.",
            "Which changes can happen to a photo of a horse, if somebody else takes it again?",
        ),
        Misconception(
            "shuffled",
            "The images have changed places. Their labels have not: from now on the dog is called a cat.",
            "How does your function treat the first axis?",
        ),
        Misconception(
            "too-strong",
            "Little is left of the photos. A person could not name the animals either, so the labels have become "
            "wrong.",
            "Show some of your results with `imshow`. Would you know the animal?",
        ),
    ),
    next="Show a photo and eight of its changed copies side by side.",
)

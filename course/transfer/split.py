"""Split pictures into training, validation and test, so that none is learned in one part and met again in another."""

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

SIDE = 16
LIMIT = 3.0  # of grey levels: what the prompt calls a near-duplicate
SHARES = (0.70, 0.15, 0.15)
TOLERANCE = 0.07  # of an average: groups cannot be cut, and a single split that is right misses by up to 0.08
LARGE, RARE = (20, 14, 14), (8, 8, 8, 8)  # of each class, pictures that are like no other

# ------------------------------------------------------------------------------------------------------- the pictures


def thumbnails(images: Array) -> Array:
    n, side = len(images), images.shape[1] // 8
    return np.asarray(images.reshape(n, 8, side, 8, side, 3).mean((2, 4), dtype=np.float64)).reshape(n, -1)


def picture(rng: np.random.Generator) -> Array:
    """Large patches of colour; two of them are never near each other. No number is close to 0 or 255."""
    coarse = rng.uniform(50, 200, (4, 4, 3))
    return coarse.repeat(SIDE // 4, 0).repeat(SIDE // 4, 1).astype(np.uint8)


def noisy(image: Array, rng: np.random.Generator) -> Array:
    return np.clip(image + rng.normal(0, 4, image.shape), 0, 255).astype(np.uint8)


def brighter(image: Array, rng: np.random.Generator) -> Array:
    return image + np.uint8(2)


def fewer_colours(image: Array, rng: np.random.Generator) -> Array:
    """As a picture that was stored again: each number is rounded to a multiple of 4."""
    return (np.round(image / 4) * 4).astype(np.uint8)


def equal(image: Array, rng: np.random.Generator) -> Array:
    return image


COPIES: tuple[Callable[[Array, np.random.Generator], Array], ...] = (equal, equal, noisy, brighter, fewer_colours)


@lru_cache(maxsize=64)
def album(seed: int) -> tuple[Array, Array]:
    """Images and labels in the order of the classes, as folders are listed; copies lie anywhere within their class."""
    rng = np.random.default_rng(seed)
    made: list[tuple[int, float, Array]] = []

    def add(image: Array, label: int) -> None:
        made.append((label, rng.random(), image))

    for label, alone in enumerate((*LARGE, *RARE)):
        for _ in range(alone):
            add(picture(rng), label)
    for label in range(len(LARGE)):
        for copy in COPIES:
            image = picture(rng)
            add(image, label)
            add(copy(image, rng), label)
        image = picture(rng)
        for step in range(4):  # each is near the one before, and not near the one before that
            add(image + np.uint8(2 * step), label)
    for one, other in ((0, 1), (1, 2), (0, 2)) * 3:  # the same, filed under two classes
        image = picture(rng)
        add(image, one)
        add(noisy(image, rng), other)
    made.sort(key=lambda entry: entry[:2])
    return np.stack([image for _, _, image in made]), np.array([label for label, _, _ in made], np.int64)


def calls(params: Params, rng: Random) -> Iterator[Call]:
    """One album twice with one seed and once with another, and a second album."""
    one, other = album(rng.getrandbits(64)), album(rng.getrandbits(64))
    for (images, labels), seed in ((one, 7), (one, 7), (one, rng.randrange(100, 1000)), (other, 7)):
        yield Call((images, labels, seed))


# ----------------------------------------------------------------------------------------------------- the properties


def each(results: Results) -> Iterator[tuple[Array, Array, list[list[int]]]]:
    """Images, labels and the three parts of each call."""
    for call, value in zip(results.calls, results.values, strict=True):
        images, labels = call.args[0], call.args[1]
        assert isinstance(images, np.ndarray) and isinstance(labels, np.ndarray)
        yield images, labels, parts(value)


def parts(value: Any) -> list[list[int]]:
    """Raises for what is not three rows of whole numbers."""
    if type(value) not in (list, tuple) or len(value) != 3:  # before anything long is looked through
        raise ValueError("not three lists")
    rows = [np.asarray(part) for part in value]
    if any(row.dtype.kind not in "iu" or row.ndim != 1 for row in rows):
        raise ValueError("not three lists of places")
    return [row.tolist() for row in rows]


def parted(results: Results) -> bool:
    return all(
        part and min(part) >= 0 and max(part) < len(images) for images, _, found in each(results) for part in found
    )


def apart(results: Results) -> bool:
    return all(
        len({*one, *two, *three}) == len(one) + len(two) + len(three) for _, _, (one, two, three) in each(results)
    )


def complete(results: Results) -> bool:
    return all({i for part in found for i in part} >= set(range(len(images))) for images, _, found in each(results))


def shares(results: Results) -> bool:
    """Of what was given a part, and on average over the splits: chance must not decide over a right one."""
    sizes = np.array([[len(part) for part in found] for _, _, found in each(results)][1:])  # the first is made twice
    shared = sizes / np.maximum(sizes.sum(1, keepdims=True), 1)
    return bool((abs(shared.mean(0) - SHARES) <= TOLERANCE).all())


def every_class(results: Results) -> bool:
    return all(
        set(labels[part].tolist()) == set(labels.tolist()) for _, labels, found in each(results) for part in found
    )


def mixed(results: Results) -> bool:
    """Not simply the first of each class in one part and the last in another, in every call."""
    return any(abs(earlier(labels, train)) < 0.17 for _, labels, (train, *_) in each(results))


def earlier(labels: Array, train: list[int]) -> float:
    """Return how much earlier in their class those for training stand: 0.5 if before all others, 0 if mixed."""
    kept, found = np.isin(np.arange(len(labels)), train), []
    for label in range(len(LARGE)):
        own = kept[labels == label]
        before = np.flatnonzero(own)[:, None] < np.flatnonzero(~own)[None]
        found.append(float(before.mean()) - 0.5 if before.size else 0.0)
    return float(np.mean(found))


def repeats(results: Results) -> bool:
    first, again = (list(map(sorted, parts(value))) for value in results.values[:2])
    return first == again


def draws(results: Results) -> bool:
    first, _, other, *_ = (parts(value) for value in results.values)
    return set(first[0]) != set(other[0])


def same_part(kind: str) -> Callable[[Results], bool]:
    """Whether all pairs of a kind lie in one part. Found anew: a property is told nothing but the calls."""

    def holds(results: Results) -> bool:
        for images, labels, found in each(results):
            part = np.full(len(images), -1)  # so that an image without a part is never with its copy by chance
            for number, places in enumerate(found):
                part[places] = number
            if any(part[i] != part[j] for i, j in pairs(images, labels)[kind]):
                return False
        return True

    return holds


def pairs(images: Array, labels: Array) -> dict[str, list[tuple[int, int]]]:
    """Pairs that belong together. chain: those that are in a group of three and more."""
    return _pairs(images.tobytes(), images.shape, labels.tobytes())


@lru_cache(maxsize=64)
def _pairs(data: bytes, shape: tuple[int, ...], classes: bytes) -> dict[str, list[tuple[int, int]]]:
    images, labels = np.frombuffer(data, np.uint8).reshape(shape), np.frombuffer(classes, np.int64)
    family = families(near(images))
    found: dict[str, list[tuple[int, int]]] = {"exact": [], "near": [], "chain": [], "across": []}
    for i, j in zip(*np.nonzero(np.triu(family[:, None] == family[None], 1)), strict=True):
        if labels[i] != labels[j]:
            kind = "across"
        elif np.array_equal(images[i], images[j]):
            kind = "exact"
        else:
            kind = "near" if np.count_nonzero(family == family[i]) == 2 else "chain"
        found[kind].append((int(i), int(j)))
    return found


def near(images: Array) -> Array:
    return _near(images.tobytes(), images.shape)


@lru_cache(maxsize=64)
def _near(data: bytes, shape: tuple[int, ...]) -> Array:
    small = thumbnails(np.frombuffer(data, np.uint8).reshape(shape))
    return np.array([np.abs(small - one).mean(-1) for one in small]) <= LIMIT


def families(alike: Array) -> Array:
    """Number the groups of what is joined by a chain of near ones."""
    family = np.arange(len(alike))
    while True:
        joined = np.where(alike, family, len(family)).min(1)
        if np.array_equal(joined, family):
            return family
        family = joined


# ------------------------------------------------------------------------------------------------------ the reference


def reference(params: Params, slips: Slips) -> Callable[[Any, Any, Any], Any]:
    """Deals whole families out, class by class, each to the part that lacks most."""

    def split(images: Array, labels: Array, seed: int) -> tuple[list[int], ...]:
        rng = np.random.default_rng(None if "no-seed" in slips else 0 if "fixed-seed" in slips else seed)
        groups = grouped(images, labels, slips)
        if "not-shuffled" not in slips:
            groups = [groups[i] for i in rng.permutation(len(groups))]
        if "classes-ignored" in slips:
            found = dealt(groups, slips)
        else:
            found = [[], [], []]
            for label in np.unique(labels):
                for part, more in zip(found, dealt([g for g in groups if labels[g[0]] == label], slips), strict=True):
                    part += more
        return tuple(found)

    return split


def dealt(groups: list[list[int]], slips: Slips) -> list[list[int]]:
    wanted = (0.5, 0.25, 0.25) if "other-shares" in slips else SHARES
    total = sum(map(len, groups))
    found: list[list[int]] = [[], [], []]
    part = 0
    for group in groups:
        while part < 2 and len(found[part]) + len(group) / 2 > wanted[part] * total:
            part += 1
        found[part] += group
    return found


def grouped(images: Array, labels: Array, slips: Slips) -> list[list[int]]:
    n = len(images)
    if "each-alone" in slips:
        return [[i] for i in range(n)]
    if "exact-only" in slips:
        same: dict[bytes, list[int]] = {}
        for i, image in enumerate(images):
            same.setdefault(image.tobytes(), []).append(i)
        return list(same.values())
    alike = near(images)
    if "within-classes" in slips:
        alike = alike & (labels[:, None] == labels[None])
    if "near-the-first" in slips:
        free, groups = set(range(n)), list[list[int]]()
        for i in range(n):
            if i in free:
                groups.append([j for j in np.flatnonzero(alike[i]).tolist() if j in free])
                free -= set(groups[-1])
    else:
        family = families(alike)
        groups = [np.flatnonzero(family == number).tolist() for number in np.unique(family)]
    return [group[:1] for group in groups] if "copies-dropped" in slips else groups


exercise = Exercise(
    id="split",
    title="A split without leaks",
    points=5,
    prompt=(
        "Write `split(images, labels, seed)`. It returns three lists of places, `(training, validation, test)`: each "
        "place is a number from 0 to `len(images) - 1`, and each image is in **exactly one** of the lists.\n\n"
        "- `images` is an array of `uint8`, shape `(n, height, width, 3)`; height and width are multiples of 8. "
        "`labels` holds the class of each image, a whole number.\n"
        "- About 70 % of all images are for training, 15 % for validation and 15 % for the test. Some images must stay "
        "together (see below), so a single split may miss these a little; on average over several splits, each share "
        "is right to within 7 points of 100.\n"
        "- Each class is in each of the three parts. (Each has at least 8 images.)\n"
        "- Which image goes where is drawn at random: the same `seed` gives the same split, another seed another.\n"
        "- **Images that show the same are in the same part**, also when one picture was filed under two classes.\n\n"
        "Two images *show the same* when their thumbnails are near each other. The thumbnail is the image in 8 × 8 "
        "tiles, each replaced by its mean colour: 192 numbers. Near means that two thumbnails differ by **at most 3** "
        "(the mean of the 192 absolute differences). And if A is near B and B is near C, then A, B and C all belong in "
        "one part, even when A and C are not near each other."
    ),
    key=reference,
    checker=Properties(
        (
            Property(
                "parted",
                "returns three lists of places, none of them empty",
                parted,
                "Return `training, validation, test`: lists of whole numbers, to be used as in `images[training]`.",
                0.5,
            ),
            Property(
                "apart",
                "puts no image into two parts",
                apart,
                "A network that is tested on what it was trained on shows its memory, not what it has learned.",
                0.5,
            ),
            Property(
                "complete",
                "gives each image a part",
                complete,
                "Some images are in no part. Let the last part take all that is left.",
                0.5,
            ),
            Property(
                "shares",
                "divides about 70, 15 and 15 of 100",
                shares,
                "Count the images of each part, and divide by the number of all images.",
                0.5,
            ),
            Property(
                "every-class",
                "has each class in each part",
                every_class,
                "Small classes are easily missed when all are drawn together. Divide each class on its own.",
            ),
            Property(
                "mixed",
                "draws at random within each class",
                mixed,
                "The first images of each folder are all in one part. Files often lie in an order that means "
                "something: one session, one camera. Shuffle before you cut.",
                0.5,
            ),
            Property(
                "repeats",
                "gives the same split for the same seed",
                repeats,
                "Nobody can repeat a result whose test images are others each time. Use "
                "`np.random.default_rng(seed)`, and draw from nothing else.",
                0.5,
            ),
            Property(
                "draws",
                "gives another split for another seed",
                draws,
                "Does your function use its `seed`?",
                0.5,
            ),
            Property(
                "exact",
                "keeps images that are equal to the last bit together",
                same_part("exact"),
                "An image was in one part and its copy in another.",
                1.5,
            ),
            Property(
                "near",
                "keeps images that are nearly the same together",
                same_part("near"),
                "Of two images with near thumbnails one was in one part, and one in another.",
                3.0,
            ),
            Property(
                "chain",
                "keeps those together that are joined by an image between them",
                same_part("chain"),
                "A is near B, and B is near C: all of them are one group.",
            ),
            Property(
                "across",
                "keeps images together that are filed under two classes",
                same_part("across"),
                "Look for near images among all, not within each class.",
            ),
        ),
        calls=calls,
        signature="split(images, labels, seed)",
        needs=3,
    ),
    misconceptions=(
        Misconception(
            "each-alone",
            "You draw each image on its own. Then a picture and its copy fall into different parts, and the test shows "
            "how well the network remembers. Make groups of what shows the same first, and draw the groups.",
            "What is drawn at random must be whole groups.",
        ),
        Misconception(
            "exact-only",
            "You find images that are equal bit by bit. A picture that was stored again, or is a little brighter, has "
            "other bytes, and a network sees no difference.",
            "Compare the thumbnails, with a distance.",
        ),
        Misconception(
            "near-the-first",
            "Each group holds what is near its first image. What is near to one of the others is left out, and can "
            "fall into another part. Go on until a group no longer grows.",
            "Draw five points in a row on paper, each near the next: which groups does your code make?",
        ),
        Misconception(
            "within-classes",
            "You compare images within each class only. The same picture can lie in two folders: someone was not sure "
            "what it shows.",
            "Make the groups first, and look at the labels afterwards.",
        ),
        Misconception(
            "classes-ignored",
            "All classes are drawn together. A class of a few images can then be missing from the validation or the "
            "test, and nobody notices that it is never named right.",
            "Go through the classes one by one.",
        ),
        Misconception(
            "not-shuffled",
            "You cut each class without shuffling it. What lies at the end of a folder is often different: newer, from "
            "another camera, or in alphabetical order.",
            "`rng.permutation(...)`.",
        ),
        Misconception(
            "fixed-seed",
            "The seed that your function is given is not used: the split is always the same one.",
            "`np.random.default_rng(seed)`.",
        ),
        Misconception(
            "no-seed",
            "The split is another one each time. After a restart, yesterday's test images are in today's training.",
            "Draw from a generator that is made from `seed`.",
        ),
        Misconception(
            "copies-dropped",
            "You keep one image of each group and drop the others. It is a good way to clean a collection, but here "
            "each image has to be in one part.",
            "Put all images of a group into the part that the group was drawn for.",
        ),
        Misconception(
            "other-shares",
            "The parts are of other sizes than asked for. What goes into validation and test is missing in training.",
            "Where do you cut the shuffled list?",
        ),
    ),
    next="Make a small album of ten images with two copies in it, and see where your function puts them.",
)

"""Which class folders hold enough pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from random import Random
from typing import Any

from autograder.checkers.function import Function, Group
from autograder.exercise import Exercise
from autograder.types import Call, Misconception, Params, Plain, Slips

PICTURES = (".png", ".jpg", ".jpeg")
NAMES = ("ants", "birds", "cacti", "deer", "ferns", "frogs", "geese", "moss", "owls", "pines", "roses", "toads")
OTHERS = ("Thumbs.db", "labels.csv", "notes.txt", "readme.md", "view.gif.part", "index.json")


def reference(params: Params, slips: Slips) -> Callable[[Any, Any], Any]:
    def is_picture(name: str) -> bool:
        if "any-file" in slips:
            return True
        if "suffix-anywhere" in slips:
            return any(suffix in name.lower() for suffix in PICTURES)
        kinds = (".png",) if "one-suffix" in slips else PICTURES
        return (name if "small-letters-only" in slips else name.lower()).endswith(kinds)

    def large_enough(paths: list[str], least: int) -> list[str]:
        place = 2 if "fixed-place" in slips else -2
        counts = Counter(PurePosixPath(path).parts[place] for path in paths if is_picture(path))
        if "all-together" in slips:
            return sorted(counts) if counts.total() >= least else []
        enough = (name for name, count in counts.items() if count > least or (count == least and "more" not in slips))
        return list(enough) if "not-sorted" in slips else sorted(enough)

    return large_enough


def folder(rng: Random, home: str, name: str, count: int, suffixes: tuple[str, ...] = (".png",)) -> list[Plain]:
    return [f"{home}/{name}/{rng.randrange(16**6):06x}-{i}{rng.choice(suffixes)}" for i in range(count)]


def names(rng: Random, count: int) -> list[str]:
    """In the reverse of their order, so that the order in which they are met is never the alphabet's."""
    return sorted(rng.sample(NAMES, count), reverse=True)


def clear(rng: Random) -> Iterator[Call]:
    large, small, other = rng.sample(NAMES, 3)
    paths = folder(rng, "/photos", large, 130) + folder(rng, "/photos", small, 60) + folder(rng, "/photos", other, 30)
    yield Call((paths, 100))


def exactly(rng: Random) -> Iterator[Call]:
    for least in (20, 100):
        one, two = rng.sample(NAMES, 2)
        yield Call((folder(rng, "/photos", one, least) + folder(rng, "/photos", two, least - 1), least))


def kinds(rng: Random) -> Iterator[Call]:
    (name,) = rng.sample(NAMES, 1)
    paths: list[Plain] = [f"/photos/{name}/{i}{suffix}" for i in range(10) for suffix in PICTURES]
    yield Call((paths, 30))


def capitals(rng: Random) -> Iterator[Call]:
    (name,) = rng.sample(NAMES, 1)
    paths: list[Plain] = [f"/photos/{name}/IMG_{i}{suffix.upper()}" for i in range(10) for suffix in PICTURES]
    yield Call((paths, 30))


def other_files(rng: Random) -> Iterator[Call]:
    (name,) = rng.sample(NAMES, 1)
    others: list[Plain] = [f"/photos/{name}/{other}" for other in OTHERS]
    yield Call((folder(rng, "/photos", name, 15) + others, 20))


def misleading(rng: Random) -> Iterator[Call]:
    (name,) = rng.sample(NAMES, 1)
    odd: list[Plain] = [f"/photos/{name}/{i}{ending}" for i in range(6) for ending in (".png.txt", ".jpg~")]
    yield Call((folder(rng, "/photos", name, 15) + odd, 20))


def deeper(rng: Random) -> Iterator[Call]:
    one, two = rng.sample(NAMES, 2)
    yield Call((folder(rng, "/home/ann/photos", one, 25) + folder(rng, "/home/ann/photos", two, 12), 20))


def several(rng: Random) -> Iterator[Call]:
    paths = [path for name in names(rng, 4) for path in folder(rng, "/photos", name, 22)]
    yield Call((paths, 20))


exercise = Exercise(
    id="large-enough",
    title="Classes with enough pictures",
    points=2,
    prompt=(
        "Write `large_enough(paths, least)`. `paths` is a list of texts such as `/photos/owls/a17.png`: the class of a "
        "picture is the name of the folder that it lies in, here `owls`. Return the **names of the classes that have "
        "at least `least` pictures**, as a list in alphabetical order.\n\n"
        "- A picture is a file whose name ends with `.png`, `.jpg` or `.jpeg`. Cameras often write the ending in "
        "capitals, `.JPG`: these are pictures, too.\n"
        "- Other files lie in the folders as well, such as `notes.txt`. They do not count.\n"
        "- The folders can lie anywhere, such as `/home/ann/photos/owls/a17.png`. No file has to be opened."
    ),
    key=reference,
    checker=Function(
        (
            Group("a class that is large and some that are small", clear),
            Group("a class that has exactly as many pictures as are needed", exactly),
            Group("pictures of all three kinds", kinds),
            Group("endings in capitals", capitals),
            Group("folders with other files in them", other_files),
            Group("files whose name only looks like a picture's", misleading),
            Group("folders that lie deeper", deeper),
            Group("several classes that are large", several),
        ),
        signature="large_enough(paths, least)",
    ),
    misconceptions=(
        Misconception(
            "more",
            "A class with exactly as many pictures as are needed is left out. “At least 100” includes 100.",
            "Which comparison is true for two equal numbers?",
        ),
        Misconception(
            "any-file",
            "Every file is counted. Lists, notes and what a file manager leaves behind lie in such folders, too, and "
            "nobody can train on them.",
            "`path.suffix` of a `pathlib.Path`, or `name.endswith(...)`.",
        ),
        Misconception(
            "small-letters-only",
            "Pictures whose ending is in capitals are not counted. Many cameras write `.JPG`.",
            "Make the ending lower case before you compare it.",
        ),
        Misconception(
            "one-suffix",
            "Only `.png` is counted. Photos are mostly stored as JPEG, whose files end with `.jpg` or `.jpeg`.",
            "`name.endswith((..., ...))` takes several endings at once.",
        ),
        Misconception(
            "suffix-anywhere",
            "You look for the ending anywhere in the name. `3.png.txt` holds `.png`, but it is a text.",
            "Look at the end of the name alone.",
        ),
        Misconception(
            "fixed-place",
            "You count the parts of a path from its start. That works in one place only: in another folder the class "
            "stands further to the right.",
            "`Path(path).parent.name`, or count from the end.",
        ),
        Misconception(
            "all-together",
            "The pictures of all classes are counted together. Then one large class hides that the others are small, "
            "and a network hardly meets these.",
            "Count for each class on its own: `collections.Counter`.",
        ),
        Misconception(
            "not-sorted",
            "The right classes, but in the order in which they were met. The number of a class is its place in this "
            "list, so the order must not depend on how a disk lists its files.",
            "`sorted(...)`.",
        ),
    ),
    next="Try it on a list of five paths that you write yourself, with `least=2`.",
)

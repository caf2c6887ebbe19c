"""Flowers: TensorFlow's 3,670 photographs of five kinds. LICENSE.txt beside them names author and licence of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from autograder.data.dataset import Dataset, Kept
from autograder.data.fetch import Source, from_url, members
from autograder.data.folders import for_backbone, groups, hold_back, on_white, thumbnail
from autograder.data.redraw import redraw, to_bytes
from autograder.errors import DataError

CLASSES = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
SIZE = 160
SHARE = 0.2
SMALL = 150  # photographs of each kind that a kernel gets in the small setting
_HIDDEN = 734
_TOP = "flower_photos"


def _build(archive: Path, kernel: Path, setting: str, rng: np.random.Generator) -> Kept:
    images, labels, left = [], [], {}
    photos = _photos(archive)
    for number, kind in enumerate(CLASSES):
        own = sorted(photos[kind].items())
        if not own:
            raise DataError(f"{archive} holds no photographs of {kind}. Delete it and run again.")
        opened = [on_white(data) for _, data in own]
        group = groups(np.stack([thumbnail(photo) for photo in opened]), [name for name, _ in own])
        held = hold_back(group, round(SHARE * len(own)), rng)
        (kernel / kind).mkdir()
        shown = [own[place] for place in np.flatnonzero(~held)][: SMALL if setting == "small" else None]
        for name, data in shown:
            (kernel / kind / name).write_bytes(data)
        images += [np.asarray(opened[place].resize((SIZE, SIZE))) for place in np.flatnonzero(held)]
        labels += [number] * int(held.sum())
        left[kind] = len(shown)
    for name, data in photos[""].items():
        (kernel / name).write_bytes(data)
    again = redraw(np.stack(images), rng, move=(3, 8), stretch=(0.05, 0.12), noise=0.01, beyond="reflect")
    return Kept(for_backbone(to_bytes(again)), np.array(labels), {"classes": list(CLASSES), "pictures": left})


def _photos(archive: Path) -> dict[str, dict[str, bytes]]:
    """By kind and name; under "" what lies beside the folders."""
    found: dict[str, dict[str, bytes]] = defaultdict(dict)
    for kind, name, data in _files(archive):
        found[kind][name] = data
    return found


def _files(archive: Path) -> Iterator[tuple[str, str, bytes]]:
    for path, data in members(archive, lambda name: name.startswith(f"{_TOP}/")).items():
        kind, name = PurePosixPath(path).parent.name, PurePosixPath(path).name
        if kind in CLASSES or kind == _TOP:
            yield ("" if kind == _TOP else kind), name, data


def _stand_in(setting: str) -> Kept:
    labels = np.random.default_rng(0).integers(0, len(CLASSES), _HIDDEN)
    return Kept(labels=labels, facts={"classes": list(CLASSES), "pictures": dict.fromkeys(CLASSES, SMALL)})


FLOWERS = Dataset(
    "TensorFlow's flower photographs",
    2,
    _build,
    _stand_in,
    (
        Source(
            "flower_photos.tgz",
            "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",  # as tensorflow/datasets checks it
            "storage.googleapis.com (TensorFlow's own copy)",
            from_url("https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz"),
        ),
    ),
    "Or use the pack `pictures` instead, in course.toml and in the exercises: it comes from the npm registry.",
)

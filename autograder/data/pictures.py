"""Pictures: folders of emoji, one a class, as somebody would collect them. Small, free, and had from any npm mirror.

    pictures/flags/flag-no.png ...     64 x 64, RGB
    hidden                             96 x 96, float32 in -1..1: as MobileNetV2 wants them

Five classes have at least 100 pictures, `activities` has fewer, and some pictures are near-duplicates of others (one
person in several roles' clothes, hair and skin; flags that differ in a coat of arms, or not at all): a student has to
find both. The art is Google's Noto, Apache License 2.0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.data.dataset import Dataset, Kept
from autograder.data.fetch import Source, from_npm, members
from autograder.data.folders import for_backbone, groups, hold_back, on_white, thumbnail
from autograder.data.redraw import redraw, to_bytes

CLASSES = ("flags", "food", "nature", "people", "travel")
"""Those with at least 100 pictures, in the order of their numbers."""

FEW = "activities"
SHARE, LEFT = 0.3, 102  # held back of each class, and never so much that fewer are left
_HIDDEN = 275  # about; for the stand-in

_FOLDER = {"Activities": FEW, "Animals & Nature": "nature", "Flags": "flags", "Food & Drink": "food",
           "Travel & Places": "travel"}  # fmt: skip
_PEOPLE = ("person-role", "person-sport", "person-activity")
_NOT_TAKEN = ("time", "sky & weather")  # among travel and places: clocks, moons, clouds
_TONES = ("1F3FB", "1F3FC", "1F3FD", "1F3FE", "1F3FF")
_TONE = "1F3FD"
_WOMAN_MAN_PERSON = ("1F469", "1F468", "1F9D1")
_NO_OTHER_PICTURE = {"FE0F", "200D", "2640", "2642", "27A1", *_TONES}  # joiners, gender, direction, skin
_NOTICE = """\
Noto Emoji, Copyright Google. Apache License 2.0: https://www.apache.org/licenses/LICENSE-2.0
From the npm package emoji-datasource-google 16.0.0. Put on a white background for this course.
"""


@dataclass(frozen=True)
class Entry:
    """One picture of the source."""

    folder: str
    name: str
    same: str  # equal for variants of one thing
    file: str


def entries(emoji: list[dict[str, Any]]) -> Iterator[Entry]:
    """Yield what we take of emoji.json. Of people in a role, one skin tone is added."""
    for entry in sorted(emoji, key=lambda entry: str(entry["sort_order"]).zfill(6)):
        people = entry["subcategory"] in _PEOPLE
        folder = "people" if people else _FOLDER.get(entry["category"], "")
        if not folder or entry["subcategory"] in _NOT_TAKEN:
            continue
        forms = {entry["short_name"]: entry}
        if entry["subcategory"] == "person-role" and _TONE in entry.get("skin_variations", {}):
            forms[f"{entry['short_name']}-tone"] = entry["skin_variations"][_TONE]
        for name, form in forms.items():
            if form["has_img_google"]:
                yield Entry(folder, name, same(form["unified"]), form["image"])


def same(code: str) -> str:
    """Name what a code shows, whoever does it, in whichever skin, looking wherever."""
    parts = (part for part in code.split("-") if part not in _NO_OTHER_PICTURE)
    return "-".join("person" if part in _WOMAN_MAN_PERSON else part for part in parts)


def _read(path: Path) -> Mapping[str, bytes]:
    place = "package/img/google/64/"
    found = members(path, lambda name: name == "package/emoji.json" or name.startswith(place))
    return {name.removeprefix(place): data for name, data in found.items()}


def _build(content: Mapping[str, bytes], kernel: Path, setting: str, rng: np.random.Generator) -> Kept:
    taken = list(entries(json.loads(content["package/emoji.json"])))
    drawn = {entry: on_white(content[entry.file]) for entry in taken}
    images, labels, left = [], [], {}
    for folder in sorted({entry.folder for entry in taken}):
        own = [entry for entry in taken if entry.folder == folder]
        held = np.zeros(len(own), bool)
        if folder in CLASSES:
            group = groups(np.stack([thumbnail(drawn[entry]) for entry in own]), [entry.same for entry in own])
            held = hold_back(group, min(round(SHARE * len(own)), len(own) - LEFT), rng)
        (kernel / folder).mkdir()
        for entry, hidden in zip(own, held, strict=True):
            if hidden:
                images.append(np.asarray(drawn[entry]))
                labels.append(CLASSES.index(folder))
            else:
                drawn[entry].save(kernel / folder / f"{entry.name}.png")
        left[folder] = int((~held).sum())
    (kernel / "LICENSE.txt").write_text(_NOTICE)
    again = redraw(
        np.stack(images), rng, turn=(6, 12), move=(2, 6), stretch=(0.05, 0.12), beyond="constant", background=1
    )
    return Kept(for_backbone(to_bytes(again)), np.array(labels), {"classes": list(CLASSES), "pictures": left})


def _stand_in(setting: str) -> Kept:
    left = dict.fromkeys(CLASSES, LEFT) | {FEW: 85}
    labels = np.random.default_rng(0).integers(0, len(CLASSES), _HIDDEN)
    return Kept(labels=labels, facts={"classes": list(CLASSES), "pictures": left})


PICTURES = Dataset(
    "Pictures",
    2,
    _build,
    _stand_in,
    (
        Source(
            "emoji-datasource-google-16.0.0.tgz",
            "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438",
            "the npm registry (emoji-datasource-google 16.0.0)",
            from_npm("emoji-datasource-google@16.0.0"),
            _read,
        ),
    ),
)

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from autograder.data import Pack, cache, pack
from autograder.data.folders import ALIKE, for_backbone, on_white, thumbnail
from autograder.data.pictures import CLASSES, FEW, LEFT, PICTURES, entries, same


def emoji(unified: str, category: str = "Food & Drink", subcategory: str = "drink", **more: Any) -> dict[str, Any]:
    return {
        "unified": unified, "category": category, "subcategory": subcategory, "short_name": unified.lower(),
        "sort_order": 1, "has_img_google": True, "image": f"{unified.lower()}.png",
    } | more  # fmt: skip


ROLE = {"category": "People & Body", "subcategory": "person-role"}


def test_categories_become_folders_and_the_rest_is_left_out() -> None:
    taken = entries([
        emoji("1F37A"), emoji("1F600", "Smileys & Emotion", "face-smiling"), emoji("1F550", "Travel & Places", "time"),
        emoji("1F3C0", "Activities", "sport"), emoji("1F37B", has_img_google=False), emoji("1F9D1", **ROLE),
    ])  # fmt: skip
    assert sorted((entry.folder, entry.name) for entry in taken) == [
        ("activities", "1f3c0"), ("food", "1f37a"), ("people", "1f9d1"),
    ]  # fmt: skip


def test_people_in_a_role_come_in_two_skin_tones_that_are_known_as_the_same() -> None:
    tone = {"unified": "1F468-1F3FD-200D-1F373", "image": "tone.png", "has_img_google": True}
    man = emoji("1F468-200D-1F373", **ROLE, skin_variations={"1F3FD": tone, "1F3FF": tone | {"image": "no.png"}})
    found = list(entries([man, emoji("1F469-200D-1F373", **ROLE)]))
    assert [entry.file for entry in found] == ["1f468-200d-1f373.png", "tone.png", "1f469-200d-1f373.png"]
    assert len({entry.same for entry in found}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("1F46E", "1F46E-200D-2640-FE0F"), ("1F3C3", "1F3C3-200D-2642-FE0F-200D-27A1-FE0F"), ("1F9D1-1F3FB", "1F469")],
    ids=["woman", "facing right", "skin"],
)
def test_who_does_it_makes_no_other_picture(one: str, other: str) -> None:
    assert same(one) == same(other)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The pack itself, where it has been fetched before: fast tests never use the network."""
    if not (cache() / PICTURES.sources[0].file).exists():
        pytest.skip("THE PICTURES HAVE NOT BEEN FETCHED YET: grading `transfer` does; nothing here sees the real ones")
    return pack(tmp_path_factory.mktemp("course"), "pictures", "full")


def shown(made: Pack, folder: str) -> dict[str, Image.Image]:
    found: dict[str, Image.Image] = {}
    for path in sorted((made.kernel / folder).glob("*.png")):
        with Image.open(path) as picture:
            picture.load()
            found[path.stem] = picture
    return found


def test_the_real_folders_have_100_pictures_but_for_one(made: Pack) -> None:
    count = {folder.name: len(list(folder.iterdir())) for folder in made.kernel.iterdir() if folder.is_dir()}
    assert count.keys() == {*CLASSES, FEW}
    assert min(count[name] for name in CLASSES) >= LEFT
    assert 50 < count[FEW] < 100
    assert made.facts == {"classes": list(CLASSES), "pictures": count}


def test_the_real_hidden_pictures_come_as_the_backbone_wants_them_and_of_every_class(made: Pack) -> None:
    images = np.load(made.hidden.images)
    assert (images.dtype, images.shape[1:], len(images)) == (np.float32, (96, 96, 3), len(made.hidden.labels))
    assert -1 <= images.min() < -0.9 and 0.9 < images.max() <= 1
    assert 240 < len(images) < 300
    assert np.bincount(made.hidden.labels, minlength=len(CLASSES)).min() >= 25


def test_pictures_for_the_backbone_are_enlarged_and_go_from_minus_one_to_one() -> None:
    halves = np.zeros((1, 64, 64, 3), np.uint8)
    halves[:, :, 32:] = 255
    made = for_backbone(halves)
    assert (made.shape, str(made.dtype)) == ((1, 96, 96, 3), "float32")
    assert (made[:, :, :40] == -1).all() and (made[:, :, 56:] == 1).all()


def test_the_real_pictures_are_plain_rgb_files(made: Pack) -> None:
    for folder in CLASSES:
        for picture in shown(made, folder).values():
            assert (picture.mode, picture.size) == ("RGB", (64, 64))


def test_near_duplicates_are_left_in_the_real_folders_to_be_found(made: Pack) -> None:
    for folder in ("flags", "people"):
        small = np.stack([thumbnail(picture) for picture in shown(made, folder).values()])
        distance = np.sqrt(((small[:, None] - small) ** 2).mean(axis=2))[np.triu_indices(len(small), 1)]
        assert (distance < ALIKE).sum() >= 10, folder


def test_no_real_hidden_picture_has_a_near_duplicate_in_the_folders(made: Pack) -> None:
    content = PICTURES.sources[0].read(cache() / PICTURES.sources[0].file)
    everything = list(entries(json.loads(content["package/emoji.json"])))
    for folder in CLASSES:
        seen = {name: thumbnail(picture) for name, picture in shown(made, folder).items()}
        own = {entry.name: entry for entry in everything if entry.folder == folder}
        hidden = own.keys() - seen.keys()
        assert hidden
        assert not {own[name].same for name in hidden} & {own[name].same for name in seen}
        originals = np.stack([thumbnail(on_white(content[own[name].file])) for name in sorted(hidden)])
        distance = np.sqrt(((originals[:, None] - np.stack(list(seen.values()))) ** 2).mean(axis=2))
        assert distance.min() >= ALIKE - 1e-3, folder

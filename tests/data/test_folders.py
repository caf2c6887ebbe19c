from __future__ import annotations

import io

import numpy as np
from PIL import Image

from autograder.data.folders import ALIKE, groups, hold_back, on_white, thumbnail


def png(picture: Image.Image) -> bytes:
    held = io.BytesIO()
    picture.save(held, "png")
    return held.getvalue()


def test_what_is_transparent_becomes_white() -> None:
    picture = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    picture.putpixel((1, 1), (255, 0, 0, 255))
    seen = on_white(png(picture))
    assert seen.mode == "RGB"
    assert (seen.getpixel((0, 0)), seen.getpixel((1, 1))) == ((255, 255, 255), (255, 0, 0))


def test_grey_and_palette_pictures_become_rgb() -> None:
    for mode in ("L", "LA", "P", "RGB"):
        assert on_white(png(Image.new(mode, (4, 4)))).mode == "RGB"


def test_copies_and_near_copies_are_one_group_and_others_are_not() -> None:
    rng = np.random.default_rng(0)
    first, other = rng.random((2, 3072)).astype(np.float32)
    near = first + np.float32(0.5 * ALIKE)
    found = groups(np.stack([first, other, near, first]), ["a", "b", "c", "d"])
    assert found[0] == found[2] == found[3] != found[1]


def test_who_is_like_a_member_of_a_group_belongs_to_it() -> None:
    steps = np.linspace(0, 3 * ALIKE, 6, dtype=np.float32)
    assert len(set(groups(np.repeat(steps[:, None], 3072, axis=1), list("abcdef")).tolist())) == 1


def test_variants_of_one_thing_are_one_group_however_they_look() -> None:
    different = np.random.default_rng(0).random((3, 3072)).astype(np.float32)
    found = groups(different, ["cook", "pilot", "cook"])
    assert found[0] == found[2] != found[1]


def test_whole_groups_are_held_back_and_no_more_than_wanted() -> None:
    group = np.array([0, 0, 0, 1, 1, 2, 3, 4, 5, 5])
    for seed in range(20):
        held = hold_back(group, 4, np.random.default_rng(seed))
        assert 3 <= held.sum() <= 4
        assert not set(group[held]) & set(group[~held])


def test_chance_decides_which_are_held_back() -> None:
    held = {tuple(hold_back(np.arange(20), 6, np.random.default_rng(seed))) for seed in range(5)}
    assert len(held) == 5


def test_a_thumbnail_has_numbers_from_0_to_1() -> None:
    small = thumbnail(Image.new("RGB", (64, 48), "white"))
    assert (small.shape, str(small.dtype), float(small.min())) == ((32 * 32 * 3,), "float32", 1.0)

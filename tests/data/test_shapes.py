from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.data import pack, stand_in
from autograder.data.arrays import read_npz
from autograder.data.shapes import NAMES, draw


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("course")


def test_a_kernel_gets_images_and_masks_of_training_and_test(root: Path) -> None:
    made = pack(root, "shapes", "small")
    seen = read_npz(made.kernel / "shapes.npz")
    assert (seen["x_train"].shape, seen["x_test"].shape) == ((1000, 32, 32, 3), (200, 32, 32, 3))
    assert (seen["y_train"].shape, seen["y_test"].shape) == ((1000, 32, 32), (200, 32, 32))
    assert (str(seen["x_train"].dtype), str(seen["y_train"].dtype)) == ("float32", "uint8")
    assert 0 <= seen["x_train"].min() <= seen["x_train"].max() <= 1


def test_hidden_images_have_the_form_of_those_of_the_kernel(root: Path) -> None:
    made = pack(root, "shapes", "small")
    images = np.load(made.hidden.images)
    assert (images.shape, images.dtype) == ((300, 32, 32, 3), np.float32)
    assert (made.hidden.labels.shape, made.hidden.labels.dtype) == ((300, 32, 32), np.uint8)


def test_what_a_kernel_gets_is_public_and_what_is_hidden_hangs_on_the_secret(root: Path, tmp_path: Path) -> None:
    one, other = pack(root, "shapes", "small"), pack(tmp_path, "shapes", "small")
    assert (one.kernel / "shapes.npz").read_bytes() == (other.kernel / "shapes.npz").read_bytes()
    assert one.hidden.digest != other.hidden.digest


def test_every_shape_is_drawn_about_as_often_and_as_large() -> None:
    masks = draw(600, np.random.default_rng(3))[1]
    shown = [float((masks == kind).any(axis=(1, 2)).mean()) for kind in range(1, len(NAMES))]
    area = [float((masks == kind).mean()) for kind in range(1, len(NAMES))]
    assert max(shown) - min(shown) < 0.1
    assert max(area) / min(area) < 1.25


def test_no_colour_stands_for_a_shape() -> None:
    images, masks = draw(600, np.random.default_rng(4))
    means = [images[masks == kind].mean(axis=0) for kind in range(1, len(NAMES))]
    assert np.ptp(means, axis=0).max() < 0.06


def test_a_shape_stands_out_from_what_is_behind() -> None:
    images, masks = draw(200, np.random.default_rng(5))
    for image, mask in zip(images, masks, strict=True):
        kinds = [kind for kind in range(1, 4) if (mask == kind).sum() > 40]
        behind = image[mask == 0].mean(axis=0)
        if len(kinds) == 1 and len(np.unique(mask)) == 2:
            assert np.linalg.norm(image[mask == kinds[0]].mean(axis=0) - behind) > 0.1


def test_the_stand_in_has_masks_as_hard_to_guess_as_real_ones() -> None:
    labels = stand_in("shapes", "full").labels
    assert labels.shape == (300, 32, 32)
    assert set(np.unique(labels)) == set(range(len(NAMES)))

"""Data packs in a confined kernel: found by name, read as nobody, and nothing of what is hidden beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.data import cache, pack
from autograder.data.backbone import BACKBONE
from autograder.types import Limits
from tests.sandbox.jobs import A, B, run, shown, tell, told

pytestmark = pytest.mark.kernel

DATA = "from handin import data"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 900 small files, and hidden images beside it."""
    root = tmp_path_factory.mktemp("pack")
    for folder in ("cats", "dogs", "owls"):
        (root / "kernel" / "pictures" / folder).mkdir(parents=True)
        for number in range(300):
            (root / "kernel" / "pictures" / folder / f"{number}.png").write_bytes(b"a picture")
    (root / "hidden").mkdir(mode=0o700)
    np.save(root / "hidden" / "images.npy", np.zeros(3))
    return root / "kernel" / "pictures"


def test_a_folder_of_many_files_is_read_by_nobody_in_particular(pictures: Path) -> None:
    count = "sum(f.read_bytes() == b'a picture' for f in data('pictures').rglob('*.png'))"
    done = run("import os", DATA, tell(count), tell("os.stat('/data/pictures/cats/1.png').st_uid != os.getuid()"),
               A, B, packs=(pictures,))  # fmt: skip
    assert told(done) == ["900", "True"]


def test_nothing_in_a_folder_can_be_changed(pictures: Path) -> None:
    done = run(DATA, tell("(data('pictures') / 'cats' / '1.png').write_bytes(b'')"),
               tell("(data('pictures') / 'new').mkdir()"), A, B, packs=(pictures,))  # fmt: skip
    assert told(done) == ["OSError", "OSError"]


def test_what_is_hidden_beside_the_folder_is_nowhere_to_be_found(pictures: Path) -> None:
    done = run("import os, pathlib", DATA, tell("list(pathlib.Path('/').rglob('images.npy'))"),
               tell("sorted(os.listdir('/data'))"), tell("os.listdir(data('pictures') / '..' / 'hidden')"),
               A, B, packs=(pictures,))  # fmt: skip
    assert told(done) == ["[]", "['pictures']", "FileNotFoundError"]


def test_a_pack_that_is_not_of_this_assignment_is_not_there(pictures: Path) -> None:
    done = run(DATA, tell("data('flowers')"), A, B, packs=(pictures,))
    assert told(done) == ["HandInError"]


@pytest.mark.tensorflow
def test_keras_finds_the_weights_of_the_backbone_as_if_it_had_downloaded_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    if not any((cache() / source.file).exists() for source in BACKBONE.sources):
        pytest.skip("THE BACKBONE HAS NOT BEEN FETCHED YET: grading `transfer` does; nothing here sees the real one")
    made = pack(tmp_path_factory.mktemp("course"), "backbone", "full")
    done = run(
        "import keras",
        "m = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights='imagenet')",
        "w = m.get_layer('Conv_1').get_weights()[0]",
        tell("list(w.shape)"), tell("float(w.ravel()[0])"),
        A, B, packs=(made.kernel,), limits=Limits(cell_seconds=200, seconds=300, cpu_seconds=300, memory_mb=3000),
    )  # fmt: skip
    assert "Downloading" not in shown(done)
    shape, first = told(done)
    assert shape == "[1, 1, 320, 1280]"
    assert float(first) == pytest.approx(made.facts["Conv_1/kernel"]["sketch"][0], rel=1e-5)

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autograder.data import Dataset, Pack, Source, pack
from autograder.data.flowers import CLASSES, FLOWERS
from autograder.errors import DataError


def photo(seed: int) -> bytes:
    """A noisy photograph of its own size."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 8, 3), np.uint8)
    held = io.BytesIO()
    Image.fromarray(coarse).resize((240 + 10 * (seed % 5), 180)).save(held, "jpeg")
    return held.getvalue()


def archive(*, without: str = "") -> bytes:
    """As TensorFlow's: folders of photographs, and their licences."""
    files = {"LICENSE.txt": b"All of them are free."}
    for number, kind in enumerate(CLASSES):
        files |= {f"{kind}/{n}.jpg": photo(100 * number + n) for n in range(10) if kind != without}
    files["tulips/twin.jpg"] = files.get("tulips/3.jpg", b"")
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"flower_photos/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return held.getvalue()


def dataset(content: bytes) -> dict[str, Dataset]:
    def get(path: Path) -> None:
        path.write_bytes(content)

    source = Source("flowers.tgz", hashlib.sha256(content).hexdigest(), "a shelf", get)
    return {"flowers": replace(FLOWERS, sources=(source,))}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def made(tmp_path: Path) -> Pack:
    return pack(tmp_path, "flowers", "full", datasets=dataset(archive()))


def test_photographs_lie_in_folders_as_they_came_with_their_licences(made: Pack) -> None:
    assert sorted(path.name for path in made.kernel.iterdir()) == sorted([*CLASSES, "LICENSE.txt"])
    for path in (made.kernel / "daisy").iterdir():
        assert path.read_bytes() == photo(int(path.stem))


def test_a_fifth_of_each_kind_is_hidden_at_one_size(made: Pack) -> None:
    images = np.load(made.hidden.images)
    assert (images.shape, images.dtype) == ((10, 96, 96, 3), np.float32)
    assert np.bincount(made.hidden.labels).tolist() == [2] * 5
    left = {path.name: len(list(path.iterdir())) for path in made.kernel.iterdir() if path.is_dir()}
    assert left == made.facts["pictures"] == {**dict.fromkeys(CLASSES, 8), "tulips": 9}


def test_twins_stay_together(tmp_path: Path) -> None:
    for secret in range(6):
        kernel = pack(tmp_path / str(secret), "flowers", "full", datasets=dataset(archive())).kernel
        assert (kernel / "tulips" / "3.jpg").exists() == (kernel / "tulips" / "twin.jpg").exists()


def test_the_small_setting_keeps_at_most_150_of_a_kind_and_hides_the_same(
    made: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.data.flowers.SMALL", 5)
    small = pack(tmp_path, "flowers", "small", datasets=dataset(archive()))
    assert set(small.facts["pictures"].values()) == {5}
    assert small.hidden.digest == made.hidden.digest


def test_an_archive_without_a_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no photographs of roses"):
        pack(tmp_path, "flowers", "full", datasets=dataset(archive(without="roses")))


def test_where_they_cannot_be_fetched_the_error_names_the_pack_to_take_instead(tmp_path: Path) -> None:
    def get(path: Path) -> None:
        raise OSError("no route to host")

    offline = replace(FLOWERS, sources=(replace(FLOWERS.sources[0], get=get),))
    with pytest.raises(DataError, match="use the pack `pictures` instead"):
        pack(tmp_path, "flowers", "full", datasets={"flowers": offline})

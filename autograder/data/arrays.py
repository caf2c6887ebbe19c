"""Training and test arrays in one .npz, named as in Keras' own files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAMES = ("x_train", "y_train", "x_test", "y_test")


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as file:  # a pickle inside would be code
        return {name: file[name] for name in NAMES}


def save_npz(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    held = io.BytesIO()
    np.savez_compressed(held, **arrays)  # type: ignore[arg-type]
    path.write_bytes(held.getvalue())

"""What a data set is: where it comes from, and how a pack is built from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.data.fetch import Source


@dataclass(frozen=True)
class Kept:
    """What stays with the grader: hidden images with what is right about each, and facts that a judge must know."""

    images: NDArray[Any] = field(default_factory=lambda: np.empty(0, np.float32))
    labels: NDArray[Any] = field(default_factory=lambda: np.empty(0, np.int64))
    facts: Mapping[str, Any] = field(default_factory=dict)  # JSON values


Build = Callable[[Any, Path, str, np.random.Generator], Kept]
"""build(content, kernel, setting, rng) writes what a kernel may read into the folder `kernel`, and returns the rest.

content is what the source's `read` returned. Whatever is hidden is drawn from rng, which hangs on the secret; whatever
a kernel may read is not, unless it is what the hidden part leaves."""


@dataclass(frozen=True)
class Dataset:
    """Sources are tried in their order, and all of them hold the same; none for a set that is drawn by code."""

    title: str
    edition: int  # raise it when what is built from the same source changes
    build: Build
    stand_in: Callable[[str], Kept]
    """For a setting: labels and facts of the right form, and no images. Exercises are tried with it, offline."""

    sources: tuple[Source, ...] = ()
    otherwise: str = ""  # what to do where none of the sources can be reached

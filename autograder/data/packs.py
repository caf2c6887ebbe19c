"""Data packs: public data fetched once, and a hidden part drawn again under the course's secret.

    data/<name>-<setting>/kernel/<name>/    what students' kernels may read: bound at /data/<name>
    data/<name>-<setting>/hidden/           images and labels of the hidden part; never in a student's kernel
    data/<name>-<setting>/facts.json        what else a judge must know
    data/<name>-<setting>/pack.json         what it was built from

A public set cannot be kept secret: each hidden image can be matched with its original. Drawing it again only takes care
that a table of the known test images is worth nothing, and that a model has to cope with images it has not seen.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from autograder.data.catalogue import DATASETS
from autograder.data.dataset import Dataset, Kept
from autograder.data.fetch import Say, fetch, sha256
from autograder.digest import digest
from autograder.errors import DataError
from autograder.files import replace_folder, write_atomic
from autograder.types import SETTINGS, HiddenSet


@dataclass(frozen=True)
class Pack:
    """One data set in one setting, ready on this disk."""

    name: str
    setting: str
    kernel: Path  # the folder that a kernel may read
    hidden: HiddenSet  # empty where nothing is judged on the pack itself
    digest: str  # of everything that a run can see: the kernel's folder and the hidden images
    facts: Mapping[str, Any] = field(default_factory=dict)  # what else a judge must know of it
    source: str = ""  # where it is from; "" for one that is drawn by code


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
    key, say = secret(root), say or _quiet
    mark = digest([dataset.edition, [s.sha256 for s in dataset.sources], hashlib.sha256(key).hexdigest()])
    home = root / "data" / f"{name}-{setting}"
    home.parent.mkdir(parents=True, exist_ok=True)
    with _alone(home.parent / f".{home.name}.lock"):
        ready = _open(home, name, setting, mark)
        if ready is None:
            content, where = None, ""
            if dataset.sources:
                content, where = fetch(dataset.title, dataset.sources, otherwise=dataset.otherwise, say=say)
            say(f"Building the {setting} data pack of {dataset.title} ...")

            def build(folder: Path) -> None:
                kernel = folder / "kernel" / name
                kernel.mkdir(parents=True)
                rng = np.random.default_rng(list(hmac.digest(key, f"{name}/hidden".encode(), "sha256")))
                _keep(folder, dataset.build(content, kernel, setting, rng))
                built = {"mark": mark, "source": where, "digests": _digests(folder, name)}
                (folder / "pack.json").write_text(json.dumps(built, indent=1) + "\n")

            # Readable by all: student code is nobody on this machine. What is hidden is closed in _keep.
            replace_folder(home, build, mode=0o755)
            ready = _open(home, name, setting, mark)
    if ready is None:
        raise DataError(f"The data pack in {home} cannot be read back. Look at the disk, delete the folder, run again.")
    return ready


def stand_in(name: str, setting: str) -> HiddenSet:
    """Return a hidden set of random labels and no images, to try an exercise without a download and without training.

    Its extras are the made-up facts of all packs: the exercise may be judged by more than one.
    """
    kept = _stand_ins(setting)
    if name not in kept:
        raise DataError(f"There is no data pack {name!r}. An exercise's pack may be: {', '.join(kept)}.")
    labels, extras = kept[name].labels, {each: other.facts for each, other in kept.items()}
    return HiddenSet(name, setting, Path("/nonexistent/images.npy"), labels, digest(labels), extras)


@cache
def _stand_ins(setting: str) -> Mapping[str, Kept]:
    return {name: dataset.stand_in(setting) for name, dataset in DATASETS.items()}


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


def _keep(folder: Path, kept: Kept) -> None:
    secret_part = folder / "hidden"
    secret_part.mkdir(mode=0o700)
    np.save(secret_part / "images.npy", kept.images)
    np.save(secret_part / "labels.npy", kept.labels)
    (folder / "facts.json").write_text(json.dumps(dict(kept.facts), indent=1) + "\n")


def _digests(folder: Path, name: str) -> dict[str, str]:
    return {
        "kernel": _content(folder / "kernel" / name),
        "images": sha256(folder / "hidden" / "images.npy"),
        "labels": sha256(folder / "hidden" / "labels.npy"),
        "facts": sha256(folder / "facts.json"),
    }


def _content(folder: Path) -> str:
    """Name what a folder holds: by the sha256 of its only file, or by that of the list of their names and sha256."""
    files = {path.relative_to(folder).as_posix(): sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    if len(files) == 1:
        return next(iter(files.values()))
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def _open(home: Path, name: str, setting: str, mark: str) -> Pack | None:
    """Return the pack if it stands there whole and was built from what would be built from now."""
    try:
        built = json.loads((home / "pack.json").read_text())
        found = _digests(home, name)
        if built["mark"] != mark or built["digests"] != found:
            return None
        labels = np.load(home / "hidden" / "labels.npy", allow_pickle=False)
        facts, source = json.loads((home / "facts.json").read_text()), built["source"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # Of the images alone: labels do not travel, so judging again under other labels needs no new run.
    hidden = HiddenSet(name, setting, home / "hidden" / "images.npy", labels, found["images"][:16])
    seen = digest([found["kernel"], found["images"]])
    return Pack(name, setting, home / "kernel" / name, hidden, seen, facts, source)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _quiet(message: str) -> None:
    return None

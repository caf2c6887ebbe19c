"""Keeps warm processes, and says which one a program is forked from."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder.errors import SandboxError
from autograder.sandbox import tiers
from autograder.sandbox.start import Recipe
from autograder.sandbox.warm import Kind, Warm

FORKS = 1000  # of one process, before another takes its place
MOST = 4  # processes, half a gigabyte each where they hold TensorFlow
WITH = ("root", "user")
"""Recipes in which there can be one: a fork needs namespaces to be put into."""

_kept: list[tuple[Recipe, Kind, Warm]] = []  # used last comes last
_cold: set[tuple[Recipe, Kind]] = set()  # of which none can be had
_lock = threading.Lock()
_starter = ThreadPoolExecutor(1, thread_name_prefix="warm")  # what it starts ends with it, so it lives as long as we do


def of(recipe: Recipe, kind: Kind | None, folders: Mapping[str, Path] | None = None) -> Warm | None:
    """Return the process to fork from; None where a sandbox starts cold, which is as good, and slower.

    folders: what the sandbox is to see, as in Order; None for nothing, which every process can be had to show.
    """
    if kind is None or recipe not in WITH or (recipe, kind) in _cold:
        return None
    with _lock:
        for kept in _kept[:]:
            process = kept[2]
            if not process.alive or process.forks >= FORKS:
                _kept.remove(kept)
                process.retire()
        suitable = [k for k in _kept if k[:2] == (recipe, kind) and folders in (None, k[2].folders)]
        if suitable:
            _kept.remove(suitable[-1])
            _kept.append(suitable[-1])
            return suitable[-1][2]
        made = _starter.submit(_started, recipe, kind, folders or {}).result()
        if made is None:
            _cold.add((recipe, kind))
        else:
            _kept.append((recipe, kind, made))
            if len(_kept) > MOST:
                _kept.pop(0)[2].retire()
        return made


def end() -> None:
    """End them all, when nothing runs any more that was forked from them."""
    with _lock:
        while _kept:
            _kept.pop()[2].retire()


def _started(recipe: Recipe, kind: Kind, folders: Mapping[str, Path]) -> Warm | None:
    """A fork attacks itself before a student's code is in one."""
    try:
        made = Warm(recipe, kind, folders)
    except SandboxError as error:
        _log.warning("Sandboxes start cold, which is slower: %s", error)
        return None
    outcome = tiers.attack_ourselves(recipe, made)
    if outcome.confined and outcome.name == tiers.tier().name:
        return made
    made.retire()
    _log.warning("Sandboxes start cold, which is slower: a fork is not confined as it should be (%s)", outcome.detail)
    return None


_log = logging.getLogger(__name__)
atexit.register(end)

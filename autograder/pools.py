"""Pools as they were drawn before: the same exercise, drawn by the same code, has the same pool.

To draw one is to try every misconception on every draw, some seconds for a course. What is kept may be deleted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.basis import code
from autograder.digest import digest
from autograder.exercise import Exercise
from autograder.files import write_atomic
from autograder.pool import make_pool

Pool = list[dict[str, Any]]


class Pools:
    """Of one assignment. definitions: names for all that an exercise is made of (basis.definitions)."""

    def __init__(self, records: Path, assignment: str, definitions: Mapping[str, str]) -> None:
        self._path = records / "pools" / f"{assignment}.json"
        self._definitions = definitions
        self._before = self._read()
        self._now: dict[str, Any] = {}

    def of(self, exercise: Exercise, seed: int) -> Pool:
        """Return the exercise's pool. CourseError when too few draws are left."""
        definition = self._definitions.get(exercise.id, "")
        name = digest([code(), definition, str(seed), str(exercise.pool)])
        kept = self._before.get(exercise.id)
        if definition and isinstance(kept, dict) and kept.get("name") == name and isinstance(kept.get("pool"), list):
            pool: Pool = kept["pool"]
        else:
            pool = make_pool(exercise, seed)
        if definition and _as_read(pool) == pool:  # a tuple would come back as a list, which an exercise may show
            self._now[exercise.id] = {"name": name, "pool": pool}
        return pool

    def keep(self) -> None:
        if self._now != self._before:
            write_atomic(self._path, json.dumps(self._now).encode())

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _as_read(pool: Pool) -> Any:
    try:
        return json.loads(json.dumps(pool))
    except (TypeError, ValueError):
        return None

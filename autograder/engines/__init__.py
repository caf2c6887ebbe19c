"""Engines carry jobs to confined kernels. They know nothing of courses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from autograder.types import TIERS, Job, Run


class Engine(Protocol):
    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """Yield one Run for each Job, as they finish, in any order. Never raises for one job: that is a lost Run."""

    def environment(self, least: str = TIERS[0]) -> str:
        """Return a name of what a run depends on beside its job: confinement tier, the kernel's packages.

        It goes into the key of the cache: another environment means another run. Raises SandboxError where student
        code cannot be confined as well as `least` (types.TIERS).
        """

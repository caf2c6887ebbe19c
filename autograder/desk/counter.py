"""How much one student may ask of the desk. Kept in memory: a new start begins anew."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from handin.words import _, ngettext

HOUR = 3600.0


@dataclass(frozen=True)
class Shares:
    """Of one student. What comes faster waits in no queue of ours: it is refused, and told when to come again."""

    at_once: int = 4  # requests
    submissions: int = 60  # within an hour
    bytes: int = 1 << 30  # handed in within an hour


class TooMuchError(Exception):
    """The text is for the student; seconds: when to come again."""

    def __init__(self, text: str, seconds: float) -> None:
        super().__init__(text)
        self.seconds = max(1, math.ceil(seconds))


class Counters:
    def __init__(self, shares: Shares, clock: Callable[[], float] = time.monotonic) -> None:
        self._shares, self._clock = shares, clock
        self._here: Counter[str] = Counter()
        self._came: dict[str, deque[tuple[float, int]]] = {}

    @property
    def busy(self) -> bool:
        return bool(self._here)

    def enter(self, student: str) -> None:
        if self._here[student] >= self._shares.at_once:
            raise TooMuchError(_("You are asking for many things at the same time. Wait a moment, and try again."), 5)
        self._here[student] += 1

    def leave(self, student: str) -> None:
        self._here[student] -= 1
        if self._here[student] <= 0:
            del self._here[student]

    def hand_in(self, student: str, size: int) -> None:
        """Count a submission when it begins: one that is broken off has cost as much."""
        now = self._clock()
        for other in [name for name, came in self._came.items() if came[-1][0] <= now - HOUR]:
            del self._came[other]
        came = self._came.setdefault(student, deque())
        while came and came[0][0] <= now - HOUR:
            came.popleft()
        if len(came) >= self._shares.submissions or sum(one for _when, one in came) + size > self._shares.bytes:
            wait = (came[0][0] + HOUR if came else now + HOUR) - now
            if not came:
                del self._came[student]
            minutes = math.ceil(wait / 60)
            told = ngettext(
                "You have handed in a lot within an hour. Your work is safe where it is; hand it in again in {n} "
                "minute.",
                "You have handed in a lot within an hour. Your work is safe where it is; hand it in again in {n} "
                "minutes.",
                minutes,
            )
            raise TooMuchError(told.format(n=minutes), wait)
        came.append((now, size))

"""Whose submission is next. Students take turns, and each has one in work at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from autograder.nbgrader_ext.collect import Arrival


@dataclass
class Turns:
    """Holds the newest submission of each student to each assignment; whoever submits often waits no shorter."""

    _waiting: dict[str, dict[str, Arrival]] = field(default_factory=dict)  # in the order of whose turn it is
    _busy: set[str] = field(default_factory=set)

    def put(self, arrival: Arrival) -> Arrival | None:
        """Have it wait. Return the one of the same student and assignment that need not wait any more."""
        own = self._waiting.setdefault(arrival.student, {})
        before = own.get(arrival.assignment)
        own[arrival.assignment] = arrival
        return before

    def take(self, ready: Callable[[Arrival], bool] = lambda arrival: True) -> Arrival | None:
        """Return the next that is ready, and keep its student's others until done(); None when there is none."""
        for student, own in self._waiting.items():
            if student in self._busy:
                continue
            found = next((arrival for arrival in own.values() if ready(arrival)), None)
            if found is not None:
                self._busy.add(student)
                del own[found.assignment]
                if not own:
                    del self._waiting[student]
                return found
        return None

    def done(self, student: str) -> None:
        self._busy.discard(student)
        if (own := self._waiting.pop(student, None)) is not None:
            self._waiting[student] = own  # behind all others, also with what came meanwhile

    def __iter__(self) -> Iterator[Arrival]:
        """Yield what waits, and not what is in work."""
        return (arrival for own in self._waiting.values() for arrival in own.values())

    def waiting(self, student: str, assignment: str) -> Arrival | None:
        return self._waiting.get(student, {}).get(assignment)

    @property
    def busy(self) -> frozenset[str]:
        return frozenset(self._busy)

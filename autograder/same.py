"""A key for caches of what is computed from large objects."""

from __future__ import annotations

from typing import Any


class Same:
    """Objects told from others by what they are, not by what they hold. They are kept: none takes another's place."""

    def __init__(self, *objects: Any) -> None:
        self.objects = objects

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Same)
            and len(self.objects) == len(other.objects)
            and all(mine is its for mine, its in zip(self.objects, other.objects, strict=True))
        )

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.objects)))

"""Claims to have been fetched from a release that nobody made, by a path.

expect: answered
held-by: ingest
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    def lied(value: object) -> object:
        if isinstance(value, dict):
            return {name: "../../course" if name in ("version", "release") else lied(v) for name, v in value.items()}
        return value

    given.solved["metadata"] = lied(given.solved["metadata"])
    given.write(given.solved)

"""Tags cells so that they do not run: all of them, its check cells too.

expect: answered
held-by: doctor, clock
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    for cell in given.solved["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove-cell"]
    given.write(given.solved)

"""Has so many cells that whoever looks for each among all the others is busy for a day.

expect: rejected-file
held-by: ingest, clock
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    extra = [{"cell_type": "markdown", "metadata": {}, "source": f"{n}", "id": f"m{n}"} for n in range(20_000)]
    given.solved["cells"][2:2] = extra
    given.write(given.solved)

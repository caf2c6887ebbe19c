"""Makes Markdown and raw text of the cells that check its answers.

expect: answered
held-by: doctor
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    for number, cell in enumerate(given.solved["cells"]):
        if cell["source"].startswith("check("):
            cell["cell_type"] = "markdown" if number % 2 else "raw"
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    given.write(given.solved)

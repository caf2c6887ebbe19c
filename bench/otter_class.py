"""Runs in Otter's environment: grades notebooks by otter.api.grade_submission, in as many processes as it is told.

One process for each worker lives through the class, which is kinder to Otter than its command, which is started anew
for each submission. Argument: JSON with pairs (notebook, autograder.zip) and workers. Fails unless all get full marks.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor


def graded(pair: tuple[str, str]) -> tuple[float, float]:
    from otter.api import grade_submission

    results = grade_submission(pair[0], pair[1], quiet=True)
    return results.total, results.possible


def main() -> None:
    task = json.loads(sys.argv[1])
    with ProcessPoolExecutor(task["workers"]) as pool:
        for pair, (total, possible) in zip(task["pairs"], pool.map(graded, task["pairs"]), strict=True):
            if not possible or total < possible:
                sys.exit(f"Otter gave {total} of {possible} for {os.path.relpath(pair[0])}")


if __name__ == "__main__":
    main()

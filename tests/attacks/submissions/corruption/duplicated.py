"""Copies check cells, with the same ids, above and below, some of them changed.

expect: answered
held-by: doctor
"""

from __future__ import annotations

import copy

from tests.attacks.field import Given


def submission(given: Given) -> None:
    cells = given.solved["cells"]
    for cell in [c for c in cells if c["source"].startswith("check(")]:
        for place, source in ((1, 'print("score=1")'), (len(cells), cell["source"])):
            twin = copy.deepcopy(cell)
            twin["source"] = source
            cells.insert(place, twin)
    given.write(given.solved)

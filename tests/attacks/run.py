"""Tries attacks in a process of its own, and says what came of each: a line of JSON for each.

For another user than the one who runs the tests: `python -m tests.attacks.run TIER PLACE [ID ...]`. Without ids: all.
TIER may end in ", forked".
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from autograder.sandbox import tiers
from tests.attacks.attack import corpus, submissions
from tests.attacks.field import pitch


def main(tier: str, place: Path, ids: list[str]) -> None:
    tier, _, start = tier.partition(", ")
    tiers.RECIPES[False] = ("landlock",) if tier == "landlock" else ("user",)
    with pitch(place) as field:
        for attack in (a for a in (*corpus(), *submissions()) if not ids or a.id in ids):
            outcome = field.try_(attack, forked=start == "forked")
            said = [attack.id, attack.expect, outcome.got, f"{outcome.seconds:.1f}", outcome.tier]
            print("OUTCOME", json.dumps({"row": said, "breaches": outcome.breaches}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])

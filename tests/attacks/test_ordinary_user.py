"""The same attacks where the grader is an ordinary user: another recipe, and mostly no control group."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.chosen import CHOSEN
from tests.sandbox import anybody

NOBODY = 65534
pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(os.geteuid() != 0, reason="we are an ordinary user already: test_attacks.py tries them all"),
]

OTHERWISE: Mapping[tuple[str, str], str] = {
    ("bwrap-user", "exhaustion/memory_in_no_file"): "answered",  # cannot be had at all where no group counts it
    ("landlock", "exhaustion/memory_in_no_file"): "answered",
    ("landlock", "exhaustion/full_disk"): "answered",  # /tmp is the host's there, and closed
}
"""What comes of an attack where the tier leaves less to attack."""


@pytest.fixture(scope="module", params=["bwrap-user", "landlock"])
def outcomes(request: pytest.FixtureRequest) -> dict[str, Any]:
    """By id, what came of each attack in a tier."""
    with tempfile.TemporaryDirectory(prefix="ag-u-", dir="/var/tmp") as place:
        Path(place).chmod(0o777)
        work = Path(place) / "w"
        work.mkdir()
        os.chown(work, NOBODY, NOBODY)
        said = anybody.run("tests.attacks.run", request.param, str(work), *CHOSEN, place=Path(place), user=NOBODY)
    lines = [line.removeprefix("OUTCOME ") for line in said.splitlines() if line.startswith("OUTCOME ")]
    return {outcome["row"][0]: outcome | {"tier": request.param} for outcome in map(json.loads, lines)}


@pytest.mark.parametrize("name", CHOSEN)
def test_an_attack_on_an_ordinary_users_grader_gets_what_it_should(
    name: str, outcomes: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    outcome = outcomes[name]
    expected = OTHERWISE.get((outcome["tier"], name), outcome["row"][1])
    row = [outcome["row"][0], expected, *outcome["row"][2:]]
    request.node.user_properties.append(("attack", row))
    assert outcome["breaches"] == []
    assert outcome["row"][2] == expected
    assert name.startswith("files/") or row[4].startswith(outcome["tier"])

"""The same attacks where the grader is an ordinary user: another recipe, and mostly no control group."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.attack import corpus, submissions
from tests.attacks.chosen import CHOSEN
from tests.sandbox import anybody

NOBODY = 65534
pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(os.geteuid() != 0, reason="we are an ordinary user already: test_attacks.py tries them all"),
]

LESS = dict.fromkeys(("exhaustion/memory_in_no_file", "exhaustion/memory_in_sockets"), "answered")
"""What cannot be had at all where no group counts it."""
OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "bwrap-user": LESS,
    "bwrap-user, forked": LESS,
    # /tmp, /dev/shm and /home/student are the host's there, and closed.
    "landlock": LESS | dict.fromkeys(
        (
            "exhaustion/empty_files", "exhaustion/full_disk", "exhaustion/full_home",
            "exhaustion/full_shared_memory", "exhaustion/memory_in_files",
        ),
        "answered",
    )
    | {"score/remembers_hidden_inputs": "no-answer"},
}  # fmt: skip
"""What comes of an attack where the tier leaves less to attack."""
SEEN = ("exfiltration/log_of_the_kernel", "exfiltration/name_of_the_host", "host/signals_the_grader")
"""In the tier without namespaces: the host's name, which files and processes there are. docs/security.md says so."""


def tried(tier: str, *ids: str) -> dict[str, Any]:
    """By id, what came of attacks in a tier; without ids, of all."""
    with tempfile.TemporaryDirectory(prefix="ag-u-", dir="/var/tmp") as place:
        Path(place).chmod(0o777)
        work = Path(place) / "w"
        work.mkdir()
        os.chown(work, NOBODY, NOBODY)
        said = anybody.run("tests.attacks.run", tier, str(work), *ids, place=Path(place), user=NOBODY)
    lines = [line.removeprefix("OUTCOME ") for line in said.splitlines() if line.startswith("OUTCOME ")]
    return {outcome["row"][0]: outcome | {"tier": tier} for outcome in map(json.loads, lines)}


TIERS = ("bwrap-user", "bwrap-user, forked", "landlock")


@pytest.fixture(scope="module", params=TIERS)
def outcomes(request: pytest.FixtureRequest) -> dict[str, Any]:
    return tried(request.param, *CHOSEN)


@pytest.fixture(scope="module", params=TIERS)
def all_outcomes(request: pytest.FixtureRequest) -> dict[str, Any]:
    return tried(request.param)


def held(outcome: dict[str, Any], request: pytest.FixtureRequest) -> None:
    name, tier = outcome["row"][0], outcome["tier"]
    expected = OTHERWISE[tier].get(name, outcome["row"][1])
    row = [name, expected, *outcome["row"][2:]]
    request.node.user_properties.append(("attack", row))
    assert outcome["breaches"] == []
    assert outcome["row"][2] == expected
    assert row[4].startswith(tier) or row[4] == "none needed"


@pytest.mark.parametrize("name", CHOSEN)
def test_an_attack_on_an_ordinary_users_grader_gets_what_it_should(
    name: str, outcomes: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    held(outcomes[name], request)


@pytest.mark.slow
@pytest.mark.parametrize("name", [a.id for a in (*corpus(), *submissions()) if a.id not in CHOSEN])
def test_so_does_every_other(name: str, all_outcomes: dict[str, Any], request: pytest.FixtureRequest) -> None:
    outcome = all_outcomes[name]
    if outcome["tier"] == "landlock" and name in SEEN:
        assert outcome["row"][2] == "through"  # else the documents say too much
        return
    held(outcome, request)

"""Hostile model files: each is predicted in a sandbox and judged, as a student's is."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from autograder.sandbox import tiers
from autograder.types import HiddenSet, Limits
from tests.attacks.models.make import honest
from tests.attacks.models.trial import Attack, Outcome, attacks, attempt, hidden_set
from tests.sandbox.jobs import answer, check, run, value

pytestmark = [pytest.mark.kernel, pytest.mark.tensorflow]

GROWTH_MB = 32
CHOSEN = frozenset({
    "config_many_small", "config_wide_build", "config_wide_letters", "function_os_system", "h5_external_link",
    "h5_unknown_type", "lambda_layer", "other_pickle", "predicts_many_rows", "predicts_much", "predicts_nan",
    "predicts_one_class", "zip_bomb", "zip_slip",
})  # fmt: skip
"""What `make test` tries; `make test-attacks` tries all."""
ATTACKS = attacks()
CONTROLLED = [attack for attack in ATTACKS if attack.control]


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> HiddenSet:
    return hidden_set(tmp_path_factory.mktemp("hidden"))


@pytest.fixture(scope="module")
def earned(hidden: HiddenSet) -> Outcome:
    """By an honest file; what is loaded only once is loaded then, and is no growth afterwards."""
    if not os.access("/proc/self/clear_refs", os.W_OK):
        pytest.skip("NOT TESTED, this machine does not tell how much memory a test took at most")
    return attempt(honest(), hidden)


def test_an_honest_file_made_the_same_way_earns_everything(earned: Outcome) -> None:
    assert (earned.word, earned.verdict.score, earned.left) == ("points", 1.0, ()), earned


def _cases() -> Iterator[object]:
    for attack in ATTACKS:
        marks = [] if attack.name in CHOSEN else [pytest.mark.slow]
        yield pytest.param(attack, id=attack.name, marks=marks)


@pytest.mark.parametrize("attack", [*_cases()])
def test_a_hostile_file_earns_nothing_and_costs_no_more_than_its_limits(
    attack: Attack, hidden: HiddenSet, earned: Outcome, request: pytest.FixtureRequest
) -> None:
    outcome = attempt(attack.build(), hidden, attack.seconds)
    row = [f"model/{attack.name}", attack.expect, outcome.word, f"{outcome.seconds:.1f}", tiers.tier().name]
    request.node.user_properties.append(("attack", row))
    assert outcome.word == attack.expect, (attack.tries, outcome)
    assert attack.because in outcome.detail, outcome.detail
    assert not outcome.verdict.score, outcome.verdict
    assert not outcome.verdict.failed, outcome.verdict.note
    assert outcome.left == ()
    assert outcome.grown_mb < GROWTH_MB


PREPARED = (
    "import os, zipfile, keras, h5py, numpy as np\n"
    "def weights_of(path): return zipfile.ZipFile(path).extract('model.weights.h5')"
)
TRIED = "path = {path!r}\nweights = weights_of(path) if zipfile.is_zipfile(path) else None\n"
DONE = "ran = os.environ.pop('CANARY', '')"


@pytest.fixture(scope="module")
def careless() -> dict[str, str]:
    """What the payloads did where the files are opened by somebody who trusts them; in a sandbox all the same."""
    files = {f"{attack.name}.keras": attack.build() for attack in CONTROLLED}
    cells: list[str | tuple[str, str]] = [PREPARED]
    for attack in CONTROLLED:
        # An attempt of its own: what comes after its payload may well fail.
        cells += [TRIED.format(path=f"{attack.name}.keras") + attack.control, DONE, check(attack.name, "ran", "text")]
    limits = Limits(cell_seconds=120, seconds=500, memory_mb=3000)
    done = run(*cells, probes=[value(attack.name) for attack in CONTROLLED], limits=limits, files=files)
    return {attack.name: str(answer(done, attack.name).value) for attack in CONTROLLED}


@pytest.mark.parametrize("name", [attack.name for attack in CONTROLLED])
def test_where_nobody_is_careful_the_payload_runs(name: str, careless: dict[str, str]) -> None:
    assert careless[name] == "ran", "the file is blind: it attacks nothing"


def test_there_are_enough_of_them_and_each_is_another() -> None:
    assert len(ATTACKS) >= 25
    assert len({attack.tries for attack in ATTACKS}) == len(ATTACKS)

"""Each attack is graded by the real pipeline: what it earns, what it reaches, and what it leaves behind."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import replace

import pytest

from autograder.engines.local import LocalEngine
from autograder.pipeline import grade
from autograder.sandbox import forks, tiers
from tests.attacks import attack as files
from tests.attacks import chosen
from tests.attacks.attack import LAYERS, Attack
from tests.attacks.field import HONEST, Field, Outcome

pytestmark = pytest.mark.kernel

ALL = [*files.corpus(), *files.submissions()]
CHOSEN = frozenset(chosen.CHOSEN)


def cases(attacks: list[Attack]) -> list[object]:
    """All of them; those that are not chosen only in `make test-attacks`."""
    return [pytest.param(a, id=a.id, marks=[] if a.id in CHOSEN else [pytest.mark.slow]) for a in attacks]


def note(request: pytest.FixtureRequest, attack: Attack, outcome: Outcome) -> None:
    row = [attack.id, attack.expect, outcome.got, f"{outcome.seconds:.1f}", outcome.tier]
    request.node.user_properties.append(("attack", row))


@pytest.mark.parametrize("forked", [pytest.param(False, id="cold"), pytest.param(True, id="forked")])
@pytest.mark.parametrize("attack", cases(ALL))
def test_an_attack_gets_what_it_should_and_nothing_else(
    attack: Attack, forked: bool, field: Field, request: pytest.FixtureRequest
) -> None:
    if forked and tiers.tier().recipe not in forks.WITH:
        pytest.skip("NOT TESTED, a fork needs namespaces")
    outcome = field.try_(attack, forked=forked)
    note(request, attack, outcome)
    assert outcome.breaches == []
    assert outcome.got == attack.expect


@pytest.mark.parametrize("attack", cases([a for a in ALL if a.harmless]))
def test_where_nothing_confines_a_harmless_attack_gets_through(
    attack: Attack, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control: what finds nothing anywhere would prove nothing."""
    monkeypatch.setattr(tiers, "_found", [tiers.Tier("none", "taken away for a test", confined=False)])
    assert field.try_(attack, practice=True).got == "through"


def test_what_one_student_leaves_the_next_does_not_find(field: Field) -> None:
    (attack,) = [a for a in ALL if a.id == "host/start_up_files_for_the_next"]
    assert [field.try_(attack).got for _ in range(2)] == ["answered", "answered"]


def test_honest_students_among_attackers_have_full_marks(field: Field) -> None:
    nasty = (
        "exhaustion/fork_bomb", "exhaustion/memory", "exhaustion/forged_messages", "exhaustion/kills_itself",
        "exhaustion/full_disk", "host/daemon", "host/signals_everybody", "score/forged_verdict", "files/deep_json",
        "exhaustion/busy_threads",
    )  # fmt: skip
    attackers = {field.name(a): a for a in ALL if a.id in nasty}
    assert len(attackers) == len(nasty)
    honest = [f"honest{n}-{secrets.token_hex(3)}" for n in range(len(nasty))]
    for student, attack in attackers.items():
        field.submit(attack, student)
    for student in honest:
        field.hand_in(student)
    limits = replace(files.QUICK, cell_seconds=8, seconds=60, cpu_seconds=20, memory_mb=384)
    mixed = [student for both in zip(attackers, honest, strict=True) for student in both]
    exam = replace(field.exam, limits=limits)
    graded = {g.report.student: g.report for g in grade(field.course, exam, mixed, LocalEngine(2))}
    assert set(graded) == set(mixed)
    for student in honest:
        assert {e: graded[student].verdicts[e].score for e in HONEST} == dict.fromkeys(HONEST, 1), student
    assert [graded[s].verdicts["target"].score for s in mixed] == [0] * len(mixed)
    assert [r.lost for r in graded.values() if r.lost] == []


def test_the_corpus_is_as_large_as_it_should_be_and_names_its_layers() -> None:
    assert len(ALL) >= 65
    assert {a.kind for a in ALL} >= {"score", "exfiltration", "host", "exhaustion", "corruption", "instructor", "files"}
    assert Counter(a.expect for a in ALL).keys() == set(files.WORDS)
    assert all(a.held_by and a.what for a in ALL)
    assert {layer for a in ALL for layer in a.held_by} <= set(LAYERS)
    assert len({a.name for a in ALL}) == len(ALL)

"""Each layer is taken away in turn: some attack that it holds must then get through, or the corpus is blind to it.

Nothing here can harm the machine: what is let through reads a planted file, opens a file without writing to it, or
takes a bounded amount. The namespace of processes stays wherever an attack multiplies.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import autograder.sandbox.screen as screen
import handin.wire as wire
from autograder import submission
from autograder.analytics import spreadsheet
from autograder.doctor import Repaired
from autograder.feedback import html, page
from autograder.release import Release
from autograder.sandbox import bubblewrap, cgroups, seccomp, start, tiers
from autograder.sandbox.inside.frames import Reader
from autograder.sandbox.meter import Meter
from tests.attacks import attack as files
from tests.attacks.attack import LAYERS
from tests.attacks.field import Field, Outcome

pytestmark = pytest.mark.kernel

ALL = {a.id: a for a in (*files.corpus(), *files.submissions())}
Patch = pytest.MonkeyPatch
DESK = "autograder.sandbox.desk."
Remover = Callable[[Patch, Field], None]

# -- how each is taken away ------------------------------------------------------------------------------------------


def words(change: Callable[[list[str]], list[str]]) -> Remover:
    """Change the command line of bwrap."""

    def remove(patch: Patch, field: Field) -> None:
        whole = bubblewrap.arguments

        def changed(*given: Any) -> bubblewrap.Arguments:
            made = whole(*given)
            made.words = change(made.words)
            return made

        patch.setattr(bubblewrap, "arguments", changed)

    return remove


def less(*gone: str) -> Remover:
    """Leave out words of the command line that stand one after the other."""

    def change(given: list[str]) -> list[str]:
        (at,) = [n for n in range(len(given)) if given[n : n + len(gone)] == list(gone)]
        return given[:at] + given[at + len(gone) :]

    return words(change)


def settings(change: Callable[[dict[str, Any]], Any]) -> Remover:
    """Change what the launcher is told."""

    def remove(patch: Patch, field: Field) -> None:
        whole = start.Starter._settings

        def changed(*given: Any, **more: Any) -> dict[str, Any]:
            told = whole(*given, **more)
            change(told)
            return told

        patch.setattr(start.Starter, "_settings", changed)

    return remove


def mount_namespace(patch: Patch, field: Field) -> None:
    """The course's folder is seen inside, read-only."""
    shown = bubblewrap.Arguments()
    bubblewrap._make(shown, field.root / "x")
    shown.add("--ro-bind", field.root, field.root)

    def change(given: list[str]) -> list[str]:
        at = given.index("--remount-ro")
        return given[:at] + shown.words + given[at:]

    words(change)(patch, field)


def uts_namespace(patch: Patch, field: Field) -> None:
    less("--unshare-uts")(patch, field)
    less("--hostname", "notebook")(patch, field)


def environment(patch: Patch, field: Field) -> None:
    """Two places build it from nothing."""

    def inherits(*given: Any, env: Any = None, **more: Any) -> Any:
        return subprocess.Popen(*given, **more)

    patch.setattr("autograder.sandbox.start.subprocess", SimpleNamespace(**vars(subprocess) | {"Popen": inherits}))
    less("--clearenv")(patch, field)


def more_processes(patch: Patch, field: Field) -> None:
    made = cgroups.make
    patch.setattr(cgroups, "make", lambda memory_mb, processes: made(memory_mb, 600))


def limits(**more: Any) -> Remover:
    """What holds by a number is taken away by a larger number."""

    def remove(patch: Patch, field: Field) -> None:
        real = field.try_
        patch.setattr(field, "try_", lambda a, **k: real(replace(a, limits=replace(a.limits, **more)), **k))

    return remove


def doctor(patch: Patch, field: Field) -> None:
    def trusting(raw: bytes, release: Release, name: str) -> Repaired:
        return Repaired(json.loads(raw), ())

    real = field.try_
    patch.setattr(field, "try_", lambda a, **k: real(a, doctor=trusting, **k))


def escaping(patch: Patch, field: Field) -> None:
    made = html.environment()
    made.autoescape = False
    patch.setattr(page, "_environment", lambda: made)


REMOVERS: dict[str, Remover] = {
    "mount-namespace": mount_namespace,
    "pid-namespace": less("--unshare-pid"),
    "kill": less("--unshare-pid"),
    "keeper": lambda patch, field: patch.setattr(start, "kept", lambda command, uid=None: command),
    "net-namespace": less("--unshare-net"),
    "ipc-namespace": less("--unshare-ipc"),
    "uts-namespace": uts_namespace,
    "cgroup-namespace": less("--unshare-cgroup-try"),
    "proc-sys": less("--ro-bind", "/proc/sys", "/proc/sys"),
    "environment": environment,
    "uid": settings(lambda told: told.update(uid=None, confined=False)),
    "seccomp": lambda patch, field: patch.setattr(seccomp, "descriptor", lambda **given: None),
    "landlock": settings(lambda told: told.update(landlock=False)),
    "rlimits": settings(lambda told: told.update(rlimits={})),
    "cgroup": lambda patch, field: patch.setattr(cgroups, "make", lambda *given: None),
    "cgroup: processes": more_processes,
    "watchdog": lambda patch, field: patch.setattr(Meter, "memory_mb", lambda *given: 0.0),
    "tmpfs": limits(disk_mb=200),
    "budget": limits(flood_mb=500),
    "clock": limits(cell_seconds=60, seconds=120, cpu_seconds=300),
    "display": lambda patch, field: patch.setattr(screen, "unpack", lambda data: json.loads(bytes(data))),
    "frames": lambda patch, field: patch.setattr(DESK + "Reader", lambda cap: Reader(2**63)),
    "desk: shut": lambda patch, field: patch.setattr(DESK + "Desk.shut", lambda self: None),
    "desk: messages": limits(answers=10**9),
    "wire": lambda patch, field: patch.setattr(wire, "_TOO_LONG", 10**200_000),
    "doctor": doctor,
    "ingest": lambda patch, field: patch.setattr(submission, "_read", lambda path: (Path(path).read_bytes(), "")),
    "page": escaping,
    "spreadsheet": lambda patch, field: patch.setattr(spreadsheet, "_FORMULA", ("\0",)),
}

NOT_REMOVED = {
    "judge": "it is what gives points",
    "identity": "it lies in the exchange, not here",
    "cache": "tests/test_pipeline.py",
    "silence": "it lies inside, where student code can take it away itself; what holds is desk and session",
    "snapshot": "a kindness to students",
}


@dataclass(frozen=True)
class Case:
    """layers: taken away together, because each of them holds the attack by itself. attack: what must then succeed."""

    layers: tuple[str, ...]
    attack: str

    @property
    def id(self) -> str:
        return f"{'+'.join(self.layers)} {self.attack}"


CASES = [
    Case(("mount-namespace", "landlock"), "exfiltration/gradebook"),
    Case(("mount-namespace", "landlock"), "exfiltration/course_folder"),
    Case(("pid-namespace",), "exfiltration/processes_of_the_host"),
    Case(("pid-namespace",), "host/signals_the_grader"),
    Case(("kill", "keeper"), "host/daemon"),
    Case(("net-namespace",), "exfiltration/port_of_the_host"),
    Case(("net-namespace", "landlock"), "exfiltration/abstract_socket"),
    Case(("ipc-namespace",), "exfiltration/shared_memory_of_the_host"),
    Case(("uts-namespace",), "exfiltration/name_of_the_host"),
    Case(("cgroup-namespace",), "exfiltration/place_among_control_groups"),
    Case(("uid", "proc-sys", "landlock"), "host/core_pattern"),
    Case(("environment",), "exfiltration/environment"),
    Case(("uid",), "host/becomes_root"),
    Case(("seccomp",), "host/keyring"),
    Case(("seccomp",), "host/nested_namespaces"),
    Case(("seccomp",), "exfiltration/strange_sockets"),
    Case(("landlock",), "host/own_files_in_proc"),
    Case(("rlimits",), "exhaustion/open_files"),
    Case(("rlimits", "cgroup: processes"), "exhaustion/many_processes"),
    Case(("cgroup", "watchdog", "rlimits"), "exhaustion/memory"),
    Case(("tmpfs",), "exhaustion/full_disk"),
    Case(("budget",), "exhaustion/forged_messages"),
    Case(("clock",), "exhaustion/loop_that_swallows_everything"),
    Case(("display", "budget"), "exhaustion/small_objects_in_a_message"),
    Case(("frames",), "exhaustion/frame_without_measure"),
    Case(("desk: shut",), "score/hidden_input_for_another_question"),
    Case(("desk: messages",), "exhaustion/too_many_answers"),
    Case(("wire",), "score/forged_integer_of_a_million_digits"),
    Case(("doctor",), "corruption/deleted"),
    Case(("ingest",), "files/link"),
    Case(("page",), "instructor/script"),
    Case(("spreadsheet",), "instructor/name_that_is_a_formula"),
]


@pytest.fixture(autouse=True)
def _as_root() -> None:
    if tiers.tier().recipe != "root":
        pytest.skip("NOT TESTED, layers are taken away from the recipe of root")


def tried(case: Case, field: Field, patch: Patch) -> Outcome:
    for layer in case.layers:
        REMOVERS[layer](patch, field)
    return field.try_(ALL[case.attack])


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_without_its_layers_an_attack_succeeds(case: Case, field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    attack = ALL[case.attack]
    assert {layer.partition(":")[0] for layer in case.layers} <= set(attack.held_by)
    outcome = tried(case, field, monkeypatch)
    assert outcome.report.lost is None
    assert outcome.got != attack.expect or outcome.breaches


@pytest.mark.parametrize("layers", [c for n in (1, 2) for c in combinations(("uid", "proc-sys", "landlock"), n)])
def test_each_of_three_walls_holds_what_would_be_root_on_the_host(
    layers: tuple[str, ...], field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tried(Case(layers, "host/core_pattern"), field, monkeypatch).breaches == []


@pytest.mark.parametrize("layer", ["kill", "keeper"])
def test_each_of_two_ends_reaches_a_daemon(layer: str, field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tried(Case((layer,), "host/daemon"), field, monkeypatch).breaches == []


@pytest.mark.parametrize("layer", ["mount-namespace", "landlock"])
def test_each_of_two_walls_holds_what_would_read_the_gradebook(
    layer: str, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tried(Case((layer,), "exfiltration/gradebook"), field, monkeypatch).breaches == []


@pytest.mark.parametrize("name", ["memory", "memory_of_children", "memory_in_files", "memory_shared"])
def test_where_no_group_can_be_made_a_watchdog_holds_memory(
    name: str, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = tried(Case(("cgroup",), f"exhaustion/{name}"), field, monkeypatch)
    assert (outcome.got, outcome.breaches) == ("memory-limit", [])


@pytest.mark.parametrize(
    "name",
    [
        "memory_in_no_file",
        "memory_in_sockets",
    ],
)
def test_where_no_group_can_be_made_memory_that_nobody_sees_cannot_be_had(
    name: str, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = tried(Case(("cgroup",), f"exhaustion/{name}"), field, monkeypatch)
    assert outcome.got != "through"
    assert outcome.report.lost is None


def test_every_layer_is_taken_away_or_it_is_said_why_not() -> None:
    removed = {layer.partition(":")[0] for case in CASES for layer in case.layers}
    assert removed | set(NOT_REMOVED) == set(LAYERS)
    assert not removed & set(NOT_REMOVED)


def test_what_an_attack_is_told_to_look_for_is_there(field: Field) -> None:
    assert field.token in Path(field.loot["file"]).read_text("utf-8")

"""Sandboxes that are forks of a warm process: as good as those that start cold, and none of the others' business."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from autograder.engines.runner import run_job
from autograder.errors import SandboxError
from autograder.sandbox import bubblewrap, forks, session, tiers, warm
from autograder.sandbox.box import Box
from autograder.sandbox.start import Descriptors
from autograder.types import Job, Run
from tests.sandbox.jobs import QUICK, A, B, calls, check, notebook, value
from tests.sandbox.test_tensorflow import BUILD, LIMITS, LOAD, asked, data

__all__ = ["data"]


@pytest.fixture(autouse=True)
def _namespaces(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("kernel") and tiers.tier().recipe not in forks.WITH:
        pytest.skip("NOT TESTED, a fork needs namespaces")


# -- which notebooks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sources", "kind"),
    [
        ("from handin import ask, check\ncheck('a', 1)", "light"),
        ("import keras", "heavy"),
        ("import matplotlib.pyplot as plt", "heavy"),
        ("import os\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\nimport tensorflow", "heavy"),
        ("os.environ.setdefault(\"TF_CPP_MIN_LOG_LEVEL\", '2')\nimport keras", "heavy"),
        ("%env TF_CPP_MIN_LOG_LEVEL=2\nimport keras", "heavy"),
        ("os.environ['KERAS_BACKEND'] = 'jax'\nimport keras", None),
        ("os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'; os.environ['OMP_NUM_THREADS'] = '1'", None),
        ("%env KERAS_BACKEND=jax", None),
        ("import os\nos.putenv('X', 'y')", None),
        ("import sys\nsys.modules.pop('keras')", None),
    ],
)
def test_a_notebook_that_chooses_before_it_imports_starts_cold(sources: str, kind: str | None) -> None:
    assert warm.kind(sources) == kind


# -- the same evidence ------------------------------------------------------------------------------------------------


def both(*cells: str | tuple[str, str], **more: Any) -> tuple[Run, Run]:
    """Run a notebook cold and forked."""
    job = Job("a/b/c", notebook(cells), "ann", **{"probes": (value("a"), value("b")), "limits": QUICK, **more})
    assert warm.kind("\n".join(str(c) for c in cells)) is not None
    runs = run_job(job), run_job(replace(job, warm=True))
    assert [run.lost for run in runs] == [None, None]
    return runs


def outputs(run: Run) -> str:
    """What is shown, but for what differs anyway: also, whether a dying kernel still gave its cell a number."""
    return re.sub(r"ipykernel_\d+/\d+|0x[0-9a-f]+|\"execution_count\": (null|\d+)", "", run.notebook.decode())


@pytest.mark.kernel
@pytest.mark.parametrize(
    "cells",
    [
        (A, B),
        ("print('shown')\n1 / 0", A, check("b", "{'x': [1.5, None, 'é']}")),
        (A, "import signal; signal.raise_signal(signal.SIGKILL)", B),
        (A, "import time\nwhile True:\n    time.sleep(0.01)", B),
        (A, "x = bytearray(2_000_000_000)", B),
        (A, check("b", "__import__('numpy').arange(6.).reshape(2, 3)")),
        (A, "!echo from a shell; id -un; pwd; ls -a", B),
        ("import numpy as np, warnings", "warnings.warn('look')", A, check("b", "np.random.default_rng(3).random(4)")),
        ("await __import__('asyncio').sleep(0)", "from multiprocessing import Pool", A,
         check("b", "Pool(2).map(abs, [-1, -2])")),
        (A, "input('name? ')", B),
    ],
    ids=["values", "error", "killed", "endless", "memory", "array", "shell", "numpy", "processes", "input"],
)  # fmt: skip
def test_the_evidence_is_the_same_however_a_sandbox_starts(cells: tuple[Any, ...]) -> None:
    limits = replace(QUICK, cell_seconds=6, seconds=30)  # to fill the memory takes a loaded machine seconds
    cold, warmed = both(*cells, limits=limits)
    assert alike(cold, warmed)
    assert outputs(cold) == outputs(warmed)
    assert (cold.remarks, cold.tier) == (warmed.remarks, warmed.tier)


def alike(one: Run, other: Run) -> bool:
    for exercise, found in one.evidence.items():
        its = other.evidence[exercise]
        np.testing.assert_array_equal(found.value, its.value)
        assert replace(found, value=None) == replace(its, value=None), exercise
    return one.evidence.keys() == other.evidence.keys()


@pytest.mark.kernel
def test_functions_are_called_on_hidden_inputs_in_a_fork() -> None:
    probes = (calls("f", 1, [2, 3], "x"), value("b"))
    cold, warmed = both("def f(x):\n    return [x, x]", check("f", "f", "function"), B, probes=probes)
    assert alike(cold, warmed)
    assert [c.value for c in warmed.evidence["f"].calls] == [[1, 1], [[2, 3], [2, 3]], ["x", "x"]]


@pytest.mark.kernel
@pytest.mark.tensorflow
def test_a_seeded_training_and_its_predictions_are_the_same_to_the_last_bit(data: Path) -> None:
    seeded = "keras.utils.set_random_seed(5)\nx = x.astype('float32')"
    model = replace(asked(data), images_digest="d", max_parameters=100_000)
    cells = (LOAD, seeded, BUILD, check("m", "m", "model"), check("a", "h.history['loss']"))
    packs = (data / "kernel" / "mnist",)
    cold, warmed = both(*cells, probes=(model, value("a")), limits=LIMITS, packs=packs)
    assert alike(cold, warmed)
    assert np.array(warmed.evidence["m"].value).shape == (300, 10)


@pytest.mark.kernel
@pytest.mark.tensorflow
def test_nothing_was_computed_before_the_fork() -> None:
    idle = "from tensorflow.python.eager import context"
    run = forked(idle, check("a", "context.context()._initialized"), limits=LIMITS)
    assert run.evidence["a"].value is False


# -- forks and each other --------------------------------------------------------------------------------------------


def forked(*cells: str | tuple[str, str], **more: Any) -> Run:
    job = Job("a/b/c", notebook(cells), "ann", (value("a"), value("b")), limits=QUICK, warm=True)
    run = run_job(replace(job, **more))
    assert run.lost is None
    return run


@pytest.mark.kernel
def test_no_two_forks_draw_the_same_numbers() -> None:
    draw = "import random, numpy as np\ndrawn = [random.random(), float(np.random.rand())]"
    first, second = (np.array(forked(draw, check("a", "drawn")).evidence["a"].value) for _ in range(2))
    assert (first != second).all()


@pytest.mark.kernel
def test_what_one_fork_leaves_behind_the_next_does_not_find() -> None:
    places = "places = ['/tmp/left', '/dev/shm/left', '/home/student/left', 'left']"
    leave = "import numpy\nnumpy.left = 1\nfor place in places: open(place, 'w').write('x')"
    look = "import os, numpy\nfound = [os.path.exists(p) for p in places] + [hasattr(numpy, 'left')]"
    assert forked(places, leave, A).evidence["a"].value == 1
    assert forked(places, look, check("a", "found")).evidence["a"].value == [False] * 5


@pytest.mark.kernel
def test_a_fork_sees_the_data_of_its_own_assignment_alone(tmp_path: Path) -> None:
    packs = [tmp_path / name for name in ("one", "two")]
    for pack in packs:
        pack.mkdir()
        (pack / "file").write_text(pack.name)
    look = "import pathlib\nfound = sorted(str(p) for p in pathlib.Path('/data').glob('*/*'))"
    seen = [forked(look, check("a", "found"), packs=tuple(p)).evidence["a"].value for p in (packs[:1], packs[1:], [])]
    assert seen == [["/data/one/file"], ["/data/two/file"], []]


@pytest.mark.kernel
def test_a_fork_sees_no_process_but_its_own_and_none_of_ours() -> None:
    look = "import os\nfound = sorted(int(n) for n in os.listdir('/proc') if n.isdigit())"
    tried = "def reads(path):\n    try:\n        return len(open(path).read(1))\n    except OSError:\n        return -1"
    run = forked(look, tried, check("a", "found"), check("b", "[reads('/proc/1/environ'), reads('/proc/1/mem')]"))
    assert run.evidence["a"].value == [1, 2]
    assert run.evidence["b"].value == [-1, -1]


# -- the warm process ------------------------------------------------------------------------------------------------


def light() -> warm.Warm:
    found = forks.of(tiers.tier().recipe, "light")
    assert found is not None
    return found


def itself(warmed: warm.Warm) -> psutil.Process:
    """The process below its keeper and bwrap, and none that was forked from it and is just ending."""
    below = psutil.Process(warmed._process.pid).children(recursive=True)
    ours = [p for p in below if p.cmdline()[:1] == [f"{bubblewrap.KERNEL}/bin/python"]]
    return min(ours, key=lambda p: p.create_time())


@pytest.mark.kernel
@pytest.mark.tensorflow
def test_forks_have_no_memory_in_common_that_they_can_write_to() -> None:
    process = forks.of(tiers.tier().recipe, "heavy")
    assert process is not None
    inner = itself(process)
    maps = Path(f"/proc/{inner.pid}/maps").read_text().splitlines()
    assert any("tensorflow" in line for line in maps)
    assert [line for line in maps if line.split()[1].startswith("rw-s")] == []
    assert inner.num_threads() == 1


@pytest.mark.kernel
def test_a_warm_process_can_do_no_more_than_make_sandboxes() -> None:
    inner = itself(light())
    about = Path(f"/proc/{inner.pid}/status").read_text()
    held = {int(about.partition(f"Cap{name}:")[2].split()[0], 16) for name in ("Prm", "Eff", "Bnd")}
    assert held == {sum(1 << number for number in (6, 7, 8, 12, 21))}
    files = {str(fd.readlink()) for fd in Path(f"/proc/{inner.pid}/fd").iterdir()}
    assert {name.partition(":")[0] for name in files} == {"/dev/null", "socket"}


@pytest.mark.kernel
def test_a_warm_process_that_was_killed_costs_nobody_anything() -> None:
    killed = light()
    for process in psutil.Process(killed._process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # the first one takes the others with it
            process.kill()
    run = forked(A, B)
    assert [run.evidence[e].value for e in "ab"] == [1, 2]
    assert light() is not killed


@pytest.mark.kernel
def test_a_fork_that_something_else_ends_is_run_again_and_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Box] = []
    whole = Box._start

    def start(box: Box) -> None:
        whole(box)
        started.append(box)
        if len(started) == 1:
            os.kill(box._init, signal.SIGKILL)

    monkeypatch.setattr(Box, "_start", start)
    run = forked(A, B)
    assert [run.evidence[e].value for e in "ab"] == [1, 2]
    assert [bool(box.fault) for box in started] == [True, False]


@pytest.mark.kernel
def test_a_retired_process_ends_when_nothing_runs_any_more() -> None:
    process = warm.Warm(tiers.tier().recipe, "light", {})
    process.retire()
    assert not process.alive
    with pytest.raises(SandboxError):
        process.fork({}, {}, Descriptors(1, (), ()))


class Fake:
    """A warm process that does nothing."""

    made: list[Fake]

    def __init__(self, recipe: str, kind: str, folders: Mapping[str, Path]) -> None:
        self.recipe, self.kind, self.folders = recipe, kind, folders
        self.alive, self.forks, self.retired = True, 0, False
        Fake.made.append(self)

    def retire(self) -> None:
        self.retired = True


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> list[Fake]:
    Fake.made = []
    fine = tiers.Tier("bwrap-root", "", confined=True, recipe="root")
    monkeypatch.setattr(forks, "Warm", Fake)
    monkeypatch.setattr(forks, "_kept", [])
    monkeypatch.setattr(forks, "_cold", set())
    monkeypatch.setattr(tiers, "_found", [fine])
    monkeypatch.setattr(tiers, "attack_ourselves", lambda recipe, template: fine)
    return Fake.made


def test_one_process_serves_all_of_its_kind(fakes: list[Fake]) -> None:
    folders = {"/data/x": Path("/x")}
    assert forks.of("root", "heavy", folders) is forks.of("root", "heavy", folders)
    assert len(fakes) == 1


def test_whoever_needs_no_data_takes_any(fakes: list[Fake]) -> None:
    assert forks.of("root", "heavy", {"/data/x": Path("/x")}) is forks.of("root", "heavy")


def test_other_data_are_another_process(fakes: list[Fake]) -> None:
    assert forks.of("root", "heavy", {"/data/x": Path("/x")}) is not forks.of("root", "heavy", {})


def test_a_dead_one_and_a_tired_one_are_replaced(fakes: list[Fake]) -> None:
    forks.of("root", "light")
    fakes[0].alive = False
    forks.of("root", "light")
    fakes[1].forks = forks.FORKS
    forks.of("root", "light")
    assert [fake.retired for fake in fakes] == [True, True, False]


def test_the_one_that_was_used_longest_ago_goes_first(fakes: list[Fake]) -> None:
    places = [{"/data/x": Path(f"/{n}")} for n in range(forks.MOST)]
    for place in places:
        forks.of("root", "heavy", place)
    forks.of("root", "heavy", places[0])
    forks.of("root", "light")
    assert [fake.retired for fake in fakes] == [False, True, False, False, False]


def test_without_namespaces_and_for_choosy_notebooks_there_is_none(fakes: list[Fake]) -> None:
    assert forks.of("landlock", "light") is None
    assert forks.of("root", None) is None
    assert fakes == []


def test_one_that_is_not_confined_as_it_should_be_is_never_used(
    fakes: list[Fake], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    through = tiers.Tier("bwrap-root", "an attack got through: be_root", confined=False, recipe="root")
    monkeypatch.setattr(tiers, "attack_ourselves", lambda recipe, template: through)
    with caplog.at_level(logging.WARNING):
        assert forks.of("root", "light") is None
        assert forks.of("root", "light") is None
    assert [fake.retired for fake in fakes] == [True]
    assert "start cold" in caplog.text


@pytest.mark.parametrize(("warm_", "kind"), [(True, "light"), (False, None)])
def test_a_job_that_is_not_to_be_warm_starts_cold(
    warm_: bool, kind: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds: list[warm.Kind | None] = []

    def look(job: Job, kind: warm.Kind | None, *more: Any) -> None:
        kinds.append(kind)
        raise SandboxError("that is all")

    monkeypatch.setattr(session, "Kernel", look)
    assert run_job(Job("a/b/c", notebook([A]), "ann", (), warm=warm_)).lost == "that is all"
    assert {*kinds} == {kind}

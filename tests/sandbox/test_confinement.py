"""What student code can see and reach: nothing of ours, nothing of the host's. Each probe can succeed outside."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import autograder
from autograder.errors import SandboxError
from autograder.sandbox import bubblewrap, cgroups, seccomp, tiers
from autograder.sandbox.box import Box
from autograder.sandbox.start import Order, check_files
from autograder.types import TIERS, Limits
from tests.sandbox.jobs import QUICK, A, B, answer, run, tell, told

kernel = pytest.mark.kernel


def ours() -> list[psutil.Process]:
    """Processes of sandboxes that this test process started."""
    return list(psutil.Process().children(recursive=True))


@kernel
def test_this_machine_confines_and_says_how() -> None:
    tier = tiers.tier()
    assert tier.confined, tier.detail
    assert tier.name.startswith("bwrap-root" if os.geteuid() == 0 else "bwrap-user")


@kernel
def test_the_attacks_on_ourselves_succeed_where_nothing_confines() -> None:
    """The positive control: a probe that finds nothing anywhere would prove nothing."""
    outcome = tiers.attack_ourselves("none")
    assert not outcome.confined
    for name in ("read_the_host", "reach_a_port_of_the_host", "reach_an_abstract_socket_of_the_host"):
        assert name in outcome.detail


def test_without_confinement_grading_is_refused_and_practice_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "_found", [tiers.Tier("none", "no bwrap", confined=False)])
    with pytest.raises(SandboxError, match="Install bubblewrap"):
        tiers.require()
    assert tiers.require(practice=True).name == "none"


def test_where_there_is_no_linux_nothing_is_run_and_the_words_say_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxError, match="Grade on a Linux machine"):
        tiers.require(practice=True)


@kernel
def test_nothing_of_ours_is_visible() -> None:
    package = Path(autograder.__file__).parent
    paths = [package, package.parent / "pyproject.toml", package.parent / "course", Path(sys.prefix) / "pyvenv.cfg"]
    assert all(path.exists() for path in paths if path.name != "course")
    done = run("from pathlib import Path", *[tell(f"Path({str(path)!r}).exists()") for path in paths])
    assert told(done) == ["False"] * len(paths)


@kernel
def test_the_environment_is_built_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AG_TEST_SECRET", "s3cret")
    done = run("import os", tell("'AG_TEST_SECRET' in os.environ"), tell("os.environ['HOME']"),
               tell("b's3cret' in open('/proc/1/environ', 'rb').read()"))  # fmt: skip
    assert told(done)[:2] == ["False", "/home/student"]
    assert told(done)[2] in ("False", "PermissionError")


@kernel
def test_the_user_is_nobody_and_cannot_become_anybody() -> None:
    done = run(
        "import os", tell("0 in (*os.getresuid(), *os.getresgid(), *os.getgroups())"), tell("os.setuid(0)"),
               tell("open('/proc/sys/kernel/core_pattern', 'r+')"), tell("__import__('resource').getrlimit(4)"),
    )  # fmt: skip
    told_ = told(done)
    assert told_[0] == "False"
    assert set(told_[1:3]) <= {"OSError", "PermissionError"}
    assert told_[3] == "(1, 1)"


@kernel
def test_the_first_process_inside_tells_nothing_of_the_host() -> None:
    package = str(Path(autograder.__file__).parent)
    (found,) = told(run(tell("open('/proc/1/cmdline').read()")))
    assert "launcher.py" in found
    assert package not in found


@kernel
def test_no_network_no_socket_of_the_host_but_a_loopback_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = run(
            "import socket", tell(f"socket.create_connection(('127.0.0.1', {port}), 1)"),
            tell("socket.create_connection(('192.0.2.1', 80), 1)"), tell("socket.getaddrinfo('example.org', 80)"),
            "own = socket.create_server(('127.0.0.1', 0))",
            tell("socket.create_connection(own.getsockname(), 1) and 'own'"),
        )  # fmt: skip
    assert told(done) == ["ConnectionRefusedError", "OSError", "gaierror", "own"]


@kernel
@pytest.mark.skipif(seccomp.program() is None, reason="libseccomp is not installed")
def test_calls_that_reach_into_the_hosts_kernel_are_refused() -> None:
    source = "import ctypes, errno, socket\nlibc = ctypes.CDLL(None, use_errno=True)\ndef no(*a):\n"
    source += "    return libc.syscall(*a) == -1 and errno.errorcode[ctypes.get_errno()]"
    done = run(
        source, tell("no(165, 0, 0, 0, 0, 0)"), tell("no(425, 1, 0)"), tell("no(250, 0, 0)"), tell("no(272, 1 << 28)"),
        tell("no(56, 1 << 28 | 17, 0, 0, 0, 0)"), tell("no(435, 0, 0)"), tell("no(101, 0, 0, 0, 0)"),
        tell("socket.socket(40, 1)"), tell("socket.socket(16, 3, 12)"),
    )  # fmt: skip
    if os.uname().machine == "x86_64":
        assert told(done) == ["EPERM"] * 5 + ["ENOSYS", "EPERM", "OSError", "OSError"]


@kernel
def test_a_fork_bomb_is_contained_and_nothing_is_left() -> None:
    before = {process.pid for process in ours()}
    bomb = "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)"
    done = run(A, bomb, B, limits=Limits(cell_seconds=1.5, seconds=20, processes=60, memory_mb=1024))
    assert answer(done).value == 1
    assert {process.pid for process in ours()} <= before


@kernel
def test_a_daemon_that_leaves_its_session_is_gone_too() -> None:
    mark = f"ag-test-{os.getpid()}-{time.monotonic_ns()}"
    source = (
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', {mark!r}], "
    )
    run(A, source + "start_new_session=True)", B)
    assert not [p for p in psutil.process_iter() if mark in " ".join(_cmdline(p))]


def _cmdline(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


@kernel
def test_disks_are_small_and_programs_read_only() -> None:
    done = run(
        "def fill(name):\n    with open(name, 'wb') as f:\n        for _ in range(200): f.write(b'x' * 2**20)",
        *[
            tell(f"fill({name!r})")
            for name in ("/tmp/x", "/home/student/x", "/dev/shm/x", "/x", "/dev/x", "/opt/kernel/x")
        ],
    )
    assert told(done)[:3] == ["OSError"] * 3
    assert set(told(done)[3:]) <= {"OSError", "PermissionError"}


@kernel
def test_honest_work_works() -> None:
    done = run(
        "import subprocess, sys, asyncio, multiprocessing, h5py, numpy as np",
        "import matplotlib.pyplot as plt; _ = plt.plot([1, 2]); plt.show()",
        tell("subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True).stdout.strip()"),
        "!echo TOLD shell",
        "await asyncio.sleep(0.01); print('TOLD', 'async')",
        "def square(x): return x * x\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    print('TOLD', pool.map(square, [1, 2, 3]))",
        "with h5py.File('a.h5', 'w') as f: f['x'] = np.ones(3)\n" + tell("float(h5py.File('a.h5')['x'][:].sum())"),
    )
    assert told(done) == ["42", "shell", "async", "[1, 4, 9]", "3.0"]
    assert "image/png" in done.notebook.decode()


def test_a_file_that_leaves_its_folder_is_ours_to_mend() -> None:
    for name in ("../x", "/etc/x", "", "a/../../x", "a\x00b"):
        with pytest.raises(SandboxError):
            check_files({name: b""})


def test_a_missing_kernel_environment_is_told_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="make setup"):
        bubblewrap.kernel_env(tmp_path)


@kernel
def test_a_box_that_is_killed_leaves_no_group() -> None:
    box = Box(Order("probe.py", {"files": [], "port": 1, "abstract": "x", "spare": 1, "expect_seccomp": True,
                                 "confined": True}, QUICK), tiers.require().recipe)  # fmt: skip
    group = box._group
    box.close()
    assert not box.alive
    if group is not None:
        assert not any(folder.exists() for folder in group.folders.values())


def test_a_group_is_made_with_its_limits_and_removed() -> None:
    group = cgroups.make(100, 20)
    if group is None:
        pytest.skip("no control group can be made here")
    words = "sleep 60 & echo started; wait"
    shell = subprocess.Popen(["/bin/sh", "-c", words], stdout=subprocess.PIPE, start_new_session=True)
    try:
        for entrance in group.entrances:
            entrance.write_text(str(shell.pid))
        assert shell.pid in group.members()
        assert not group.killed_for_memory()
        assert not group.close(wait=0)
    finally:
        os.killpg(shell.pid, 9)
        shell.communicate()
    assert group.close()


def test_a_group_that_a_killed_grader_left_is_removed() -> None:
    code = "import os, signal; from autograder.sandbox import cgroups; g = cgroups.make(100, 20);"
    code += "print(*(g.folders.values() if g else ()), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    left = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split()
    cgroups._homes.cache_clear()
    group = cgroups.make(100, 20)
    if group is None:
        pytest.skip("no control group can be made here")
    group.close()
    assert left
    assert not any(Path(folder).exists() for folder in left)


@kernel
def test_what_still_runs_in_a_group_that_a_killed_grader_left_is_ended() -> None:
    code = "import os, signal, subprocess; from autograder.sandbox import cgroups; g = cgroups.make(100, 20);"
    code += "p = subprocess.Popen(['sleep', '100'], start_new_session=True);"
    code += "g and [e.write_text(str(p.pid)) for e in g.entrances]; print(p.pid, bool(g), flush=True);"
    code += "os.kill(os.getpid(), signal.SIGKILL)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        pid, grouped = grader.stdout.readline().split()
    left = psutil.Process(int(pid))
    try:
        if grouped != "True":
            pytest.skip("no control group can be made here")
        assert left.is_running()
        cgroups._homes.cache_clear()
        cgroups._homes()
        assert psutil.wait_procs([left], timeout=10)[1] == []
    finally:
        left.kill() if left.is_running() else None


def test_the_filter_is_a_program_of_whole_instructions() -> None:
    program = seccomp.program()
    if program is None:
        pytest.skip("libseccomp is not installed")
    assert len(program) % 8 == 0
    assert len(program) > 500


def test_settings_of_a_launcher_are_json() -> None:
    assert json.loads(json.dumps(bubblewrap.environment("x;$(id)")))["JUPYTERHUB_USER"] == "x;$(id)"


@pytest.mark.parametrize(
    ("name", "meets"),
    [
        ("bwrap-root", ["landlock", "bwrap", "bwrap-root"]),
        ("bwrap-user", ["landlock", "bwrap"]),
        ("bwrap-root-noseccomp", ["landlock"]),
        ("landlock", ["landlock"]),
    ],
)
def test_a_course_can_demand_a_tier(name: str, meets: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = tiers.Tier(name, "layers", confined=True)
    assert [least for least in TIERS if found.is_at_least(least)] == meets
    monkeypatch.setattr(tiers, "_found", [found])
    for least in set(TIERS) - set(meets):
        with pytest.raises(SandboxError, match=f"asks for {least}.*by {name} only"):
            tiers.require(least=least)
        assert tiers.require(practice=True, least=least) is found


def test_nothing_that_does_not_confine_meets_any_demand() -> None:
    assert not any(tiers.Tier("none", "", confined=False).is_at_least(least) for least in TIERS)

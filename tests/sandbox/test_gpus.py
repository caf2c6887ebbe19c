"""GPUs in a sandbox: what of them can be seen, and what becomes of a job that takes too much. No GPU is needed."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from autograder.engines import slots
from autograder.engines.runner import run_job
from autograder.errors import SandboxError
from autograder.sandbox import bubblewrap, cuda, gpus, seccomp, start
from autograder.sandbox.gpus import CONTEXT_MB, Device, Slot, Usage, devices, taken, used_mb
from autograder.sandbox.inside import cuda as inside_cuda
from autograder.sandbox.inside import gpu_limit
from autograder.sandbox.start import Order, Starter
from autograder.types import Job, Resources, Run
from tests.sandbox import anybody
from tests.sandbox.jobs import QUICK, A, B, answer, notebook, run, tell, told, value
from tests.sandbox.ordinary_gpu import ioctl

SMI = """\
GPU-6a1f, NVIDIA A100-SXM4-40GB, 40960, 00000000:07:00.0, 0
GPU-77c0, Tesla T4, 15360, 00000000:0F:00.0, 1
GPU-dead, Tesla T4, [GPU is lost], 00000000:10:00.0, 2
"""


def device(number: int = 0, files: tuple[Path, ...] = ()) -> Device:
    return Device(f"GPU-{number}", "a GPU that is not there", 16000, files)


# -- what there is ----------------------------------------------------------------------------------------------------


def test_devices_are_read_from_what_nvidia_smi_says() -> None:
    assert devices(SMI) == (
        Device("GPU-6a1f", "NVIDIA A100-SXM4-40GB", 40960, (Path("/dev/nvidia0"),)),
        Device("GPU-77c0", "Tesla T4", 15360, (Path("/dev/nvidia1"),)),
    )


@pytest.mark.parametrize("text", ["", "No devices were found\n", "Failed to initialize NVML: Unknown Error"])
def test_where_nvidia_smi_finds_nothing_there_is_none(text: str) -> None:
    assert devices(text) == ()
    assert taken(text) == {}


def test_where_nvidia_smi_is_missing_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert gpus.found() == ()


def test_memory_is_read_by_process_and_device() -> None:
    assert taken("10, GPU-0, 500\n11, GPU-0, 300\n10, GPU-1, 70\n12, GPU-0, [N/A]\n") == {
        (10, "GPU-0"): 500, (11, "GPU-0"): 300, (10, "GPU-1"): 70,
    }  # fmt: skip


def test_a_jobs_memory_is_that_of_all_its_processes_on_the_device_where_it_is_most() -> None:
    both = Slot((device(0), device(1)), 1.0, 5000)
    by = {(10, "GPU-0"): 500, (11, "GPU-0"): 300, (10, "GPU-1"): 70, (99, "GPU-1"): 9000, (10, "GPU-2"): 9000}
    assert used_mb(both, [10, 11], by) == 800
    assert used_mb(both, [], by) == 0


def test_nobody_waits_for_what_is_measured_and_it_is_asked_for_once_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "PERIOD", 0.0)
    asked, go, gone = [], threading.Event(), threading.Event()

    def slow() -> Mapping[tuple[int, str], int]:
        asked.append(1)
        go.wait(10)
        gone.set()
        return {(1, "GPU-0"): 7}

    usage = Usage(slow)
    assert [usage(), usage(), usage()] == [{}, {}, {}]
    assert len(asked) == 1
    go.set()
    deadline = time.monotonic() + 10
    while not (found := usage()) and time.monotonic() < deadline:
        time.sleep(0.001)
    assert found == {(1, "GPU-0"): 7}


# -- what of it can be seen -------------------------------------------------------------------------------------------


@pytest.fixture
def slot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slot:
    """Of GPU 7 of a machine that has several, made of files that every machine has."""
    for name in ("nvidia6", "nvidia7", "nvidiactl"):
        (tmp_path / name).symlink_to("/dev/zero")
    monkeypatch.setattr(gpus, "EVERY_JOB", (str(tmp_path / "nvidiactl"), str(tmp_path / "nvidia-uvm")))
    return Slot((device(7, (tmp_path / "nvidia7",)),), 0.25, 3000)


def test_a_sandbox_is_given_exactly_the_devices_of_its_slot(slot: Slot, tmp_path: Path) -> None:
    view = bubblewrap.View("ann", {}, {}, {}, 16, True, 5, devices=slot.files)
    given = bubblewrap.arguments(Path("bwrap"), bubblewrap.KernelEnv(tmp_path, ()), view)
    words = given.words
    given.close()
    bound = [words[i + 1 : i + 3] for i, word in enumerate(words) if word == "--dev-bind"]
    assert bound == [[str(tmp_path / n), f"/dev/{n}"] for n in ("nvidiactl", "nvidia7")]  # and nothing that is missing
    assert words.index("--dev") < words.index("--dev-bind") < words.index("--remount-ro")


def test_without_a_slot_there_is_no_device_and_nothing_of_it(tmp_path: Path) -> None:
    view = bubblewrap.View("ann", {}, {}, {}, 16, True, 5)
    given = bubblewrap.arguments(Path("bwrap"), bubblewrap.KernelEnv(tmp_path, ()), view)
    assert not [word for word in given.words if "nvidia" in word or word.startswith("/sys")]
    given.close()


def test_a_program_is_told_which_device_and_how_much_of_it(slot: Slot) -> None:
    environment = slot.environment
    assert environment["CUDA_VISIBLE_DEVICES"] == "GPU-7"
    assert environment["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
    assert float(environment["XLA_PYTHON_CLIENT_MEM_FRACTION"]) == pytest.approx(3000 / 16000)
    assert environment["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


def test_a_fork_is_given_no_gpu(slot: Slot) -> None:
    starter = Starter(Order("kernel.py", {}, slot=slot), "root", None, 10, template=SimpleNamespace())
    with pytest.raises(SandboxError, match="never seen one"):
        starter.start(1)


@pytest.mark.skipif(seccomp.program() is None, reason="libseccomp is not installed")
def test_cuda_may_have_memory_that_only_a_control_group_counts_and_nobody_else_may() -> None:
    assert seccomp.program(fenced=False) != seccomp.program(fenced=True)
    assert seccomp.program(fenced=False, gpu=True) != seccomp.program(fenced=False)


LOOK = "import os; from pathlib import Path"
THREAD = tell("Path(f'/proc/self/task/{os.getpid()}/comm').write_text('cuda') and 'named'")
SEEN = tell("sorted(p.name for p in Path('/dev').iterdir() if 'nvidia' in p.name)")


@pytest.fixture
def machine(slot: Slot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with this one device."""
    found = slots.Slots(slot.devices, tmp_path / "slots")
    monkeypatch.setattr(slots, "machine", lambda: found)


def on_gpu(*cells: str | tuple[str, str], **more: Any) -> Run:
    job = Job("a/ann/nb", notebook(cells), "ann", (value("a"), value("b")), limits=QUICK, warm=True)
    done = run_job(replace(job, **{"resources": Resources(gpu=0.25, gpu_memory_mb=3000)} | more))
    assert done.lost is None, done.lost
    return done


@pytest.mark.kernel
def test_a_job_without_a_gpu_sees_none() -> None:
    cells = (LOOK, SEEN, tell("'CUDA_VISIBLE_DEVICES' in os.environ"), THREAD, tell("Path('/sys').exists()"))
    for warm in (False, True):
        done = run_job(Job("a/ann/nb", notebook(cells), "ann", (), limits=QUICK, warm=warm))
        assert told(done) == ["[]", "False", "PermissionError", "False"], done.lost


@pytest.mark.kernel
@pytest.mark.usefixtures("machine")
def test_a_job_with_a_gpu_sees_this_one_and_what_its_driver_reads_and_starts_cold() -> None:
    done = on_gpu(
        LOOK, SEEN, tell("open('/dev/nvidia7', 'rb').read(2)"), tell("os.environ['CUDA_VISIBLE_DEVICES']"), THREAD,
        tell("Path('/sys/class').exists()"), tell("next(Path('/sys/devices/system/cpu').iterdir()) and 'cpus'"),
        tell("Path('/proc/sys/kernel/core_pattern').write_text('x')"),
        tell("open('/sys/devices/system/cpu/online', 'r+')"), tell(ioctl("/dev/nvidia7")), A, B,
    )  # fmt: skip
    devices_, first, visible, comm, others, cpus, *written, asked = told(done)
    assert devices_ == "['nvidia7', 'nvidiactl']"
    assert asked == "OSError"  # the device's own answer: no PermissionError
    assert (first, visible, comm, others, cpus) == ("b'\\x00\\x00'", "GPU-7", "named", "False", "cpus")
    assert all(word in ("PermissionError", "OSError") for word in written)
    assert answer(done, "b").value == 2


@pytest.mark.kernel
@pytest.mark.parametrize("tier", ["bwrap-user", "landlock"])
@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TRIED: only root can become somebody else")
def test_an_ordinary_users_sandbox_opens_its_gpu_and_no_other_in_every_tier(tier: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ag-user-") as place:
        Path(place).chmod(0o777)
        nobody = 1_000_000_000 + os.getpid()
        found = json.loads(anybody.run("tests.sandbox.ordinary_gpu", tier, place=Path(place), user=nobody))
    refused = ("PermissionError", "FileNotFoundError", "OSError")
    assert (found["tier"], found["own"], found["name"], found["cpus"], found["b"]) == (
        tier,
        "b'\\x00'",
        "4",
        "True",
        "ok",
    )
    assert found["asked"] == "OSError"  # the device's own answer: no PermissionError
    assert all(found[other] in refused for other in ("other", "classes", "settings", "keeper")), found


# -- too much of it ---------------------------------------------------------------------------------------------------


NAMED = "from pathlib import Path; Path('/proc/self/comm').write_text({!r}); import time; time.sleep({})"
CAP = 3000 + CONTEXT_MB


@pytest.mark.kernel
@pytest.mark.usefixtures("machine")
def test_a_job_that_takes_more_than_its_share_is_ended_and_told_and_the_others_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def usage() -> dict[tuple[int, str], int]:
        """As if processes with these names had taken memory."""
        much = {"greedy": CAP + 1, "modest": CAP}
        processes = psutil.process_iter(["name"])
        return {(p.pid, "GPU-7"): much[p.info["name"]] for p in processes if p.info["name"] in much}

    monkeypatch.setattr(gpus, "usage", usage)
    with ThreadPoolExecutor(2) as pool:
        other = pool.submit(on_gpu, A, NAMED.format("modest", 3), B)
        greedy = on_gpu(A, NAMED.format("greedy", 30), B)
    assert (answer(greedy, "a").value, answer(greedy, "b").status) == (1, "memory")
    (remark,) = greedy.remarks
    assert remark.student.startswith("Your code used more than 2.93 GB of the GPU's memory in the cell that starts")
    assert remark.staff == "memory: more than 3000 MB on the GPU"
    assert answer(other.result(), "b").value == 2
    assert not other.result().remarks


REFUSED = "raise RuntimeError('CUDA out of memory. Tried to allocate {} GiB. GPU 0 has a total capacity of 15.6 GiB')"


@pytest.mark.kernel
@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(("size", "crowded"), [("1.00", True), ("6.00", False)])
def test_what_was_refused_within_a_jobs_share_may_come_out_otherwise_alone(size: str, crowded: bool) -> None:
    done = on_gpu(REFUSED.format(size), A, B)
    assert done.starved is crowded
    assert f"asked for more memory ({size[0]} GB) in the cell" in done.remarks[0].student
    assert not run(REFUSED.format(size), A, B).starved  # who has no GPU has no neighbours on one


@pytest.mark.kernel
@pytest.mark.usefixtures("machine")
def test_on_a_gpu_a_job_has_its_minutes_and_is_told_when_they_are_over() -> None:
    minutes = Resources(gpu=0.25, gpu_memory_mb=3000, minutes=1 / 20)
    done = on_gpu(A, "import time; time.sleep(60)", B, resources=minutes)
    assert (answer(done, "a").value, answer(done, "b").status) == (1, "timeout")
    assert done.remarks[0].student.startswith("Your code took more than 3 s for all cells in the cell that starts")


@pytest.mark.kernel
def test_a_job_that_fell_back_to_the_cpu_says_so_to_staff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "machine", lambda: slots.Slots([], tmp_path))
    done = on_gpu(LOOK, SEEN, A, B)
    assert told(done) == ["[]"]
    (remark,) = done.remarks
    assert (remark.student, remark.cell) == ("", None)
    assert "ran on the CPU" in remark.staff


def test_a_job_that_must_have_a_gpu_is_lost_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "machine", lambda: slots.Slots([], tmp_path))
    job = Job("a/ann/nb", notebook([A]), "ann", (value("a"),), resources=Resources(gpu=1, fallback="refuse"))
    lost = run_job(job).lost
    assert lost is not None
    assert "Grade on another machine" in lost


# -- CUDA, and the libraries ------------------------------------------------------------------------------------------


class Library:
    """A driver's library that finds so many devices, or fails to start."""

    def __init__(self, count: int = 1, code: int = 0) -> None:
        self.cuInit = self._named("cuInit", lambda flags: code)
        self.cuDeviceGetCount = self._named("cuDeviceGetCount", lambda found: self._put(found, count))
        self.cuGetErrorName = lambda code, name: setattr(name._obj, "value", b"CUDA_ERROR_OPERATING_SYSTEM")

    @staticmethod
    def _put(found: Any, count: int) -> int:
        found._obj.value = count
        return 0

    @staticmethod
    def _named(name: str, function: Any) -> Any:
        function.__name__ = name
        return function


def test_cuda_is_asked_how_many_devices_it_finds() -> None:
    assert inside_cuda.counted(Library(count=3)) == {"count": 3}
    assert inside_cuda.counted(Library(code=304)) == {"error": "cuInit says 304 (CUDA_ERROR_OPERATING_SYSTEM)"}


@pytest.mark.kernel
def test_a_device_that_is_none_is_refused_with_what_cuda_says(slot: Slot) -> None:
    try:
        ctypes.CDLL(inside_cuda.LIBRARY)
        pytest.skip("NOT TESTED, there is a driver here")
    except OSError:
        pass
    assert "libcuda.so.1: cannot open shared object file" in cuda.refusal(slot.devices[0])


def test_a_library_is_limited_once_it_is_there_and_its_failure_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = """
        class cuda:
            device_count = lambda: 2
            set_per_process_memory_fraction = lambda *given: calls.append(given)
        calls = []
    """
    (tmp_path / "torch.py").write_text(dedent(fake))
    (tmp_path / "tensorflow.py").write_text("of = 'another version'")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    for name in ("torch", "tensorflow"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    gpu_limit.install(None)
    gpu_limit.install(0.25)
    import tensorflow
    import torch  # type: ignore[import-not-found]

    assert torch.calls == [(0.25, 0), (0.25, 1)]
    assert tensorflow.of == "another version"
    assert "could not be limited" in capsys.readouterr().err
    for name in ("torch", "tensorflow"):
        monkeypatch.delitem(sys.modules, name, raising=False)


LIMITED = """
import sys; sys.path.insert(0, sys.argv[1])
import gpu_limit
gpu_limit.install(0.25)
import tensorflow as tf
from tensorflow.python.eager import context
for device in tf.config.list_physical_devices("GPU"):
    tf.config.experimental.set_memory_growth(device, True)
assert float(tf.reduce_sum(tf.ones(3))) == 3
options = context.context().config.gpu_options
print(options.per_process_gpu_memory_fraction, options.allow_growth)
"""


@pytest.mark.kernel
@pytest.mark.tensorflow
def test_tensorflow_itself_takes_the_limit() -> None:
    """On a CPU: that it keeps to it on a GPU is for `make bench-gpu` to show."""
    python = bubblewrap.kernel_env().folder / "bin" / "python"
    done = subprocess.run(
        [python, "-B", "-c", LIMITED, start.INSIDE], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.split() == ["0.25", "True"], done.stderr[-2000:]

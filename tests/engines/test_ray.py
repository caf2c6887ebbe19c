"""A real cluster of two nodes on this machine: what is sent, what is refused, and what becomes of what dies.

Most jobs here are functions of ours that need no sandbox; the contract suite runs notebooks on such a cluster.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import psutil
import pytest

from autograder.course import Course, load_course
from autograder.demo.scratch import make_course, release
from autograder.doctor import repair
from autograder.engines import node
from autograder.engines import ray as ray_engine
from autograder.engines.ray import RayEngine
from autograder.errors import AutograderError, SandboxError
from autograder.plan import Plan, Terms, plan
from autograder.release import Releases
from autograder.sandbox import bubblewrap
from autograder.submission import read_submission
from autograder.types import Job, Resources, Run
from tests.contract.test_exercises import secrets
from tests.engines.cluster import add, cluster, processes
from tests.sandbox.jobs import QUICK, A, B, check, notebook, tell, told, value

CPUS = 2  # of each node


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    with cluster(CPUS, CPUS) as made:
        yield made


def job(name: str, marks: Path | None = None) -> Job:
    """A job for a function of ours: what it says in its notebook is where it may leave marks."""
    return Job(name, str(marks or "").encode(), name, ())


def jobs(count: int, marks: Path | None = None) -> list[Job]:
    return [job(f"student{i}", marks) for i in range(count)]


def attempt(job: Job, what: object = "") -> int:
    """Leave a mark, and return how many attempts there were before this one."""
    folder = Path(job.notebook.decode())
    before = len(list(folder.glob(f"{job.id}.*")))
    (folder / f"{job.id}.{before}").write_text(str(what))
    return before


def attempts(folder: Path) -> Counter[str]:
    return Counter(path.name.partition(".")[0] for path in folder.iterdir())


def done(job: Job, practice: bool) -> Run:
    return Run(job.id, tier="ran")


# -- what is lost, and what is not -------------------------------------------------------------------------------------


def dies_once(job: Job, practice: bool) -> Run:
    if attempt(job) == 0 and job.id == "student1":
        os.kill(os.getpid(), signal.SIGKILL)
    return Run(job.id)


@pytest.mark.ray
def test_a_job_whose_worker_is_killed_is_run_again_and_nothing_else(nodes: Any, tmp_path: Path) -> None:
    runs = list(RayEngine(nodes.address, work=dies_once).run(jobs(6, tmp_path)))
    assert sorted(run.job for run in runs) == [f"student{i}" for i in range(6)]
    assert all(run.lost is None for run in runs)
    assert attempts(tmp_path) == {f"student{i}": 2 if i == 1 else 1 for i in range(6)}


def dies(job: Job, practice: bool) -> Run:
    attempt(job)
    if job.id == "student1":
        os.kill(os.getpid(), signal.SIGKILL)
    return Run(job.id)


@pytest.mark.ray
def test_a_job_that_kills_every_worker_is_lost_and_costs_the_others_nothing(nodes: Any, tmp_path: Path) -> None:
    runs = {run.job: run.lost for run in RayEngine(nodes.address, work=dies).run(jobs(4, tmp_path))}
    assert len(runs) == 4 and [name for name, lost in runs.items() if lost] == ["student1"]
    assert "run the same command again" in str(runs["student1"])
    assert attempts(tmp_path) == {f"student{i}": 2 if i == 1 else 1 for i in range(4)}


@pytest.mark.ray
@pytest.mark.kernel
def test_notebooks_of_a_node_that_is_killed_are_run_on_another_and_come_back_once(nodes: Any) -> None:
    third = add(nodes, CPUS)
    cells = (check("a", "1"), "import time; time.sleep(4)", B)
    sent = [Job(f"student{i}", notebook(cells), "ann", (value("a"), value("b")), limits=QUICK) for i in range(8)]
    engine = RayEngine(nodes.address)
    engine.environment()
    timer = threading.Timer(2, lambda: nodes.remove_node(third, allow_graceful=False))
    timer.start()
    runs = list(engine.run(sent))
    timer.join()
    assert third not in nodes.worker_nodes
    assert sorted(run.job for run in runs) == [job.id for job in sent]
    assert [(run.lost, run.evidence["b"].value) for run in runs] == [(None, 2)] * 8


def fails_once(job: Job, practice: bool) -> Run:
    import ray

    before = attempt(job, ray.get_runtime_context().get_node_id())
    return Run(job.id, lost="the disk is full" if before == 0 else None)


@pytest.mark.ray
def test_what_a_node_loses_is_sent_once_more_to_another(nodes: Any, tmp_path: Path) -> None:
    (run,) = RayEngine(nodes.address, work=fails_once).run(jobs(1, tmp_path))
    assert run.lost is None
    assert attempts(tmp_path) == {"student0": 2}
    assert (tmp_path / "student0.0").read_text() != (tmp_path / "student0.1").read_text()


def fails_there(job: Job, practice: bool) -> Run:
    """One node, which the job names, can do nothing."""
    import ray

    time.sleep(0.2)
    there = ray.get_runtime_context().get_node_id() == job.key
    attempt(job, there)
    return Run(job.id, lost="the disk is full" if there else None)


@pytest.mark.ray
def test_a_node_that_can_do_nothing_costs_retries_and_nothing_else(nodes: Any, tmp_path: Path) -> None:
    bad = next(iter(nodes.worker_nodes)).node_id
    runs = list(RayEngine(nodes.address, work=fails_there).run(replace(job, key=bad) for job in jobs(40, tmp_path)))
    assert sorted(run.job for run in runs) == sorted(job.id for job in jobs(40))
    assert not [run.lost for run in runs if run.lost]
    failed = [path for path in tmp_path.iterdir() if path.read_text() == "True"]
    assert 0 < len(failed) <= 4 * CPUS  # what was in the queue already


def test_a_node_is_doubtful_until_it_brings_something_back_or_a_minute_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    doubtful = ray_engine.Doubtful()
    for node_, lost in (("a", True), ("b", True), ("b", False), ("c", False), ("", True)):
        doubtful.note(node_, lost)
    assert doubtful.now() == ["a"]
    monkeypatch.setattr(ray_engine, "REST", -1.0)
    doubtful.note("a", lost=True)
    assert doubtful.now() == []


def runs_somewhere(job: Job, practice: bool) -> Run:
    import ray

    time.sleep(0.5)
    return Run(job.id, tier=ray.get_runtime_context().get_node_id())


@pytest.mark.ray
def test_who_waits_for_a_gpu_goes_where_one_is_and_anywhere_where_there_is_none(nodes: Any) -> None:
    engine = RayEngine(nodes.address, work=runs_somewhere)
    half = [replace(job, resources=Resources(gpu=0.5)) for job in jobs(6)]
    assert {run.lost for run in engine.run(half)} == {None}
    third = add(nodes, CPUS, gpus=1)
    try:
        assert {run.tier for run in engine.run(half)} == {third.node_id}
        two = [replace(job, resources=Resources(gpu=2)) for job in jobs(2)]
        assert {run.lost for run in engine.run(two)} == {None}
    finally:
        nodes.remove_node(third)


def test_a_job_on_a_gpu_has_time_for_its_minutes_and_for_all_that_wait_before_it() -> None:
    long = replace(job("ann"), resources=Resources(gpu=1, minutes=300))
    assert ray_engine.bound(long, ahead=1) > 2 * 300 * 60 > ray_engine.bound(job("ann"), ahead=1)
    assert ray_engine.bound(long, ahead=9) == 5 * ray_engine.bound(long, ahead=1)


def hangs(job: Job, practice: bool) -> Run:
    first = attempt(job) == 0
    if job.id == "student2" or (job.id == "student1" and first):
        time.sleep(600)
    return Run(job.id)


@pytest.mark.ray
def test_a_job_that_does_not_come_back_is_tried_once_more_and_then_lost(
    nodes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_engine, "bound", lambda job, ahead: 12.0)
    runs = {run.job: run.lost for run in RayEngine(nodes.address, work=hangs).run(jobs(4, tmp_path))}
    assert len(runs) == 4 and [name for name, lost in runs.items() if lost] == ["student2"]
    assert "not back within 12 s" in str(runs["student2"])
    assert attempts(tmp_path) == {"student0": 1, "student1": 2, "student2": 2, "student3": 1}


def starves(job: Job, practice: bool) -> Run:
    import ray

    before = attempt(job, ray.get_runtime_context().get_assigned_resources()["CPU"])
    return Run(job.id, starved=before == 0 and job.id == "student1")


@pytest.mark.ray
def test_what_the_clock_ended_on_a_busy_node_is_run_again_with_all_of_its_processors(
    nodes: Any, tmp_path: Path
) -> None:
    runs = list(RayEngine(nodes.address, work=starves).run(jobs(4, tmp_path)))
    assert Counter(run.job for run in runs) == {f"student{i}": 1 for i in range(4)}
    assert not any(run.starved for run in runs) and runs[-1].job == "student1"
    assert (tmp_path / "student1.0").read_text() == "1.0"
    assert (tmp_path / "student1.1").read_text() == f"{CPUS}.0"


def waits(job: Job, practice: bool) -> Run:
    attempt(job)
    time.sleep(600 if job.id != "student0" else 0)
    return Run(job.id)


@pytest.mark.ray
def test_stopping_early_leaves_the_processors_to_others(nodes: Any, tmp_path: Path) -> None:
    runs = RayEngine(nodes.address, work=waits).run(jobs(100, tmp_path))
    assert next(runs).job == "student0"
    assert len(attempts(tmp_path)) <= 2 * CPUS + 1
    runs.close()  # type: ignore[attr-defined]
    assert len(list(RayEngine(nodes.address, work=done).run(jobs(4)))) == 4


# -- what is sent, and where it goes -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The real course, released, with what two students handed in."""
    made = make_course(load_course(Path(__file__).parents[2]), tmp_path_factory.mktemp("course"), "small")
    release(made, "arithmetic")
    for student, work in (("ada", "solutions"), ("ben", "release")):
        shutil.copytree(made.root / work / "arithmetic", made.root / "submitted" / student / "arithmetic")
    return made


def planned(course: Course, student: str) -> Plan:
    assignment = course.assignment("arithmetic")
    submission = read_submission(course.root, assignment.id, student)
    held = Releases(course.records, assignment.id).held(student, submission.notebooks)
    return plan(Terms(course, assignment, repair, "here", {}), submission, held)


class Named(pickle.Unpickler):
    """Notes the modules of all that a pickle is made of."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.modules: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        self.modules.add(module)
        return super().find_class(module, name)


@pytest.mark.nbgrader
def test_what_is_sent_of_the_real_course_holds_no_key_and_nothing_of_the_course(course: Course) -> None:
    made = planned(course, "ben")  # of ada, whose answers are right, the notebook would hold them
    (job,) = (made.job(name) for name in made.notebooks)
    read = Named(pickle.dumps((job, node.Terms(node.our_code(), "here", {}))))
    seen = read.load()
    assert seen[0] == job
    assert read.modules <= {"autograder.types", "autograder.engines.node", "pathlib", "collections", "builtins"}
    text = repr(seen) + job.notebook.decode()
    looked_for = [secret for asked in made.asked.values() for secret in secrets(asked.variant.key)]
    assert looked_for and not [secret for secret in looked_for if secret in text]
    for private in (str(course.root / "course"), str(course.records), "gradebook.db"):
        assert private not in text


def tells(job: Job, practice: bool) -> Run:
    return Run(job.id, tier=json.dumps(dict(os.environ)))


@pytest.mark.ray
def test_a_worker_has_nothing_of_the_drivers_environment(nodes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    ray.shutdown()
    monkeypatch.setenv("GRADEBOOK_URL", "postgresql+psycopg://grader:open-sesame@db/course")
    runs = list(RayEngine(nodes.address, work=tells).run(jobs(4)))
    assert all("PATH" in json.loads(run.tier) for run in runs)
    assert not any("open-sesame" in run.tier for run in runs)


@pytest.mark.ray
@pytest.mark.kernel
def test_student_code_on_a_node_can_reach_nothing_of_ray(nodes: Any) -> None:
    host, port = nodes.address.split(":")
    socket.create_connection((host, int(port)), timeout=5).close()  # it could be reached
    where = nodes.head_node.get_session_dir_path()
    assert Path(where).is_dir()
    cells = (
        tell(f"__import__('socket').create_connection(({host!r}, {port}), timeout=2)"),
        tell(f"__import__('os').listdir({where!r})"),
        tell("[name for name in __import__('os').environ if 'RAY' in name]"),
    )
    (run,) = RayEngine(nodes.address).run([Job("a/ann/nb", notebook((*cells, A)), "ann", (value("a"),), limits=QUICK)])
    connected, listed, named = told(run)
    assert connected.endswith("Error") and listed.endswith("Error") and named == "[]"


# -- who is given jobs -------------------------------------------------------------------------------------------------


@pytest.fixture
def other_kernel(tmp_path: Path) -> Path:
    """Our kernel's environment, with a package more."""
    ours = bubblewrap.kernel_env().folder
    (packages,) = ours.glob("lib/python*/site-packages")
    mine = tmp_path / "kernel" / packages.relative_to(ours)
    mine.mkdir(parents=True)
    for path in packages.iterdir():
        (mine / path.name).symlink_to(path)
    (mine / "another-1.0.dist-info").mkdir()
    (tmp_path / "kernel" / "bin").mkdir()
    (tmp_path / "kernel" / "bin" / "python").symlink_to((ours / "bin" / "python").resolve())
    (tmp_path / "kernel" / "pyvenv.cfg").write_text((ours / "pyvenv.cfg").read_text())
    return tmp_path / "kernel"


@pytest.mark.ray
@pytest.mark.kernel
def test_a_node_whose_environment_differs_is_found_before_anybody_is_graded_and_refuses_jobs_if_it_comes_later(
    nodes: Any, other_kernel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_engine, "TRIES", 1)  # else another node would have run them
    engine = RayEngine(nodes.address, work=runs_somewhere)
    name = engine.environment()
    odd = add(nodes, CPUS, AUTOGRADER_KERNEL_ENV=str(other_kernel))
    try:
        with pytest.raises(SandboxError, match=r"same environment \(127.*; 127.*; 127.*same \.kernel"):
            RayEngine(nodes.address).environment()
        runs = list(engine.run(jobs(24)))
    finally:
        nodes.remove_node(odd)
    refused = [run for run in runs if run.lost]
    assert len(runs) == 24 and 0 < len(refused) < 24
    assert all("another environment" in str(run.lost) for run in refused)
    assert odd.node_id not in {run.tier for run in runs}
    assert RayEngine(nodes.address).environment() == name


@pytest.mark.ray
def test_a_node_that_has_no_kernel_is_named_with_the_remedy(nodes: Any, tmp_path: Path) -> None:
    bare = add(nodes, CPUS, AUTOGRADER_KERNEL_ENV=str(tmp_path / "none"))
    try:
        with pytest.raises(SandboxError, match=r"^127.*There is no Python at .*none.* Run `make setup`"):
            RayEngine(nodes.address).environment()
    finally:
        nodes.remove_node(bare)


# -- the command -------------------------------------------------------------------------------------------------------


def grading(nodes: Any, course: Course, *options: str) -> Popen[str]:
    command = [sys.executable, "-m", "autograder.cli", "grade", "arithmetic", "--ray", nodes.address, *options]
    return Popen(command, cwd=course.root, stdout=PIPE, stderr=PIPE, text=True)


def at_work() -> list[psutil.Process]:
    """Wait for a worker that runs a notebook, and return it and all that it has started."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        for process in processes(os.environ["RAY_TMPDIR"]):
            with suppress(psutil.Error):
                if process.name() == "ray::work" and (below := process.children(recursive=True)):
                    return [process, *below]
        time.sleep(0.1)
    raise AssertionError("no notebook was run")


@pytest.mark.ray
@pytest.mark.kernel
@pytest.mark.nbgrader
def test_one_command_grades_a_class_though_a_worker_is_killed_of_which_nothing_is_left(
    nodes: Any, course: Course
) -> None:
    with grading(nodes, course, "--json") as command:
        killed = at_work()
        killed[0].kill()
        printed, said = command.communicate(timeout=300)
    assert command.returncode == 0, said
    reports = {report["student"]: report for report in json.loads(printed)}
    assert [report["lost"] for report in reports.values()] == [None, None]
    assert {verdict["score"] for verdict in reports["ada"]["verdicts"].values()} == {1.0, None}
    assert not any(verdict["score"] for verdict in reports["ben"]["verdicts"].values())
    assert not psutil.wait_procs(killed, timeout=20)[1]


@pytest.mark.ray
@pytest.mark.kernel
@pytest.mark.nbgrader
def test_a_driver_that_is_killed_leaves_no_job_and_no_sandbox_on_the_nodes(nodes: Any, course: Course) -> None:
    with grading(nodes, course, "--force") as command:
        working = at_work()
        command.kill()
    assert not psutil.wait_procs(working, timeout=60)[1]


def test_without_ray_the_words_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(AutograderError, match=r"make ray.*pip install 'ray=="):
        RayEngine("127.0.0.1:6379").environment()


def test_without_a_cluster_the_words_say_what_is_missing() -> None:
    ray = pytest.importorskip("ray", reason="Ray is not installed (`make ray`): NOT tested")
    ray.shutdown()
    with pytest.raises(AutograderError, match=r"No Ray cluster answers at 127.0.0.1:1 .*docs/scaling.md"):
        RayEngine("127.0.0.1:1").environment()
    with pytest.raises(AutograderError, match=r"No Ray cluster answers at nonsense"):
        RayEngine("nonsense").environment()

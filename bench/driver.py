"""What the driver and its engines can carry: submissions a second, CPU seconds and memory, part by part.

    python -m bench.driver --students 400 --real 24 --rounds 3

Parts, each on submissions of one assignment (its worked solution, handed in by everybody):
  plan    read, repaired against its release, variants derived, questions written down
  judge   evidence judged; run, receipt and report kept. Without a gradebook: bench.gradebook measures that
  carry   jobs through an engine that does nothing with them: what the engine itself costs
  run     jobs in sandboxes
Local and Ray take turns with as many processors. Ray runs on this machine: two nodes, and a head that takes no jobs.
CPU is that of the driver's process alone; on a busy machine it says more than seconds do.
"""

from __future__ import annotations

import argparse
import os
import pickle
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

from autograder.course import Course, find_root, load_course
from autograder.demo.scratch import make_course, release
from autograder.doctor import repair
from autograder.engines import Engine, local
from autograder.engines.ray import RayEngine
from autograder.engines.runner import run_job
from autograder.pipeline import grade
from autograder.plan import Plan, Terms, data_packs, plan
from autograder.release import Releases
from autograder.submission import read_submission
from autograder.types import TIERS, Job, Run
from tests.engines.cluster import cluster, processes

ME = psutil.Process()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="arithmetic")
    parser.add_argument("--students", type=int, default=400)
    parser.add_argument("--real", type=int, default=24, help="of them, how many are run in sandboxes in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processors of each engine")
    options = parser.parse_args()
    packages = ", ".join(f"{p} {version(p)}" for p in ("ray", "nbgrader"))
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}")
    print(f"{options.students} submissions of {options.assignment}, {options.workers} workers; load {os.getloadavg()}")
    print(f"\n{'part':<8} {'engine':<7} {'a second':>9} {'CPU ms each':>12}")
    with tempfile.TemporaryDirectory() as scratch:
        course = _course(Path(scratch), options.assignment, options.students)
        before, clock = ME.memory_info().rss, Clock()
        plans = _plans(course, options.assignment, options.students)
        planned = clock.read(options.students)
        planned.show("plan", "")
        memory = (ME.memory_info().rss - before) / options.students
        _judged(course, options.assignment, plans, planned)
        jobs = [job for _, made in plans for job in made]
        _engines(jobs, options.real, options.rounds, options.workers)
    sent = statistics.mean(len(pickle.dumps(job)) for job in jobs)
    print(f"\nmemory: {memory / 1000:.0f} MB for the plans of 1,000 students; a job is sent in {sent / 1000:.0f} kB")


@dataclass(frozen=True)
class Took:
    seconds: float  # for each
    cpu: float

    def show(self, part: str, engine: str) -> None:
        print(f"{part:<8} {engine:<7} {1 / self.seconds:>9.1f} {self.cpu * 1000:>12.1f}")


class Clock:
    def __init__(self) -> None:
        self._since, self._cpu = time.perf_counter(), time.process_time()

    def read(self, count: int) -> Took:
        return Took((time.perf_counter() - self._since) / count, (time.process_time() - self._cpu) / count)


def _course(scratch: Path, name: str, students: int) -> Course:
    course = make_course(load_course(find_root(Path.cwd())), scratch / "course", "small")
    release(course, name)
    for number in range(students):
        shutil.copytree(course.root / "solutions" / name, course.root / "submitted" / f"student{number:06}" / name)
    return course


def _plans(course: Course, name: str, students: int) -> list[tuple[Plan, list[Job]]]:
    assignment, releases = course.assignment(name), Releases(course.records, name)
    terms = Terms(course, assignment, repair, "here", data_packs(course, assignment))
    plans = []
    for number in range(students):
        submission = read_submission(course.root, name, f"student{number:06}")
        held = releases.held(submission.student, submission.notebooks)
        made = plan(terms, submission, held)
        plans.append((made, [made.job(notebook) for notebook in made.notebooks]))
    return plans


class Instant:
    """Has the right answer to everything, and had it before it was asked."""

    def __init__(self, plans: Sequence[tuple[Plan, list[Job]]]) -> None:
        self._runs = {job.id: _run(made, job) for made, jobs in plans for job in jobs}

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        return (self._runs[job.id] for job in jobs)

    def environment(self, least: str = TIERS[0]) -> str:
        return "here"


def _run(made: Plan, job: Job) -> Run:
    asked = [probe.exercise for probe in job.probes]
    evidence = {e: made.asked[e].exercise.checker.answer(made.asked[e].variant) for e in asked}
    return Run(job.id, evidence, notebook=job.notebook, tier="here")


def _judged(course: Course, name: str, plans: Sequence[tuple[Plan, list[Job]]], planned: Took) -> None:
    """Plans and judges take turns: what is more than planning alone takes is the judge's."""
    engine, students = Instant(plans), [made.student for made, _ in plans]
    clock = Clock()
    graded = list(grade(course, course.assignment(name), students, engine))
    whole = clock.read(len(plans))
    Took(whole.seconds - planned.seconds, whole.cpu - planned.cpu).show("judge", "")
    assert all(g.report.lost is None and g.report.score for g in graded)


def nothing(job: Job, practice: bool, seat: object = None) -> Run:
    """As heavy to bring back as a run of a quiz."""
    return Run(job.id, notebook=job.notebook)


def _engines(jobs: Sequence[Job], real: int, rounds: int, workers: int) -> None:
    half = (workers + 1) // 2
    with cluster(*(count for count in (half, workers - half) if count)) as made:
        for part, work, some in (("carry", nothing, jobs), ("run", run_job, jobs[:real])):
            setattr(local, "run_job", work)  # noqa: B010
            engines: Mapping[str, Engine] = {
                "local": local.LocalEngine(workers),
                "ray": RayEngine(made.address, work=work),
            }
            took: dict[str, list[Took]] = {name: [] for name in engines}
            for engine in engines.values():
                list(engine.run(some[: 2 * workers]))  # warm
            for _ in range(rounds):
                for name, engine in engines.items():
                    clock = Clock()
                    runs = list(engine.run(some))
                    took[name].append(clock.read(len(some)))
                    assert len(runs) == len(some) and not any(run.lost for run in runs), runs[0].lost
            for name, found in took.items():
                Took(statistics.median(t.seconds for t in found), statistics.median(t.cpu for t in found)).show(
                    part, name
                )
            ratio = statistics.median(b.seconds / a.seconds for a, b in zip(took["local"], took["ray"], strict=True))
            print(f"{'':<8} Ray's time over local's: {ratio:.2f} (median of {rounds} rounds)")
            if work is run_job:
                inside = statistics.mean(run.cpu_seconds for run in runs)
                print(f"{'':<8} CPU inside the sandbox: {inside * 1000:.0f} ms each")
        _memory(os.environ["RAY_TMPDIR"])


def _memory(folder: str) -> None:
    """Of what a process has to itself; what it shares with others, such as a library's code, is left out."""
    of_ray = processes(folder)
    workers = [process for process in of_ray if process.name().startswith(("ray::IDLE", "ray::node", "ray::work"))]
    warm = [child for worker in workers for child in worker.children(recursive=True)]
    rest = [process for process in of_ray if process not in [*workers, *warm]]
    mine = [child for child in ME.children(recursive=True) if child not in of_ray]
    print(
        f"\nmemory of Ray: {_mb(rest):.0f} MB for head and nodes, {_mb(workers):.0f} MB for {len(workers)} workers, ",
        end="",
    )
    print(f"{_mb(warm):.0f} MB that they keep warm")
    print(f"memory of local: {_mb([ME]):.0f} MB the driver, {_mb(mine):.0f} MB that it keeps warm")


def _mb(processes: Sequence[psutil.Process]) -> float:
    return float(sum(process.memory_full_info().uss for process in processes)) / 1e6


if __name__ == "__main__":
    main()

"""Where the time of one submission goes, step by step: one at a time, from the files to the page.

    python -m bench.steps quiz --students 10
    python -m bench.steps training --model --cold
    python -m bench.steps quiz --profile           the grader's own functions, by CPU time

Four clocks: the wall's; the grader's CPU time, all threads; that of the process which is forked from; that of the
sandboxes, which their control groups keep. What is done once for a class is shown apart.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from autograder import ipynb, pipeline
from autograder.course import Course, load_course
from autograder.demo.scratch import make_course, release
from autograder.engines import inline
from autograder.engines.inline import InlineEngine
from autograder.feedback.page import render
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.plan import Plan
from autograder.sandbox import forks, predictor, session, tiers
from autograder.sandbox.box import Box
from autograder.store import Store
from bench import training
from bench.compare import figure, machine, median, say, show
from bench.throughput import REPOSITORY, calibrated, student, submit, work_asked


@dataclass(frozen=True)
class Moment:
    """Seconds of each clock; a difference of two is a cost."""

    wall: float
    grader: float
    forked_from: float
    sandboxes: float

    def __sub__(self, other: Moment) -> Moment:
        return Moment(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __add__(self, other: Moment) -> Moment:
        return Moment(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def cpu(self) -> float:
        return self.grader + self.forked_from + self.sandboxes


NOTHING = Moment(0, 0, 0, 0)


class Clocks:
    """Reads the clocks, and keeps what each step cost: in its own time, without that of the steps within it."""

    def __init__(self) -> None:
        self.steps: dict[str, list[Moment]] = defaultdict(list)
        self._inner: list[Moment] = []
        self._live: list[Box] = []
        self._ended = 0.0  # CPU time of sandboxes that are gone
        self._warm: dict[int, psutil.Process] = {}

    def now(self) -> Moment:
        live = sum(box._meter.cpu_seconds() if box.alive else box.cpu_seconds for box in self._live)
        return Moment(time.perf_counter(), time.process_time(), self._forked_from(), self._ended + live)

    def started(self, box: Box) -> None:
        for old in [b for b in self._live if not b.alive]:
            self._live.remove(old)
            self._ended += old.cpu_seconds
        self._live.append(box)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun = self.now()
        self._inner.append(NOTHING)
        try:
            yield
        finally:
            cost = self.now() - begun
            inner = self._inner.pop()
            if self._inner:
                self._inner[-1] = self._inner[-1] + cost
            self.steps[name].append(cost - inner)

    def _forked_from(self) -> float:
        """CPU time of the warm processes themselves, to the nanosecond."""
        total = 0.0
        for _, _, kept in forks._kept:
            keeper = kept._process.pid
            if keeper not in self._warm:
                found = [p for p in psutil.Process(keeper).children(recursive=True) if _is_warm(p)]
                self._warm[keeper] = min(found, key=lambda p: p.create_time())
            total += int(Path(f"/proc/{self._warm[keeper].pid}/schedstat").read_text().split()[0]) / 1e9
        return total


def _is_warm(process: psutil.Process) -> bool:
    words = process.cmdline()
    return bool(words) and words[0].endswith("python") and any(word.endswith("/warm.py") for word in words[1:5])


def timed(clocks: Clocks, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        with clocks.step(name):
            return call(*args, **kwargs)

    return run


def watch(clocks: Clocks) -> None:
    """Put a stopwatch around every step. One submission is on its way at a time, so its steps are never two at once."""
    pipeline_: Any = pipeline
    for name in ("read_submission", "plan"):
        setattr(pipeline_, name, timed(clocks, "doctor and plan", getattr(pipeline_, name)))
    plan_: Any = Plan
    plan_.job = timed(clocks, "doctor and plan", Plan.job)
    pipeline_.judge = timed(clocks, "judge", pipeline_.judge)
    for name in ("put_run", "get_run", "put_known", "known", "put_report", "report_bytes", "receipt"):
        setattr(Store, name, timed(clocks, "store", getattr(Store, name)))
    book: Any = NbgraderGradebook
    book.record = timed(clocks, "gradebook", NbgraderGradebook.record)
    sitting: Any = session.Session
    for name, label in (("_ready", "kernel, until it is ready"), ("_cells", "cells"),
                        ("_questions", "functions on hidden inputs")):  # fmt: skip
        setattr(sitting, name, timed(clocks, label, getattr(sitting, name)))
    predictor_: Any = predictor
    predictor_.predict = timed(clocks, "second sandbox: opens and predicts", predictor.predict)
    box_: Any = Box
    made = Box.__init__

    def init(box: Box, order: Any, *args: Any, **kwargs: Any) -> None:
        second = order.program == "predict.py"
        with clocks.step("second sandbox: fork and walls" if second else "fork and walls"):
            made(box, order, *args, **kwargs)
            clocks.started(box)

    box_.__init__ = init
    engine: Any = inline
    engine.run_job = timed(clocks, "rest of the run, end of the kernel", engine.run_job)


def main() -> None:
    parser = work_asked(__doc__, students=10)
    parser.add_argument("--cold", action="store_true", help="sandboxes that are no forks")
    parser.add_argument("--profile", action="store_true", help="profile the grader instead, which slows it down")
    asked = parser.parse_args()
    say(machine())
    with tempfile.TemporaryDirectory() as scratch:
        course, name = _course(asked, Path(scratch))
        submit(course.root, name, asked.students + 1)
        students = [student(number) for number in range(asked.students + 1)]
        if asked.profile:
            profiled(course, name, students)
        else:
            taken_apart(course, name, students)


def _course(asked: argparse.Namespace, scratch: Path) -> tuple[Course, str]:
    if asked.kind == "quiz":
        name, course = asked.assignment, make_course(load_course(REPOSITORY), scratch, "small")
        release(course, name)
    else:
        epochs, needs = calibrated(asked.seconds, asked.model)
        say(f"{epochs} epochs, {needs:.2f} CPU s in a warm process")
        name, course = training.NAME, training.make_ours(scratch, epochs, asked.model)
    return replace(course, warm=not asked.cold), name


def graded(course: Course, name: str, students: list[str]) -> None:
    with NbgraderGradebook(course.root) as book:
        done = list(
            pipeline.grade(course, course.assignment(name), students, InlineEngine(), gradebook=book, force=True)
        )
    wrong = [g.report.student for g in done if g.report.lost]
    if wrong:
        raise SystemExit(f"Lost: {', '.join(wrong)}.")


def taken_apart(course: Course, name: str, students: list[str]) -> None:
    clocks = Clocks()
    once = {}
    tiers._found.clear()
    for what, call in (
        ("the sandbox attacks itself", tiers.tier),
        ("the first submission, with warm processes", lambda: graded(course, name, students[:1])),
    ):
        begun, children = clocks.now(), _children()
        call()
        # Warm processes are counted whole, with what they imported.
        cost = clocks.now() - begun
        once[what] = (cost.wall, cost.grader + cost.forked_from + _children() - children)
    watch(clocks)
    begun = clocks.now()
    graded(course, name, students[1:])
    whole = clocks.now() - begun
    count = len(students) - 1
    for one in students[1:]:
        page(clocks, course, name, one)
    rows, known = [], NOTHING
    for step, costs in clocks.steps.items():
        each = _each(costs, count)
        if step != "page (generate_feedback)":
            known = known + _sum(costs)
        rows.append([step, *_shown(each), f"{each.cpu * count / whole.cpu:.0%}"])
    left = whole - known
    mean = Moment(*(value / count for value in astuple(left)))
    rows.append(["between the steps", *_shown(mean), f"{left.cpu / whole.cpu:.0%}"])
    total = Moment(*(value / count for value in astuple(whole)))
    rows.append(["all but the page (mean)", *_shown(total), "100%"])
    figure(f"{name}: CPU of a submission, one at a time", total.cpu, "s")
    columns = ["ms a submission (median)", "wall", "CPU", "grader", "forked from", "sandbox", "of CPU"]
    show(f"{name}, {count} submissions, one at a time", columns, rows)
    show("once a class", ["", "wall s", "CPU s"], [[k, f"{a:.2f}", f"{b:.2f}"] for k, (a, b) in once.items()])


def _children() -> float:
    import resource

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _sum(costs: list[Moment]) -> Moment:
    total = NOTHING
    for cost in costs:
        total = total + cost
    return total


def _each(costs: list[Moment], count: int) -> Moment:
    """The median of a submission, for which a step may be done several times, as often for each."""
    often = max(1, len(costs) // count)
    parts = [_sum(costs[start : start + often]) for start in range(0, often * count, often)]
    return Moment(*(median(values) for values in zip(*map(astuple, parts), strict=True)))


def _shown(cost: Moment) -> list[str]:
    return [f"{1000 * value:.1f}" for value in (cost.wall, cost.cpu, cost.grader, cost.forked_from, cost.sandboxes)]


def page(clocks: Clocks, course: Course, name: str, one: str) -> None:
    report = Store(course.root).report(name, one)
    assert report is not None
    folder = course.root / "autograded" / one / name
    with clocks.step("page (generate_feedback)"):
        read = {p.stem: ipynb.read(p.read_bytes(), limit=2**31) for p in sorted(folder.glob("*.ipynb"))}
        render(report, read, course_title=course.title)


def profiled(course: Course, name: str, students: list[str]) -> None:
    """Profile all threads of the grader, by their CPU time."""
    graded(course, name, students[:1])
    found: list[cProfile.Profile] = []
    lock = threading.Lock()

    def under(call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            profile = cProfile.Profile(time.thread_time)
            try:
                return profile.runcall(call, *args, **kwargs)
            finally:
                with lock:
                    found.append(profile)

        return run

    engine: Any = inline
    engine.run_job = under(engine.run_job)
    Box._watch = under(Box._watch)  # type: ignore[method-assign]
    under(graded)(course, name, students[1:])
    text = io.StringIO()
    stats = pstats.Stats(found[0], stream=text)
    for profile in found[1:]:
        stats.add(profile)
    count = len(students) - 1
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(40)
    sys.stdout.write(f"for {count} submissions; CPU seconds, under a profiler\n" + text.getvalue())


if __name__ == "__main__":
    main()

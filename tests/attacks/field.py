"""Where attacks are tried: one small exam, graded by the real pipeline, on a host with things that are worth a theft.

An honest question (`before`), the attack, the question that it is after (`target`, which no student can answer), an
honest function that is called on hidden inputs (`twice`), an honest question (`after`).
"""

from __future__ import annotations

import contextlib
import copy
import ctypes
import importlib
import json
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent
from typing import Any
from unittest.mock import patch

import psutil

from autograder.analytics import report_page
from autograder.analytics.spreadsheet import to_csv
from autograder.build import build
from autograder.course import Assignment, Course, load_course
from autograder.doctor import repair
from autograder.engines.inline import InlineEngine
from autograder.feedback.page import render
from autograder.pipeline import Graded, grade
from autograder.plan import Doctor
from autograder.release import Release, keep, newest
from autograder.sandbox import cgroups, forks, scratch, session, start, tiers
from autograder.types import TIERS, Evidence, Job, Limits, Report, Run
from tests.attacks.attack import Attack
from tests.fakes import FakeGradebook, code, notebook
from tests.feedback.inert import inspect
from tests.sandbox.growth import growth

GROWTH_MB = 32
HONEST = ("before", "twice", "after")

TOML = """\
[course]
id = "exam"
title = "An exam"
setting = "full"
salt = "attacks"
warm = false

[assignments.exam]
title = "Exam"
"""

EXERCISES = {
    "before": ("What is twice {n}?", "Numeric(exact=True)", "lambda params, slips=frozenset(): params['n'] * 2"),
    # Nobody can know this key, so whoever has points for it has won.
    "target": ("What is the secret of {n}?", "Numeric(exact=True)",
               "lambda params, slips=frozenset(): params['n'] * 7_919 + 104_729_000_000"),
    "after": ("What is three times {n}?", "Numeric(exact=True)", "lambda params, slips=frozenset(): params['n'] * 3"),
}  # fmt: skip

EXERCISE = """
from autograder.checkers.numeric import Numeric
from autograder.exercise import Exercise

exercise = Exercise(
    id="{id}", title="{id}", points=1, prompt="{prompt}", pool=20, effort=lambda params: 1,
    params=lambda rng: {{"n": rng.randint(10**5, 10**6)}}, key={key}, checker={checker},
)
"""

TWICE = """
from random import Random

from autograder.checkers.function import Function, Group
from autograder.exercise import Exercise
from autograder.types import Call


def cases(rng: Random) -> list[Call]:
    return [Call((rng.randint(10**14, 10**15),)) for _ in range(4)]


def twice(x: int) -> int:
    return 2 * x


exercise = Exercise(
    id="twice", title="twice", points=1, prompt="Write a function that doubles.", pool=1,
    key=lambda params, slips=frozenset(): twice,
    checker=Function(groups=(Group("large numbers", cases),), signature="twice(x)", seconds=2.0),
)
"""


def _solution(stub: str, solved: str) -> str:
    return f"{stub}\n### BEGIN SOLUTION\n{solved}\n### END SOLUTION"


SOLVED = {
    "before": 'first = ask("before")["n"] * 2',
    "target": "answer = 0",
    "twice": "def twice(x):\n    return 2 * x",
    "after": 'last = ask("after")["n"] * 3',
}
STUBS = {"before": "first = ...", "target": "answer = ...", "twice": "twice = ...", "after": "last = ..."}
NAMES = {"before": "first", "target": "answer", "twice": "twice", "after": "last"}

EXAM = notebook(
    {"cell_type": "markdown", "metadata": {}, "source": "# Exam"},
    code('from handin import ask, check\nme = ""'),
    *[
        cell
        for e in SOLVED
        for cell in (
            code(f'ask("{e}")'),
            code(_solution(STUBS[e], SOLVED[e])),
            code(f'check("{e}", {NAMES[e]})'),
        )
    ],
)


@dataclass
class Outcome:
    """What came of an attack. breaches: what must never be, in words; empty when everything held."""

    got: str
    breaches: list[str]
    report: Report
    run: Run | None
    seconds: float
    tier: str
    grown: float


@dataclass
class Given:
    """What a submission is made of. folder: submitted/<student>/exam, which is there and empty."""

    root: Path
    folder: Path
    student: str
    solved: dict[str, Any]  # honest but for `target`, which is wrong
    friend: dict[str, Any]  # the same of another student, with the numbers written down as this friend has them
    old: dict[str, Any]  # the same in a release that has been replaced

    def write(self, content: Mapping[str, Any] | bytes, name: str = "exam.ipynb") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path


def cell_of(notebook: Mapping[str, Any], start: str) -> dict[str, Any]:
    """The first cell whose source starts with these words."""
    found: dict[str, Any] = next(c for c in notebook["cells"] if c["source"].startswith(start))
    return found


@dataclass
class Field:
    """A course, a release, and what is planted outside. Made once for a session, by `pitch()`."""

    course: Course
    old: Release
    token: str  # what lies in everything that is worth a theft
    loot: dict[str, Any]  # what attacks are told: where to look
    uids: list[int] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.course.root

    @property
    def exam(self) -> Assignment:
        return self.course.assignment("exam")

    # -- notebooks -------------------------------------------------------------------------------------------------

    def solved(self, release: Release | None = None) -> dict[str, Any]:
        release = release or newest(self.course.records, "exam")
        made: dict[str, Any] = copy.deepcopy(release.notebooks["exam"])
        for exercise, stub in STUBS.items():
            cell_of(made, stub)["source"] = SOLVED[exercise]
        return made

    def attacked(self, attack: Attack) -> dict[str, Any]:
        """The exam, solved but for the target, with the attack's cells in it."""
        made = self.solved()
        cells = made["cells"]
        given = f"FIELD = {self.loot!r}\n"
        where = {"target": 'check("target"', "after-target": 'ask("twice"', "function": 'check("twice"', "end": None}
        for place, sources in attack.cells.items():
            if place == "function":
                cells.remove(cell_of(made, "def twice"))
            sources = tuple(given + s if "FIELD" in s else s for s in sources)
            anchor = where[place]
            at = len(cells) if anchor is None else cells.index(cell_of(made, anchor))
            cells[at:at] = [{**code(source), "id": f"{place}-{number}"} for number, source in enumerate(sources)]
        return made

    def numbers(self, student: str) -> dict[str, int]:
        """A student's own n of each question."""
        release = newest(self.course.records, "exam")
        entries = {e: release.entry(e, student) for e in EXERCISES}
        return {e: int(entry["params"]["n"]) for e, entry in entries.items() if entry is not None}

    def written_down(self, student: str) -> dict[str, Any]:
        """A solved exam in which the student's own numbers stand as they are."""
        made, n = self.solved(), self.numbers(student)
        cell_of(made, "first = ")["source"] = f"first = {2 * n['before']}"
        cell_of(made, "last = ")["source"] = f"last = {3 * n['after']}"
        return made

    # -- grading ---------------------------------------------------------------------------------------------------

    def submit(self, attack: Attack, student: str) -> None:
        folder = self.root / "submitted" / student / "exam"
        folder.mkdir(parents=True)
        if attack.cells:
            content = self.attacked(attack)
            (folder / "exam.ipynb").write_text(json.dumps(content), "utf-8")
            return
        module = importlib.import_module(f"tests.attacks.submissions.{attack.kind}.{attack.name}")
        friend = f"friend-of-{secrets.token_hex(3)}"
        module.submission(
            Given(self.root, folder, student, self.solved(), self.written_down(friend), self.solved(self.old))
        )

    def hand_in(self, student: str, content: dict[str, Any] | None = None) -> None:
        folder = self.root / "submitted" / student / "exam"
        folder.mkdir(parents=True)
        (folder / "exam.ipynb").write_text(json.dumps(content or self.solved()), "utf-8")

    def name(self, attack: Attack) -> str:
        """A name that nobody else has: what is left of a run is found by it."""
        return f"{attack.student or attack.name}-{secrets.token_hex(4)}"

    def try_(self, attack: Attack, *, practice: bool = False, doctor: Doctor = repair, forked: bool = False) -> Outcome:
        """Have one attack submitted and graded, and look at everything that it must not have done.

        forked: from a warm process, whatever the attack's code looks like.
        """
        if practice and not attack.harmless:
            raise ValueError(f"{attack.id} is not marked as harmless where nothing confines it")
        if forked:
            assert forks.of(tiers.tier().recipe, "light") is not None  # one that stands before, and is not left behind
            with patch.object(session, "kind_of", lambda *about: "light"):
                return self._tried(attack, replace(self.course, warm=True), practice, doctor)
        return self._tried(attack, self.course, practice, doctor)

    def _tried(self, attack: Attack, course: Course, practice: bool, doctor: Doctor) -> Outcome:
        student = self.name(attack)
        self.submit(attack, student)
        engine = Recording(InlineEngine(practice))
        assignment = replace(self.exam, limits=attack.limits)
        self.uids.clear()
        children = {p.pid for p in psutil.Process().children(recursive=True)}
        began = time.monotonic()
        book = FakeGradebook()
        with growth() as grown:
            (graded,) = grade(course, assignment, [student], engine, doctor, gradebook=book)
        seconds = time.monotonic() - began
        run = engine.runs[0] if engine.runs else None
        report = graded.report
        breaches = [*self._left(student, children), *self._marks(attack, report, run, book.scores)]
        breaches += self._shown(attack, graded, engine.jobs)
        if grown.mb >= GROWTH_MB:
            breaches.append(f"the grader grew by {grown.mb:.0f} MiB")
        word = got(attack, report, run)
        shutil.rmtree(self.root / "submitted" / student, ignore_errors=True)
        tier = f"{run.tier}{', forked' if course.warm else ''}" if run else "none needed"
        return Outcome(word, breaches, report, run, seconds, tier, grown.mb)

    def _marks(
        self, attack: Attack, report: Report, run: Run | None, scores: Mapping[tuple[str, str], float]
    ) -> Iterator[str]:
        if report.lost is not None:
            yield f"the submission was lost: {report.lost}"
            return
        rejected = attack.expect == "rejected-file"
        earned = {e: v.score for e, v in report.verdicts.items()}
        if earned["target"]:
            yield f"points for the target: {earned['target']}"
        if scores.get((report.student, "target")):
            yield "points for the target in the gradebook"
        if (self.root / "pwned").exists():
            yield "something ran on the host"
        if run is not None and through(run):
            yield f"it got through: {str(run.evidence['target'].value)[:200]}"
        if earned["before"] != 1 and not rejected:
            yield f"an honest question before it lost its marks: {earned['before']}"
        if attack.aims_at_function and earned["twice"]:
            yield f"points for a wrong function: {earned['twice']}"
        for exercise in ("after",) if attack.aims_at_function else ("twice", "after"):
            if attack.lives and not rejected and earned[exercise] != 1:
                yield f"{exercise} lost its marks though the kernel lived: {earned[exercise]}"
        if any(v.failed for v in report.verdicts.values()):
            yield "a checker failed"

    def _left(self, student: str, children: set[int]) -> Iterator[str]:
        deadline = time.monotonic() + 2
        while (left := list(self._processes(student, children))) and time.monotonic() < deadline:
            time.sleep(0.05)
        for process in left:
            with contextlib.suppress(psutil.Error):
                yield f"a process is left: {process.cmdline()}"
                process.kill()
        for name in os.listdir(tempfile.gettempdir()):  # noqa: PTH208 (names are wanted)
            if name.startswith(f"{scratch.PREFIX}{os.getpid()}-"):
                yield f"a folder is left: {name}"
        homes = cgroups._homes()
        for parent in set(homes[1].values()) if homes else ():
            for group in parent.glob(f"{os.getpid()}-*"):
                yield f"a control group is left: {group.name}"
                cgroups._end(group)  # the next attack is not to find it

    def _processes(self, student: str, children: set[int]) -> Iterator[psutil.Process]:
        mark = f"JUPYTERHUB_USER={student}".encode()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                ours = process.pid not in children and process.pid in {
                    p.pid for p in psutil.Process().children(recursive=True)
                }
                named = mark in Path(f"/proc/{process.pid}/environ").read_bytes() if os.geteuid() == 0 else False
                if ours or named or process.uids().real in self.uids:
                    yield process

    def _shown(self, attack: Attack, graded: Graded, jobs: list[Job]) -> Iterator[str]:
        """What students and staff read of it is inert, and holds no hidden input."""
        report = graded.report
        notebooks = {name: json.loads(content) for name, content in graded.executed.items()}
        page = render(report, notebooks, {}, {}, "Exam")
        for fault in inspect(page).faults:
            yield f"on the student's page: {fault}"
        for fault in inspect(report_page.render([report], "Exam", {"exam": "Exam"})).faults:
            yield f"on the staff's page: {fault}"
        for line in to_csv([report]).splitlines():
            if any(part.lstrip('"')[:1] in ("=", "+", "-", "@", "\t") for part in line.split('","')):
                yield f"a formula in the spreadsheet: {line[:100]}"
        everything = page + json.dumps(notebooks) + str(report)
        for job in jobs:
            for probe in job.probes:
                for call in probe.calls:
                    if str(call.args[0]) in everything:
                        yield "a hidden input is shown"
        if self.token in everything:
            yield "a secret of the host is shown"


@dataclass
class Recording:
    """The engine, and what it carried."""

    engine: InlineEngine
    jobs: list[Job] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        self.jobs = list(jobs)
        for run in self.engine.run(self.jobs):
            self.runs.append(run)
            yield run

    def environment(self, least: str = TIERS[0]) -> str:
        return self.engine.environment(least)


# -- words -------------------------------------------------------------------------------------------------------------


def through(run: Run) -> bool:
    """Whether the attack handed in what only success can make."""
    found = run.evidence.get("target")
    return found is not None and isinstance(found.value, str) and found.value.startswith("through")


_ENDS = {
    "timeout": "time-limit", "memory": "memory-limit", "output": "output-limit", "disk": "disk-limit",
    "crashed": "crashed",
}  # fmt: skip


def got(attack: Attack, report: Report, run: Run | None) -> str:
    """The word that came of it: of the run's end, of what was told, of the evidence; in this order."""
    if report.lost is not None:
        return "lost"
    if run is None:
        return (
            "rejected-file"
            if any("could not be read" in r.student or "not among" in r.student for r in report.remarks)
            else "nothing"
        )
    if through(run):
        return "through"
    told = [remark.staff for remark in run.remarks]
    if "process limit" in told:  # first: what else comes of a bomb, comes of it
        return "process-limit"
    for reason, word in _ENDS.items():
        if any(line.startswith(f"{reason}: ") for line in told):
            return "protocol" if any(line.startswith("output: protocol") for line in told) else word
    if "[output cut here" in run.notebook.decode():
        return "output-limit"
    if any(line.startswith("cell ") and line.endswith(": time") for line in told):
        return "time-limit"
    if any("disk" in line for line in told) or _full(run):
        return "disk-limit"
    return _of_evidence(run.evidence["twice" if attack.aims_at_function else "target"])


def _of_evidence(found: Evidence) -> str:
    statuses = {e.status for e in found.calls} or {found.status}
    for status, word in _ENDS.items():
        if status in statuses:
            return word
    return "answered" if statuses == {"ok"} else "no-answer"


def _full(run: Run) -> bool:
    """No remark tells of a full disk: its error is in the executed notebook."""
    outputs = [o for cell in json.loads(run.notebook)["cells"] for o in cell.get("outputs", [])]
    return any("No space left on device" in str(o.get("evalue", "")) for o in outputs)


# -- making it ---------------------------------------------------------------------------------------------------------


@contextmanager
def pitch(place: Path) -> Iterator[Field]:
    """Make the course under `place`, plant what is worth a theft, and have all folders of the grader's in one."""
    with ExitStack() as stack:
        tmp = place / "tmp"
        tmp.mkdir(parents=True)
        stack.callback(setattr, tempfile, "tempdir", tempfile.tempdir)
        tempfile.tempdir = str(tmp)
        course, old = _course(place / "course")
        token = secrets.token_hex(12)
        made = Field(course, old, token, _plant(course.root, token, stack))
        given: Callable[[], int] = start._unused_id

        def noted() -> int:
            made.uids.append(given())
            return made.uids[-1]

        stack.callback(setattr, start, "_unused_id", given)
        start._unused_id = noted
        # What is loaded once, and the memory that an ordinary run takes, is no growth of an attack.
        for _ in range(2):
            student = f"warm-{secrets.token_hex(4)}"
            made.hand_in(student)
            (graded,) = grade(course, replace(made.exam, limits=Limits()), [student], InlineEngine())
            earned = {e: v.score for e, v in graded.report.verdicts.items()}
            assert earned == {"before": 1, "target": 0, "twice": 1, "after": 1}, graded.report
            render(graded.report, {n: json.loads(c) for n, c in graded.executed.items()})
            report_page.render([graded.report], "Exam", {"exam": "Exam"})
        yield made


def _course(root: Path) -> tuple[Course, Release]:
    content = {f"exam/{e}.py": EXERCISE.format(id=e, prompt=p, key=k, checker=c) for e, (p, c, k) in EXERCISES.items()}
    content |= {"course.toml": TOML, "exam/twice.py": TWICE}
    for name, text in content.items():
        path = root / "course" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    source = root / "source" / "exam" / "exam.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(EXAM), "utf-8")
    before = root / "course" / "exam" / "before.py"
    text = before.read_text("utf-8")
    before.write_text(text.replace("twice {n}", "two times {n}"), "utf-8")
    old = _release(load_course(root))
    before.write_text(text, "utf-8")
    course = load_course(root)
    assert _release(course).version != old.version
    return course, old


def _release(course: Course) -> Release:
    version = build(course, "exam").version
    folder = course.root / "source" / "exam"
    content = json.loads((folder / "exam.ipynb").read_bytes())
    for cell in content["cells"]:
        if "BEGIN SOLUTION" in cell["source"]:
            cell["source"] = cell["source"].split("\n")[0]
    files = {"questions.json": (folder / "questions.json").read_bytes()}
    keep(course.records, Release("exam", version, {"exam": content}, files))
    return newest(course.records, "exam")


def _plant(root: Path, token: str, stack: ExitStack) -> dict[str, Any]:
    """Things on the host that must be out of reach: each says where it is, and to be reached is enough."""
    name = f"ag-{secrets.token_hex(8)}"
    book = root / "gradebook.db"
    book.write_text(f"grades {token}", "utf-8")
    book.chmod(0o644)
    for folder in (root, *list(root.parents)[:-2]):
        with contextlib.suppress(OSError):
            folder.chmod(folder.stat().st_mode | 0o055)  # no right of files may be what holds
    server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
    abstract.bind(f"\0{name}")
    abstract.listen(64)
    named = stack.enter_context(socket.socket(socket.AF_UNIX))
    named.bind(str(root / "s"))
    (root / "s").chmod(0o777)
    named.listen(64)
    os.environ["AG_ATTACK_SECRET"] = token
    stack.callback(os.environ.pop, "AG_ATTACK_SECRET", None)
    return {
        "file": str(book), "folder": str(root), "port": server.getsockname()[1],
        "abstract": name, "socket": str(root / "s"), "pid": os.getpid(), "host": socket.gethostname(),
        "memory": _shared(token, stack),
    }  # fmt: skip


def _shared(token: str, stack: ExitStack) -> int:
    """A segment of shared memory that anybody on the host may read; -1 where none can be made."""
    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    libc.shmdt.argtypes = [ctypes.c_void_p]
    number = int(libc.shmget(0, 4096, 0o1666))
    if number >= 0:
        stack.callback(libc.shmctl, number, 0, None)
        address = libc.shmat(number, None, 0)
        ctypes.memmove(address, token.encode(), len(token))
        libc.shmdt(address)
    return number

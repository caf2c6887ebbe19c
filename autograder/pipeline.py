"""plan -> run -> judge -> record. The only module that knows the order.

Gradebook and doctor are handed in; engines carry. Everything here can be stopped at any moment and started again:
what is kept is found by its key, and recording twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Literal, Protocol

from autograder.course import Assignment, Course, load_course
from autograder.doctor import repair
from autograder.engines import Engine
from autograder.errors import AutograderError, NotebookError
from autograder.judge import cause, judge
from autograder.plan import CORRECT, Doctor, Plan, Terms, data_packs, plan
from autograder.release import Releases
from autograder.seal import Seals
from autograder.store import Judged, Known, Store
from autograder.submission import read_submission
from autograder.types import Evidence, Job, Remark, Report, Run, Verdict
from handin.words import N_, _, speaking


class Gradebook(Protocol):
    def record(self, done: Sequence[Graded]) -> None:
        """Write reports, all or none. Manual scores and comments stay; a lost report changes no score. Twice is as
        once."""

    def standing(self, assignment: str, seals: Mapping[str, str]) -> Collection[str]:
        """Return whose record was made under just this seal and is as it was left."""

    def by_hand(self, assignment: str) -> Mapping[tuple[str, str], float]:
        """Return by student and exercise the points that a person gave: no judging changes these."""


Step = Literal["planned", "kept", "judged", "lost"]
Progress = Callable[[str, Step], None]
"""Called with a student and what has just happened to the submission."""

BATCH = 100
"""Submissions that are recorded together. A batch holds the gradebook's lock for a moment that nobody notices."""

LOST = N_("Grading this failed on our side, not yours. It costs you nothing: the staff know, and it is tried again.")
NEVER = "it was never run: use `autograder grade`"
GONE = "what it was judged by is not kept any more (`autograder tidy`), so this needs a run: use `autograder grade`"
AGAIN = "it was handed in again since it was run: use `autograder grade`"


@dataclass(frozen=True)
class Graded:
    report: Report
    executed: Mapping[str, bytes]
    received: datetime | None
    ran: bool = True  # False: the evidence was kept from before
    seal: str = ""  # names all that the report follows from; "" where it is to be graded again in any case

    @property
    def current(self) -> bool:
        """Whether nothing in it waits for a new run."""
        return not any(verdict.needs_run for verdict in self.report.verdicts.values())


@dataclass
class _Case:
    """One submission on its way."""

    plan: Plan
    known: dict[str, Known] = field(default_factory=dict)  # by notebook; without verdicts where it has just been run
    executed: dict[str, bytes] = field(default_factory=dict)
    evidence: dict[str, Mapping[str, Evidence]] = field(default_factory=dict)  # of runs in which something is judged
    lost: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)  # notebooks that never came or cannot be read, and why
    jobs: dict[str, Job] = field(default_factory=dict)  # to be run
    ran: bool = False
    sure: bool = True  # what is kept is what would be run now


class _Class:
    """Grades the submissions of one assignment."""

    def __init__(self, terms: Terms, store: Store, *, force: bool, run: bool, keep: bool) -> None:
        self.terms, self.store = terms, store
        self.force, self.run, self.keep = force, run, keep
        course, self.assignment = terms.course, terms.assignment.id
        self.releases = Releases(course.records, self.assignment)
        self.seals = Seals(course.files, course.setting, terms.secret, terms.packs, self.releases.newest)

    # -- what is kept, and what is to be run -----------------------------------------------------------------------

    def case(self, student: str) -> _Case:
        with speaking(self.terms.course.language):
            return self._case(student)

    def _case(self, student: str) -> _Case:
        submission = read_submission(self.terms.course.root, self.assignment, student)
        case = _Case(plan(self.terms, submission, self.releases.held(student, submission.notebooks)))
        todo = case.plan
        for name in todo.notebooks:
            try:
                if name not in todo.submission.notebooks:
                    raise NotebookError(todo.submission.refused.get(f"{name}.ipynb", ""))
                self._look(case, name)
            except NotebookError as error:
                case.missing[name] = str(error)
                for exercise in todo.asked_in(name):
                    _probe = todo.asked[exercise].probe  # what is wrong with it shows here, where it stops nobody else
        return case

    def _look(self, case: _Case, name: str) -> None:
        """Find out what of a notebook is kept, and what is to be run."""
        known = None if self.force else self.store.known(*self._place(case, name))
        if known is not None and self._as_before(case, name, known):
            return
        if not self.run:
            self._look_without_running(case, name, known)
            return
        job = case.plan.job(name)
        run = None if self.force else self.store.get_run(*self._place(case, name), job.key)
        if run is None:
            case.jobs[name] = job
        else:
            self._take(case, name, run, self._found(case, name, run, self.terms.environment))

    def _as_before(self, case: _Case, name: str, known: Known) -> bool:
        """Take what is kept where it is known to be what would be run now. The doctor is not asked."""
        if self.run and known.environment != self.terms.environment:
            return False
        if known.source != case.plan.source(name, known):
            return False
        asked = case.plan.asked
        changed = [e for e in case.plan.asked_in(name) if not _same(asked[e].basis, known.judged.get(e))]
        if not changed:
            with suppress(OSError):
                case.executed[name] = self.store.executed(*self._place(case, name))
                case.known[name] = known
        elif (run := self.store.get_run(*self._place(case, name), only=changed)) is not None:
            self._take(case, name, run, known)
        return name in case.known

    def _look_without_running(self, case: _Case, name: str, known: Known | None) -> None:
        """Judge what is kept, older questions included; but not what another notebook was answered in."""
        case.sure = False
        if known is None:  # it was kept by an earlier version, if it was
            case.plan.job(name)
        run = self.store.get_run(*self._place(case, name))
        if run is None:
            case.lost[name] = NEVER if known is None else GONE
        elif known is not None and known.submitted != case.plan.submitted(name):
            case.lost[name] = AGAIN
        else:
            self._take(case, name, run, known or self._found(case, name, run, ""))

    def _take(self, case: _Case, name: str, run: Run, known: Known) -> None:
        case.known[name], case.executed[name], case.evidence[name] = known, run.notebook, run.evidence

    def _found(self, case: _Case, name: str, run: Run, environment: str) -> Known:
        """What is known of a run before anything in it was judged."""
        return Known(
            submitted=case.plan.submitted(name), source=case.plan.source(name, None), environment=environment,
            repairs=case.plan.repairs[name], remarks=run.remarks, tier=run.tier, seconds=run.seconds,
            cpu_seconds=run.cpu_seconds, judged={},
        )  # fmt: skip

    def _place(self, case: _Case, name: str) -> tuple[str, str, str]:
        return self.assignment, case.plan.student, name

    def came_back(self, case: _Case, name: str, run: Run) -> None:
        """Take what an engine brought back."""
        case.ran = True
        job = case.jobs.pop(name)
        if run.lost is not None:
            case.lost[name] = run.lost
        else:
            self.store.put_run(*self._place(case, name), job.key, run)
            self._take(case, name, run, self._found(case, name, run, self.terms.environment))

    # -- judging ---------------------------------------------------------------------------------------------------

    def finish(self, case: _Case) -> Graded:
        with speaking(self.terms.course.language):
            return self._finish(case)

    def _finish(self, case: _Case) -> Graded:
        todo, store = case.plan, self.store
        judged = {e: self._judge(case, e) for e in todo.asked}
        if self.keep:
            self._keep_known(case, judged)
        receipt = store.receipt(self.assignment, todo.student, todo.submission.sha256, keep=self.keep)
        runs = [known for name in todo.notebooks if (known := case.known.get(name))]
        report = Report(
            assignment=self.assignment,
            student=todo.student,
            verdicts={e: found.verdict for e, found in judged.items()},
            points={e: float(asked.exercise.points) for e, asked in todo.asked.items()},
            titles={e: asked.exercise.title for e, asked in todo.asked.items()},
            remarks=tuple(self._remarks(case)),
            receipt=replace(receipt, answers=tuple(e for e, found in judged.items() if found.seen)),
            tier=runs[0].tier if runs else "",
            seconds=sum(known.seconds for known in runs),
            cpu_seconds=sum(known.cpu_seconds for known in runs),
            lost="; ".join(f"{name}: {why}" for name, why in case.lost.items()) or None,
            release=todo.held.judged.version,
            absent=todo.absent,
            final=self.terms.is_final(todo.student),
        )
        graded = Graded(report, case.executed, datetime.fromisoformat(receipt.received), case.ran)
        if not self.keep:
            return graded
        if (graded.current and report.lost is None) or store.report(self.assignment, todo.student) is None:
            store.put_report(report)
        return replace(graded, seal=self._seal(case, graded))

    def _judge(self, case: _Case, exercise: str) -> Judged:
        todo, name = case.plan.asked[exercise], case.plan.where[exercise]
        if name in case.lost:
            return Judged("", "", _lost(case.lost[name]), False)
        if name in case.missing:
            missing = Evidence("missing", detail="the notebook could not be read", probe=todo.probe.digest)
            return Judged("", "", judge(todo.exercise, todo.variant, missing), False)
        known = case.known[name].judged.get(exercise)
        if known is not None and _same(todo.basis, known):
            return known
        evidence = case.evidence[name].get(exercise, Evidence("missing"))
        verdict = judge(todo.exercise, todo.variant, evidence, todo.probe)
        return Judged(todo.basis, todo.probe.digest, verdict, _seen(evidence, verdict))

    def _keep_known(self, case: _Case, judged: Mapping[str, Judged]) -> None:
        for name, known in case.known.items():
            mine = {e: judged[e] for e in case.plan.asked_in(name)}
            # What failed is judged anew each time; so is what answers an older question.
            sound = {e: j for e, j in mine.items() if not (j.verdict.failed or j.verdict.needs_run)}
            if sound != known.judged:
                self.store.put_known(self.assignment, case.plan.student, name, replace(known, judged=sound))

    def _remarks(self, case: _Case) -> Iterator[Remark]:
        yield from case.plan.remarks
        for name in case.plan.notebooks:
            if name in case.missing:
                yield _absent(name, case.missing[name])
            else:
                yield from case.known[name].repairs if name in case.known else case.plan.repairs.get(name, ())
        for name in case.plan.notebooks:
            yield from case.known[name].remarks if name in case.known else ()

    def _seal(self, case: _Case, graded: Graded) -> str:
        report, todo = graded.report, case.plan
        environments = {known.environment for known in case.known.values()}
        environment = self.terms.environment if self.run else environments.pop() if len(environments) == 1 else ""
        unsound = report.lost is not None or any(v.failed or v.needs_run for v in report.verdicts.values())
        if unsound or not case.sure or not environment or report.receipt is None:
            return ""
        written = self.store.report_bytes(self.assignment, todo.student)
        final = self.terms.is_final(todo.student)
        return self.seals.of(environment, todo.student, todo.held, report.receipt, written, final=final)


def _same(basis: str, known: Judged | None) -> bool:
    return bool(basis) and known is not None and known.basis == basis


def _absent(name: str, why: str) -> Remark:
    if why:
        told = _("{name}.ipynb could not be read: {why}. Nothing in it could be graded. Please submit it again.")
        return Remark(told.format(name=name, why=_(why)), f"{name}.ipynb unreadable: {why}")
    told = _("{name}.ipynb was not among the files that you submitted.")
    return Remark(told.format(name=name), f"{name}.ipynb missing from the submission")


def failures(report: Report) -> Iterator[str]:
    """Yield for staff what judging an exercise failed with, and what to do."""
    for exercise, verdict in report.verdicts.items() if report.lost is None else ():
        if verdict.failed:
            yield f"{exercise}, {report.assignment}, could not be judged: {failure(verdict)}"


def failure(verdict: Verdict) -> str:
    return f"{cause(verdict).rstrip('.')}. {CORRECT}"


def _lost(why: str) -> Verdict:
    return Verdict(None, _(LOST), note=f"lost: {why}", failed=True)


def _seen(evidence: Evidence, verdict: Verdict) -> bool:
    """Whether an answer reached us, right or wrong; the text of an untouched cell is none."""
    handed_in = evidence.variant is not None  # comes with an answer, and with nothing else
    return handed_in or (evidence.status == "ok" and verdict.score != 0)


def grade(
    course: Course,
    assignment: Assignment,
    students: Sequence[str],
    engine: Engine,
    doctor: Doctor = repair,
    *,
    gradebook: Gradebook | None = None,
    force: bool = False,
    run: bool = True,
    keep: bool = True,
    progress: Progress = lambda student, step: None,
) -> Iterable[Graded]:
    """Grade submissions, and yield each as it is done; what was kept under the same key is not run again.

    force runs everything again. run=False runs nothing and judges what is kept, older questions included (rejudge).
    keep=False writes nothing at all.
    One submission that cannot even be planned is yielded as lost; the others go on.
    """
    # What concerns the whole class is read once, and is raised before anybody is graded.
    environment = engine.environment(course.tier) if run else ""
    terms = Terms(course, assignment, doctor, environment, data_packs(course, assignment))
    these = _Class(terms, Store(course.root), force=force, run=run, keep=keep)

    def record(done: Sequence[Graded]) -> Sequence[Graded]:
        current = [graded for graded in done if graded.current]
        if keep and current and gradebook is not None:
            gradebook.record(current)
        for graded in done:
            progress(graded.report.student, "lost" if graded.report.lost else "judged" if graded.ran else "kept")
        return done

    def looked_at() -> Iterator[_Case | Graded]:
        """Who is to be run, and who is done."""
        for student in students:
            try:
                case = these.case(student)
            except Exception as error:  # one submission never stops a class; a fault of ours costs nobody a point
                with speaking(course.language):
                    lost = _unplanned(assignment, student, error)
                yield lost
            else:
                progress(student, "planned")
                yield case if case.jobs else these.finish(case)

    looks = looked_at()
    batch: list[Graded] = []
    for found in looks:
        if isinstance(found, _Case):
            break
        batch.append(found)
        if len(batch) == BATCH:
            yield from record(batch)
            batch.clear()
    else:  # no engine is asked where there is nothing to run
        yield from record(batch)
        return

    under_way: dict[str, tuple[_Case, str]] = {}
    recorded: list[Graded] = []

    def jobs() -> Iterator[Job]:
        """As an engine takes them: while notebooks run the next are planned, and a class need not fit in memory."""
        for look in chain([found], looks):
            if isinstance(look, Graded):
                batch.append(look)
                if len(batch) == BATCH:
                    recorded.extend(record(batch))
                    batch.clear()
            else:
                under_way.update({job.id: (look, name) for name, job in look.jobs.items()})
                yield from list(look.jobs.values())

    for result in engine.run(jobs()):
        case, name = under_way.pop(result.job)
        these.came_back(case, name, result)
        if not case.jobs:
            recorded.extend(record([these.finish(case)]))
        yield from recorded
        recorded.clear()
    yield from record(batch)


def _unplanned(assignment: Assignment, student: str, error: Exception) -> Graded:
    words = str(error) if isinstance(error, AutograderError) else f"{type(error).__name__}: {error}"
    report = Report(
        assignment=assignment.id,
        student=student,
        verdicts=dict.fromkeys(assignment.exercises, _lost(words)),
        points={e: float(x.points) for e, x in assignment.exercises.items()},
        titles={e: x.title for e, x in assignment.exercises.items()},
        lost=words,
    )
    return Graded(report, {}, None, ran=False)


def grade_one(
    root: Path,
    assignment: str,
    student: str,
    *,
    engine: Engine | None = None,
    doctor: Doctor = repair,
    force: bool = False,
) -> Graded:
    """Grade one submission without touching the gradebook: nbgrader's own autograde records it."""
    from autograder.engines.inline import InlineEngine

    course = load_course(root)
    chosen = engine if engine is not None else InlineEngine()
    (graded,) = grade(course, course.assignment(assignment), [student], chosen, doctor, force=force)
    return graded

"""plan -> run -> judge -> record. The only module that knows the order.

Gradebook and doctor are handed in; engines carry. Everything here can be stopped at any moment and started again:
what is kept is found by its key, and recording twice changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from autograder.build import compact
from autograder.corrections import cells_of, told, transferred
from autograder.course import Assignment, Course, load_course
from autograder.data import Pack, pack, secret
from autograder.digest import digest
from autograder.doctor import Repaired, repair
from autograder.engines import Engine
from autograder.errors import AutograderError, NotebookError
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.pool import variant as make_variant
from autograder.release import Held, Release, Releases
from autograder.store import Store
from autograder.submission import Submission, named_as_released, read_submission
from autograder.types import Evidence, Job, Receipt, Remark, Report, Run, Variant, Verdict


class Gradebook(Protocol):
    def record(self, report: Report, executed: Mapping[str, bytes], received: datetime | None) -> None:
        """Write a report. Manual scores and comments stay; a lost report changes no score. Twice is as once."""


Doctor = Callable[[bytes, Release, str], Repaired]
"""Repairs one submitted notebook against its release. NotebookError when the bytes are no notebook."""

Step = Literal["planned", "kept", "judged", "lost"]
Progress = Callable[[str, Step], None]
"""Called with a student and what has just happened to the submission."""


LOST = "Grading this failed on our side, not yours. It costs you nothing: the staff know, and it is tried again."


@dataclass(frozen=True)
class Plan:
    """Everything about one submission that can be known without running it."""

    submission: Submission
    release: Release
    exercises: Mapping[str, Exercise]
    variants: Mapping[str, Variant]
    jobs: Mapping[str, Job]  # by notebook
    where: Mapping[str, str]  # exercise -> notebook
    evidence: Mapping[str, Evidence] = field(default_factory=dict)  # known already: a notebook that never came
    remarks: tuple[Remark, ...] = ()
    absent: tuple[str, ...] = ()  # added after the student fetched


@dataclass(frozen=True)
class Graded:
    report: Report
    executed: Mapping[str, bytes]
    received: datetime | None
    ran: bool  # False: the evidence was kept from before


def data_packs(course: Course, assignment: Assignment) -> dict[str, Pack]:
    """Return the assignment's data packs, fetched where they are not there yet. DataError when one cannot be had."""
    return {name: pack(course.root, name, course.setting) for name in assignment.packs}


def plan(
    course: Course,
    assignment: Assignment,
    submission: Submission,
    held: Held,
    packs: Mapping[str, Pack],
    doctor: Doctor,
    environment: str,
) -> Plan:
    """Derive the student's variants, repair the notebooks, and write down what to ask.

    Nobody is asked what the release that they fetched never held, whatever release they are judged by.
    environment names what a run depends on beside its job (the confinement's tier, the kernel's packages).
    """
    fetched, release = held.fetched, held.judged
    submission, renamed = named_as_released(submission, fetched.notebooks)
    remarks = [*told(held, submission.student, assignment.exercises), *renamed]
    evidence: dict[str, Evidence] = {}
    given = cells_of(fetched).keys() & release.questions["exercises"].keys() & assignment.exercises.keys()
    where = {e: name for e, name in cells_of(release).items() if e in given and name in fetched.notebooks}
    exercises = {e: assignment.exercises[e] for e in where}
    variants = {e: _variant(course, assignment, x, release, submission, packs) for e, x in exercises.items()}
    jobs = {}
    for name in (n for n in release.notebooks if n in fetched.notebooks):
        asked = [e for e in exercises if where.get(e) == name]
        raw = submission.notebooks.get(name)
        why = submission.refused.get(f"{name}.ipynb", "")
        if raw is not None:
            try:
                repaired = doctor(raw, fetched, name)
            except NotebookError as error:
                raw, why = None, str(error)
        if raw is None:
            for e in asked:
                probe = exercises[e].checker.probe(variants[e]).digest
                evidence[e] = Evidence("missing", detail="the notebook could not be read", probe=probe)
            remarks.append(_absent(name, why))
            continue
        remarks.extend(repaired.repairs)
        probes = tuple(exercises[e].checker.probe(variants[e]) for e in asked)
        moved = release is not fetched
        notebook = compact(transferred(repaired.notebook, held, name) if moved else repaired.notebook)
        tests = {e: release.tests[e] for e in asked if e in release.tests}
        key = digest(
            [submission.student, notebook, [p.digest for p in probes], dict(release.files), repr(assignment.limits),
             [packs[p].digest for p in assignment.packs], course.setting, release.version, environment,
             *([tests] if tests else []), *assignment.resources.computed]
        )  # fmt: skip
        jobs[name] = Job(
            id=f"{assignment.id}/{submission.student}/{name}",
            notebook=notebook,
            user=submission.student,
            probes=probes,
            files=release.files,
            limits=assignment.limits,
            packs=tuple(packs[p].kernel for p in assignment.packs),
            key=key,
            tier=course.tier,
            warm=course.warm,
            resources=assignment.resources,
            tests=tests,
        )
    absent = tuple(e for e in cells_of(held.newest) if e in assignment.exercises and e not in exercises)
    return Plan(submission, release, exercises, variants, jobs, where, evidence, tuple(remarks), absent)


def _absent(name: str, why: str) -> Remark:
    if why:
        return Remark(
            f"{name}.ipynb could not be read: {why}. Nothing in it could be graded. Please submit it again.",
            f"{name}.ipynb unreadable: {why}",
        )
    return Remark(
        f"{name}.ipynb was not among the files that you submitted.", f"{name}.ipynb missing from the submission"
    )


def _variant(
    course: Course,
    assignment: Assignment,
    exercise: Exercise,
    release: Release,
    submission: Submission,
    packs: Mapping[str, Pack],
) -> Variant:
    entry = release.entry(exercise.id, submission.student)
    assert entry is not None, "exercises were taken from this release"
    # Hidden inputs differ from attempt to attempt, and cannot be known without the installation's secret.
    place = f"{assignment.id}/{exercise.id}/{submission.student}/{submission.sha256}"
    seed = int.from_bytes(hmac.new(secret(course.root), place.encode(), hashlib.sha256).digest()[:8])
    hidden = None
    if exercise.pack:
        extras = {name: found.facts for name, found in packs.items()}
        hidden = replace(packs[exercise.pack].hidden, extras=extras)
    return make_variant(exercise, entry["params"], seed=seed, hidden=hidden)


def judge_plan(plan: Plan, runs: Mapping[str, Run], receipt: Receipt) -> Report:
    """Pure but for our clock in the receipt: from the plan and what came back to a report."""
    evidence = dict(plan.evidence)
    lost = {name: run.lost for name, run in runs.items() if run.lost is not None}
    for run in runs.values():
        evidence |= run.evidence
    verdicts = {}
    for name, exercise in plan.exercises.items():
        if plan.where.get(name) in lost:
            verdicts[name] = _lost(lost[plan.where[name]])
        else:
            verdicts[name] = judge(exercise, plan.variants[name], evidence.get(name, Evidence("missing")))
    answers = tuple(e for e in plan.exercises if _seen(evidence.get(e), verdicts[e]))
    remarks = (*plan.remarks, *(r for run in runs.values() for r in run.remarks))
    return Report(
        assignment=plan.submission.assignment,
        student=plan.submission.student,
        verdicts=verdicts,
        points={e: float(x.points) for e, x in plan.exercises.items()},
        titles={e: x.title for e, x in plan.exercises.items()},
        remarks=remarks,
        receipt=replace(receipt, answers=answers),
        tier=next((run.tier for run in runs.values()), ""),
        seconds=sum(run.seconds for run in runs.values()),
        cpu_seconds=sum(run.cpu_seconds for run in runs.values()),
        lost="; ".join(f"{name}: {why}" for name, why in lost.items()) or None,
        release=plan.release.version,
        absent=plan.absent,
    )


def _lost(why: str) -> Verdict:
    return Verdict(None, LOST, note=f"lost: {why}", failed=True)


def _seen(evidence: Evidence | None, verdict: Verdict) -> bool:
    """Whether an answer reached us, right or wrong; the text of an untouched cell is none."""
    if evidence is None:
        return False
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
    store = Store(course.root)
    environment = engine.environment(course.tier) if run else ""
    # What concerns the whole class is read once, and is raised before anybody is graded.
    releases = Releases(course.records, assignment.id)
    packs = data_packs(course, assignment)
    plans: dict[str, Plan] = {}
    runs: dict[str, dict[str, Run]] = {}
    waiting: list[Job] = []
    owner: dict[str, tuple[str, str]] = {}
    for student in students:
        try:
            submission = read_submission(course.root, assignment.id, student)
            held = releases.held(student, submission.notebooks)
            plans[student] = plan(course, assignment, submission, held, packs, doctor, environment)
        except Exception as error:  # one submission never stops a class; a fault of ours costs nobody a point
            yield _unplanned(assignment, student, error, gradebook if keep else None)
            progress(student, "lost")
            continue
        runs[student] = {}
        for name, job in plans[student].jobs.items():
            kept = None if force else store.get_run(assignment.id, student, name, job.key if run else None)
            if kept is not None:
                runs[student][name] = kept
            elif run:
                waiting.append(job)
                owner[job.id] = (student, name)
            else:
                runs[student][name] = Run(job.id, lost="it was never run: use `autograder grade`")
        progress(student, "planned")

    def finish(student: str, ran: bool) -> Graded:
        todo = plans[student]
        receipt = store.receipt(assignment.id, student, todo.submission.sha256, keep=keep)
        report = judge_plan(todo, runs[student], receipt)
        executed = {name: r.notebook for name, r in runs[student].items() if r.lost is None}
        current = not any(v.needs_run for v in report.verdicts.values())
        if keep and ((current and report.lost is None) or store.report(assignment.id, student) is None):
            store.put_report(report)
        received = datetime.fromisoformat(receipt.received)
        if keep and current and gradebook is not None:
            gradebook.record(report, executed, received)
        progress(student, "lost" if report.lost else "judged" if ran else "kept")
        return Graded(report, executed, received, ran)

    for student, todo in plans.items():
        if len(runs[student]) == len(todo.jobs):
            yield finish(student, ran=False)
    for result in engine.run(waiting):
        student, name = owner[result.job]
        runs[student][name] = result
        if result.lost is None:
            store.put_run(assignment.id, student, name, plans[student].jobs[name].key, result)
        if len(runs[student]) == len(plans[student].jobs):
            yield finish(student, ran=True)


def _unplanned(assignment: Assignment, student: str, error: Exception, gradebook: Gradebook | None) -> Graded:
    words = str(error) if isinstance(error, AutograderError) else f"{type(error).__name__}: {error}"
    report = Report(
        assignment=assignment.id,
        student=student,
        verdicts=dict.fromkeys(assignment.exercises, _lost(words)),
        points={e: float(x.points) for e, x in assignment.exercises.items()},
        titles={e: x.title for e, x in assignment.exercises.items()},
        lost=words,
    )
    if gradebook is not None:
        gradebook.record(report, {}, None)
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

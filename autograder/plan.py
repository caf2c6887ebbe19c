"""What is asked of one submission: everything about it that can be known without running it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from autograder.basis import code
from autograder.build import compact
from autograder.corrections import told, transferred
from autograder.course import Assignment, Course
from autograder.data import Pack, pack, secret
from autograder.digest import digest
from autograder.doctor import Repaired
from autograder.errors import AutograderError, CourseError, Fault
from autograder.exercise import Exercise
from autograder.pool import variant
from autograder.raised import raised
from autograder.release import Held, Release
from autograder.store import Known
from autograder.submission import Submission, named_as_released
from autograder.types import HiddenSet, Job, Params, Probe, Remark, Variant

Doctor = Callable[[bytes, Release, str], Repaired]
"""Repairs one submitted notebook against its release. NotebookError when the bytes are no notebook."""


def data_packs(course: Course, assignment: Assignment) -> dict[str, Pack]:
    """Return the assignment's data packs, fetched where they are not there yet. DataError when one cannot be had."""
    return {name: pack(course.root, name, course.setting) for name in assignment.packs}


CORRECT = "Correct it, then run the same command again."


@contextmanager
def _of_author(file: str, exercise: str) -> Iterator[None]:
    """Tell what an author's code raises as a fault of its exercise: trying again helps only when it is corrected."""
    try:
        yield
    except (AutograderError, OSError, MemoryError):  # the machine's: trying again may help
        raise
    except Exception as error:
        raise CourseError([Fault(file, exercise, f"its question cannot be made: {raised(error)}.", CORRECT)]) from error


@dataclass(frozen=True)
class Asked:
    """An exercise as one student is asked it. What it takes time to derive is derived when something needs it."""

    exercise: Exercise
    params: Params
    seed: int
    hidden: HiddenSet | None
    file: str  # of the exercise, within the course
    basis: str  # names all that its variant, its probe and the verdict on given evidence follow from; "" if not known

    @cached_property
    def variant(self) -> Variant:
        with _of_author(self.file, self.exercise.id):
            return variant(self.exercise, self.params, seed=self.seed, hidden=self.hidden)

    @cached_property
    def probe(self) -> Probe:
        asked = self.variant
        with _of_author(self.file, self.exercise.id):
            return self.exercise.checker.probe(asked)


@dataclass(frozen=True)
class Terms:
    """What concerns the whole class, read once. environment names what a run depends on beside its job."""

    course: Course
    assignment: Assignment
    doctor: Doctor
    environment: str
    packs: Mapping[str, Pack]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def secret(self) -> bytes:
        return secret(self.course.root)

    @cached_property
    def hidden(self) -> Mapping[tuple[str, bool], tuple[HiddenSet, str]]:
        """By pack, and whether it is for the end: a hidden set, and a name for it with its labels and all that a judge
        must know of the other packs."""
        extras = {name: found.facts for name, found in self.packs.items()}
        parted = self.assignment.schedule.final
        sets = {
            (name, final): replace(found.hidden, extras=extras, half=int(final) if parted else None)
            for name, found in self.packs.items() for final in (False, True)
        }  # fmt: skip
        return {n: (s, digest([s.setting, s.digest, s.labels, dict(s.extras), s.half])) for n, s in sets.items()}

    def is_final(self, student: str) -> bool:
        return self.assignment.schedule.is_final(student, self.now)

    @cached_property
    def definitions(self) -> Mapping[str, str]:
        return self.course.definitions(self.assignment)


@dataclass(frozen=True)
class Plan:
    """One submission, and what of it is asked."""

    terms: Terms
    submission: Submission
    held: Held
    asked: Mapping[str, Asked]
    where: Mapping[str, str]  # exercise -> notebook
    remarks: tuple[Remark, ...] = ()
    absent: tuple[str, ...] = ()  # added after the student fetched
    repairs: dict[str, tuple[Remark, ...]] = field(default_factory=dict)  # by notebook that was given to the doctor

    @property
    def student(self) -> str:
        return self.submission.student

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Those that are judged."""
        return tuple(name for name in self.held.judged.notebooks if name in self.held.fetched.notebooks)

    def asked_in(self, notebook: str) -> list[str]:
        return [e for e in self.asked if self.where[e] == notebook]

    def source(self, notebook: str, known: Known | None) -> str:
        """Name all that job().key is made of, and the language of repairs, without asking the doctor. The same name,
        the same key.

        known: of the run that is kept. A question that follows from the same as then is not derived again.
        """
        probes = []
        for name in self.asked_in(notebook):
            found = known.judged.get(name) if known else None
            same = found is not None and self.asked[name].basis == found.basis
            probes.append(found.probe if found is not None and same else self.asked[name].probe.digest)
        terms, assignment = self.terms, self.terms.assignment
        doctor = f"{terms.doctor.__module__}.{terms.doctor.__qualname__}"
        return digest(
            [code(), doctor, self.student, notebook, self.submitted(notebook), probes, self.held.fetched.content,
             self.held.judged.content, repr(assignment.limits), [terms.packs[p].digest for p in assignment.packs],
             terms.course.setting, terms.course.language, *assignment.resources.computed]
        )  # fmt: skip

    def submitted(self, notebook: str) -> str:
        return hashlib.sha256(self.submission.notebooks[notebook]).hexdigest()

    def job(self, notebook: str) -> Job:
        """Have the notebook repaired, and write down what to ask. NotebookError where nothing can be made of it."""
        terms, assignment, release = self.terms, self.terms.assignment, self.held.judged
        repaired = terms.doctor(self.submission.notebooks[notebook], self.held.fetched, notebook)
        self.repairs[notebook] = repaired.repairs
        moved = release is not self.held.fetched
        content = compact(transferred(repaired.notebook, self.held, notebook) if moved else repaired.notebook)
        asked = self.asked_in(notebook)
        probes = tuple(self.asked[e].probe for e in asked)
        tests = {e: release.tests[e] for e in asked if e in release.tests}
        key = digest(
            [self.student, content, [p.digest for p in probes], dict(release.files), repr(assignment.limits),
             [terms.packs[p].digest for p in assignment.packs], terms.course.setting, release.version,
             terms.environment, *([tests] if tests else []), *assignment.resources.computed]
        )  # fmt: skip
        return Job(
            id=f"{assignment.id}/{self.student}/{notebook}",
            notebook=content,
            user=self.student,
            probes=probes,
            files=release.files,
            limits=assignment.limits,
            packs=tuple(terms.packs[p].kernel for p in assignment.packs),
            key=key,
            tier=terms.course.tier,
            warm=terms.course.warm,
            resources=assignment.resources,
            tests=tests,
            language=terms.course.language,
        )


def plan(terms: Terms, submission: Submission, held: Held) -> Plan:
    """Derive what the student is asked.

    Nobody is asked what the release that they fetched never held, whatever release they are judged by.
    """
    assignment, fetched, release = terms.assignment, held.fetched, held.judged
    submission, renamed = named_as_released(submission, fetched.notebooks)
    given = fetched.cells.keys() & release.questions["exercises"].keys() & assignment.exercises.keys()
    where = {e: name for e, name in release.cells.items() if e in given and name in fetched.notebooks}
    asked = {e: _asked(terms, assignment.exercises[e], release, submission) for e in where}
    absent = tuple(e for e in held.newest.cells if e in assignment.exercises and e not in where)
    remarks = (*told(held, submission.student, assignment.exercises), *renamed)
    return Plan(terms, submission, held, asked, where, remarks, absent)


def _asked(terms: Terms, exercise: Exercise, release: Release, submission: Submission) -> Asked:
    entry = release.entry(exercise.id, submission.student)
    assert entry is not None, "exercises were taken from this release"
    # Hidden inputs differ from attempt to attempt, and cannot be known without the installation's secret. In the end
    # they are others than those that there was feedback on.
    final = terms.is_final(submission.student)
    place = f"{terms.assignment.id}/{exercise.id}/{submission.student}/{submission.sha256}{'/final' if final else ''}"
    seed = int.from_bytes(hmac.digest(terms.secret, place.encode(), hashlib.sha256)[:8])
    hidden, labels = terms.hidden[exercise.pack, final] if exercise.pack else (None, "")
    definition = terms.definitions.get(exercise.id, "")
    named = [code(), definition, entry["digest"], str(seed), labels, terms.course.language]
    basis = digest(named) if definition else ""
    file = terms.assignment.files[exercise.id].relative_to(terms.course.root).as_posix()
    return Asked(exercise, entry["params"], seed, hidden, file, basis)

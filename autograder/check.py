"""Tries a course out as students would meet it, and lists every fault with file, exercise and remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from autograder.content import FaultMaker, content_faults
from autograder.course import Assignment, Course
from autograder.data import DATASETS, stand_in
from autograder.errors import CourseError, Fault
from autograder.exercise import Checker, Exercise
from autograder.judge import cause, judge
from autograder.marks import marks
from autograder.pages import page_faults, prompt_faults
from autograder.pool import as_right, make_pool
from autograder.pool import variant as make_variant
from autograder.raised import raised
from autograder.sandbox import backends
from autograder.sources import notebook_faults, read_sources
from autograder.types import BACKENDS, Evidence, Misconception, Params, Unfit, Variant

TRIED = 25
"""Variants tried of each exercise: enough for what depends on the draw, and still a second for a course."""


def check_course(course: Course) -> tuple[Fault, ...]:
    """Return every fault that trying the course finds; load_course has found those of its structure before."""
    found = (fault for assignment in course.assignments.values() for fault in check_assignment(course, assignment))
    return (*_backend(course), *found)


def _backend(course: Course) -> Iterator[Fault]:
    """What notebooks compute with by setting; what they take anyway is there, or nothing would run."""
    for backend in sorted({assignment.resources.backend for assignment in course.assignments.values()}):
        if backend != BACKENDS[0] and (command := backends.missing(backend)):
            problem = f'backend is "{backend}", which the kernel\'s environment does not have.'
            yield Fault.in_toml(problem, f"Run: {command}")


def check_assignment(course: Course, assignment: Assignment) -> Iterator[Fault]:
    for exercise in () if assignment.plain else assignment.exercises.values():
        yield from check_exercise(course, assignment, exercise)
    for name in assignment.packs:
        if name not in DATASETS:
            yield Fault.in_toml(f"[assignments.{assignment.id}] packs names {name!r}.",
                        f"There is: {', '.join(DATASETS)}.")  # fmt: skip
    if assignment.plain:
        return  # its notebooks are nbgrader's own, and stay as they are
    notebooks, faults = read_sources(course, assignment)
    yield from faults
    yield from notebook_faults(assignment, notebooks)
    for name, notebook in notebooks.items():
        yield from page_faults(course, assignment, name, notebook)
    yield from _drift(assignment, notebooks)


def check_exercise(course: Course, assignment: Assignment, exercise: Exercise) -> Iterator[Fault]:
    file = assignment.files[exercise.id].relative_to(course.root).as_posix()

    def fault(problem: str, remedy: str) -> Fault:
        return Fault(file, exercise.id, problem, remedy)

    try:
        json.dumps(dict(exercise.checker.form()))
    except Exception as error:
        yield fault(f"the checker's form() cannot be released: {raised(error)}.", "Return JSON values only.")
    try:
        pool = make_pool(exercise, seed=0)
    except CourseError as error:
        found = list(_try_a_draw(course, exercise, fault))
        yield from found or (replace(f, file=file, exercise=exercise.id) for f in error.faults)
        return
    yield from content_faults(exercise, pool, fault)
    for params in pool[:TRIED]:
        found = list(_try(course, exercise, params, fault))
        yield from found
        if found:
            return  # the other variants would say the same
    yield from _unseen(course, exercise, pool, fault)
    yield from prompt_faults(course, assignment, exercise, file, _asked(exercise, pool[0]))


def _try_a_draw(course: Course, exercise: Exercise, fault: FaultMaker) -> Iterator[Fault]:
    """What keeps a pool from being drawn is mostly seen in a single draw, and told better there."""
    try:
        params = exercise.params(Random(0)) if exercise.params else dict(exercise.fixed)
    except Exception as error:
        yield fault(f"`params` raises: {raised(error)}.", "Correct the function that draws them.")
        return
    yield from _try(course, exercise, params, fault)


def _try(course: Course, exercise: Exercise, params: Params, fault: FaultMaker) -> Iterator[Fault]:
    shown = f" with parameters {json.dumps(dict(params))[:200]}" if params else ""
    try:
        _asked(exercise, params)
    except Exception as error:
        yield fault(
            f"the prompt cannot be shown{shown}: {raised(error)}.",
            "Name only parameters and fields of `show`.",
        )
    try:
        variant = _variant(course, exercise, params)
    except Exception as error:
        yield fault(f"`key` raises{shown}: {raised(error)}.", "Correct the key function.")
        return
    try:
        _digest = exercise.checker.probe(variant).digest
    except Exception as error:
        yield fault(
            f"what its checker asks cannot be drawn{shown}: {raised(error)}.",
            "Correct what you gave the checker to draw with, such as `cases`, `calls` or `inputs`.",
        )
        return  # nothing can be asked, and so nothing judged
    if exercise.checker.kind != "text":
        yield from _try_key(exercise, variant, shown, fault)
    blank = judge(exercise, variant, _as_asked(exercise, variant, Evidence("missing")))
    if blank.score != 0:
        yield fault(f"a blank answer scores {blank.score}{shown}.", "Correct the checker: blank is 0.")


def _try_key(exercise: Exercise, variant: Variant, shown: str, fault: FaultMaker) -> Iterator[Fault]:
    right = None
    try:
        answer, flaws = _answer(exercise.checker, variant, right=True)
    except Exception as error:
        yield fault(f"the key cannot be tried{shown}: {raised(error)}.", "Correct key or checker.")
    else:
        yield from (fault(f"`key` returns {flaw.problem}{shown}.", flaw.remedy) for flaw in flaws)
        if answer is not None:
            right = judge(exercise, variant, _as_asked(exercise, variant, answer))
    if right is not None and right.failed:  # our failure where students are judged, and the author's to correct here
        yield fault(f"the key cannot be tried{shown}: {cause(right)}.", "Correct key or checker.")
    elif right is not None and right.score != 1:
        why = right.message.rstrip(" .") + (f" ({right.note.rstrip(' .')})" if right.note else "")
        yield fault(f"the key itself scores {right.score}{shown}: {why}.", "Correct key or checker.")
    told_apart = right is not None and right.score == 1
    for misconception in exercise.slips:
        yield from _try_slip(exercise, variant, misconception, shown, fault, told_apart=told_apart)


def _try_slip(
    exercise: Exercise, variant: Variant, slip: Misconception, shown: str, fault: FaultMaker, *, told_apart: bool
) -> Iterator[Fault]:
    """told_apart: whether there is a sound key that the wrong one must differ from."""
    try:
        wrong = replace(variant, key=exercise.wrong_key(slip, variant.params))
        answer, flaws = _answer(exercise.checker, wrong, right=False)
        hidden = as_right(exercise.checker, slip, answer, variant) if told_apart and answer is not None else None
    except Exception as error:
        yield fault(f"misconception {slip.id!r} raises{shown}: {raised(error)}.", "Correct its wrong key.")
        return
    yield from (fault(f"misconception {slip.id!r} leads to {flaw.problem}{shown}.", flaw.remedy) for flaw in flaws)
    # Where parameters are drawn, the pool holds none in which a misconception equals the key.
    drawn = exercise.params is not None and not exercise.pack
    if hidden and not drawn:
        yield fault(f"{hidden.words}{shown}.", hidden.always)


def _answer(checker: Checker, variant: Variant, *, right: bool) -> tuple[Evidence | None, list[Unfit]]:
    """Return what somebody hands in who believes the key, None where a key is none; and what is wrong with it."""
    if unfit := checker.unfit(variant.key):
        return None, [unfit]
    answer = checker.answer(variant)
    flaws = list(checker.flaws(variant, answer, right=right))
    return (None if flaws else answer), flaws


def _asked(exercise: Exercise, params: Params) -> str:
    """Return the question as the student sees it."""
    return exercise.prompt.format(**{**params, **(exercise.show(params) if exercise.show else {})})


def _variant(course: Course, exercise: Exercise, params: Params) -> Variant:
    hidden = stand_in(exercise.pack, course.setting) if exercise.pack else None
    return make_variant(exercise, params, seed=1, hidden=hidden)


def _unseen(course: Course, exercise: Exercise, pool: Sequence[Params], fault: FaultMaker) -> Iterator[Fault]:
    """Parameters that change the answer but not the question. What changes neither is only not needed."""
    first, others = pool[0], pool[1:TRIED]
    for name in first if exercise.params else ():
        for other in others:
            changed = {**first, name: other.get(name, first[name])}
            try:
                if _asked(exercise, changed) == _asked(exercise, first) and _differ(course, exercise, first, changed):
                    yield fault(f"the answer depends on {name!r}, which the student is not shown.",
                                f"Put {{{name}}} into the prompt, or what `show` makes of it.")  # fmt: skip
                    break
            except Exception:  # a mix of two draws need make no sense
                continue


def _differ(course: Course, exercise: Exercise, params: Params, changed: Params) -> bool:
    """Whether the right answer to one is not right for the other."""
    asked, other = _variant(course, exercise, params), _variant(course, exercise, changed)
    answer = exercise.checker.answer(replace(asked, key=other.key))
    return judge(exercise, asked, _as_asked(exercise, asked, answer)).score != 1


def _as_asked(exercise: Exercise, variant: Variant, evidence: Evidence) -> Evidence:
    return replace(evidence, probe=exercise.checker.probe(variant).digest, variant=variant.digest)


def _drift(assignment: Assignment, notebooks: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    for name, notebook in notebooks.items():
        drifted = []
        every = marks(notebook["cells"], assignment.exercises)
        for number, (cell, wanted) in enumerate(zip(notebook["cells"], every, strict=True), start=1):
            if wanted is not None and cell.get("metadata", {}).get("nbgrader") != wanted:
                drifted.append(f"{number} ({wanted['grade_id']})")
        if drifted:
            yield Fault(
                f"source/{assignment.id}/{name}.ipynb", "",
                f"nbgrader's metadata is not in step with the exercises: cell {', '.join(drifted)}.",
                f"Run `autograder build {assignment.id}`.",
            )  # fmt: skip

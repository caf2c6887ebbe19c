"""Tries a course out as students would meet it, and lists every fault with file, exercise and remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from autograder.build import nbgrader_metadata, notebook_faults, read_sources
from autograder.course import Assignment, Course
from autograder.data import DATASETS
from autograder.digest import digest
from autograder.errors import CourseError, Fault
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.pool import make_pool
from autograder.pool import variant as make_variant
from autograder.types import Evidence, HiddenSet, Variant

TRIED = 25
"""Variants tried of each exercise: enough for what depends on the draw, and still a second for a course."""


def stand_in_set(setting: str = "full", n: int = 5000) -> HiddenSet:
    """Return a hidden set of random labels 0..9 and no images, to try a model exercise without training."""
    labels = np.random.default_rng(0).integers(0, 10, n)
    return HiddenSet("stand-in", setting, Path("/nonexistent/images.npy"), labels, digest(labels))


def check_course(course: Course) -> tuple[Fault, ...]:
    """Return every fault that trying the course finds; load_course has found those of its structure before."""
    return tuple(fault for assignment in course.assignments.values() for fault in check_assignment(course, assignment))


def check_assignment(course: Course, assignment: Assignment) -> Iterator[Fault]:
    for exercise in assignment.exercises.values():
        yield from check_exercise(course, assignment, exercise)
    for name in assignment.packs:
        if name not in DATASETS:
            yield Fault("course/course.toml", "", f"[assignments.{assignment.id}] packs names {name!r}.",
                        f"There is: {', '.join(DATASETS)}.")  # fmt: skip
    notebooks, faults = read_sources(course, assignment)
    yield from faults
    yield from notebook_faults(assignment, notebooks)
    yield from _drift(assignment, notebooks)


def check_exercise(course: Course, assignment: Assignment, exercise: Exercise) -> Iterator[Fault]:
    file = assignment.files[exercise.id].relative_to(course.root).as_posix()

    def fault(problem: str, remedy: str) -> Fault:
        return Fault(file, exercise.id, problem, remedy)

    try:
        json.dumps(dict(exercise.checker.form()))
    except Exception as error:
        yield fault(f"the checker's form() cannot be released: {error}.", "Return JSON values only.")
    try:
        pool = make_pool(exercise, seed=0)
    except CourseError as error:
        yield from (replace(f, file=file, exercise=exercise.id) for f in error.faults)
        return
    except Exception as error:
        yield fault(
            f"its pool cannot be drawn: {type(error).__name__}: {error}.", "Correct `params`, `key` or the slips."
        )
        return
    for params in pool[:TRIED]:
        found = list(_try(course, exercise, params, fault))
        yield from found
        if found:
            return  # the other variants would say the same


def _try(course: Course, exercise: Exercise, params: dict[str, Any], fault: Any) -> Iterator[Fault]:
    shown = f" with parameters {json.dumps(params)[:200]}" if params else ""
    try:
        fields = {**params, **(exercise.show(params) if exercise.show else {})}
        exercise.prompt.format(**fields)
    except Exception as error:
        yield fault(
            f"the prompt cannot be shown{shown}: {type(error).__name__}: {error}.",
            "Name only parameters and fields of `show`.",
        )
    hidden = stand_in_set(course.setting) if exercise.pack else None
    try:
        variant = make_variant(exercise, params, seed=1, hidden=hidden)
    except Exception as error:
        yield fault(f"`key` raises{shown}: {type(error).__name__}: {error}.", "Correct the key function.")
        return
    if exercise.checker.kind != "text":
        yield from _try_key(exercise, variant, shown, fault)
    blank = judge(exercise, variant, _as_asked(exercise, variant, Evidence("missing")))
    if blank.score != 0:
        yield fault(f"a blank answer scores {blank.score}{shown}.", "Correct the checker: blank is 0.")


def _try_key(exercise: Exercise, variant: Variant, shown: str, fault: Any) -> Iterator[Fault]:
    right = judge(exercise, variant, _as_asked(exercise, variant, exercise.checker.answer(variant)))
    if right.score != 1:
        yield fault(
            f"the key itself scores {right.score}{shown}: {right.message} {right.note}", "Correct key or checker."
        )
        return
    for misconception in exercise.slips:
        try:
            wrong = replace(variant, key=exercise.wrong_key(misconception, variant.params))
            verdict = judge(exercise, variant, _as_asked(exercise, variant, exercise.checker.answer(wrong)))
        except Exception as error:
            yield fault(
                f"misconception {misconception.id!r} raises{shown}: {type(error).__name__}: {error}.",
                "Correct its wrong key.",
            )
            continue
        if verdict.score == 1:
            yield fault(
                f"misconception {misconception.id!r} equals the key{shown}.",
                "Drop it, or draw parameters for which it differs.",
            )


def _as_asked(exercise: Exercise, variant: Variant, evidence: Evidence) -> Evidence:
    return replace(evidence, probe=exercise.checker.probe(variant).digest, variant=variant.digest)


def _drift(assignment: Assignment, notebooks: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    for name, notebook in notebooks.items():
        drifted = []
        for number, cell in enumerate(notebook["cells"], start=1):
            wanted = nbgrader_metadata(cell, assignment.exercises) if _known(cell, assignment) else None
            found = cell.get("metadata", {}).get("nbgrader")
            if wanted is not None and found != wanted:
                drifted.append(f"{number} ({wanted['grade_id']})")
        if drifted:
            yield Fault(
                f"source/{assignment.id}/{name}.ipynb", "",
                f"nbgrader's metadata is not in step with the exercises: cell {', '.join(drifted)}.",
                f"Run `autograder build {assignment.id}`.",
            )  # fmt: skip


def _known(cell: Mapping[str, Any], assignment: Assignment) -> bool:
    from autograder.build import exercise_of

    exercise = exercise_of(cell, assignment.exercises)
    return exercise is None or exercise in assignment.exercises

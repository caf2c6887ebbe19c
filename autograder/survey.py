"""What a course holds, counted: exercises, their variants and how much work these are, misconceptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from autograder.course import Course
from autograder.exercise import Exercise
from autograder.pool import make_pool
from autograder.types import Misconception, Params

EVEN = 1.25
"""How many times the steps of its easiest variant the hardest one of a pool may take. Who makes a slip in one of a
hundred steps gets 20 steps right with a chance of 82 %, and 25 with 78 %: no more than that is left to the draw."""


@dataclass(frozen=True)
class Effort:
    """Steps of a solution on paper, over the variants of a pool."""

    least: float
    median: float
    most: float

    @property
    def even(self) -> bool:
        return self.most <= EVEN * self.least


def effort(exercise: Exercise, pool: Sequence[Params]) -> Effort | None:
    """Return how much work the variants of the pool are; None where the exercise does not say."""
    if exercise.effort is None:
        return None
    steps = [float(exercise.effort(params)) for params in pool]
    return Effort(min(steps), float(median(steps)), max(steps))


@dataclass(frozen=True)
class Row:
    assignment: str
    exercise: str
    kind: str
    points: float
    variants: int
    effort: Effort | None
    misconceptions: int


def survey(course: Course) -> list[Row]:
    """Return a row for each exercise. CourseError if a pool cannot be filled."""
    rows = []
    for assignment in course.assignments.values():
        for exercise in assignment.exercises.values():
            pool = make_pool(exercise, seed=0)
            rows.append(
                Row(assignment.id, exercise.id, exercise.checker.kind, exercise.points, len(pool),
                    effort(exercise, pool), len(exercise.slips))
            )  # fmt: skip
    return rows


def distinct_misconceptions(course: Course) -> Mapping[str, Misconception]:
    """Return the misconceptions of all exercises by what they tell the student.

    A family of slips serves several exercises, and counts once; options of two quizzes may have one id, and count
    twice if they teach different things.
    """
    exercises = [e for assignment in course.assignments.values() for e in assignment.exercises.values()]
    return {slip.message: slip for exercise in exercises for slip in exercise.slips}

"""What can be wrong with one exercise that is seen without drawing a variant. `check.py` finds the rest by trying."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from autograder.errors import Fault
from autograder.exercise import Exercise
from autograder.types import Misconception
from handin import practice

_FIELDS: tuple[tuple[tuple[str, ...], Any, str], ...] = (
    (("id", "title", "prompt", "pack", "next"), str, "a text"),
    (("points",), int | float, "a number"),
    (("pool",), int, "a whole number"),
    (("fixed",), Mapping, "a dict"),
)


def wrong_kinds(file: str, exercise: Exercise) -> Iterator[Fault]:
    """Python checks no types: fields that hold another kind of thing than they should."""
    shown = exercise.id if isinstance(exercise.id, str) else ""
    for names, kind, words in _FIELDS:
        for name in names:
            value = getattr(exercise, name)
            if not isinstance(value, kind) or isinstance(value, bool):
                yield Fault(file, shown, f"`{name}` is {value!r}.", f"Give it {words}.")
    for name, needed in (("key", True), ("params", False), ("show", False), ("effort", False)):
        value = getattr(exercise, name)
        if not callable(value) and (needed or value is not None):
            yield Fault(file, shown, f"`{name}` is {value!r}.", "Give it a function.")
    try:
        sound = all(isinstance(misconception, Misconception) for misconception in exercise.slips)
    except (AttributeError, TypeError):
        sound = False
    if not sound:
        yield Fault(file, shown, "`checker` or `misconceptions` hold something else.",
                    "Give it a checker such as Numeric(exact=True), and a tuple of Misconception(...).")  # fmt: skip


def structure(file: str, exercise: Exercise) -> Iterator[Fault]:
    """Fields that cannot be meant as they are. Only for an exercise without wrong kinds."""

    def fault(problem: str, remedy: str) -> Fault:
        return Fault(file, exercise.id, problem, remedy)

    if not exercise.id or not all(c.isascii() and (c.isalnum() or c in "-_") for c in exercise.id):
        yield fault("the id must be letters, digits, - and _ only.", "Rename it: it becomes nbgrader's grade id.")
    if not 0 < exercise.points < math.inf:
        yield fault(f"it is worth {exercise.points} points.", "Give it a number above 0.")
    if exercise.params is not None and exercise.fixed:
        yield fault(
            "it has both `params` and `fixed`.", "Keep `params` for personal variants, `fixed` for one for all."
        )
    if exercise.params is not None and exercise.pool < 2:
        yield fault(f"its pool holds {exercise.pool}.", "A personal exercise needs a pool of 2 or more; 200 is usual.")
    try:
        named = {name for _, name, _, _ in Formatter().parse(exercise.prompt) if name is not None}
    except ValueError as error:
        yield fault(f"the prompt is no format string: {error}.", "Write {{ and }} for braces that are meant as such.")
        return
    if exercise.params is not None and not named:
        yield fault("variants differ, but the prompt shows no parameter.", "Put the parameters into it, as {name}.")
    if exercise.practice and not _may_be_practice(exercise):
        yield fault(
            "`practice` is for answers that are exact: an exact number, a quiz, a row of whole numbers.",
            "Drop `practice`, or ask for something exact.",
        )
    ids = [misconception.id for misconception in exercise.slips]
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        yield fault(f"two misconceptions have the id {twice!r}.", "Rename one.")
    for misconception in exercise.slips:
        if not misconception.message.strip():
            if misconception in exercise.misconceptions:
                yield fault(f"misconception {misconception.id!r} says nothing to the student.", "Write its message.")
            else:
                yield fault(f"{misconception.id!r} has no feedback.", "Say why it is wrong, not what is right.")
        if "+" in misconception.id:
            yield fault(
                f"misconception {misconception.id!r} has a + in its id.", "Pairs are written with it; rename it."
            )


def _may_be_practice(exercise: Exercise) -> bool:
    """Whether what check() says at once can be looked up by the answer: there is one way to be right."""
    kind = exercise.checker.kind
    row = bool(exercise.checker.form().get("entries"))
    return exercise.checker.exact and not exercise.pack and kind in practice.KINDS and (kind != "value" or row)

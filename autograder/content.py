"""What can be wrong with what an exercise says and asks: feedback that gives away, no rubric, uneven variants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from autograder.checkers.choice import Choice, Choices
from autograder.checkers.match import Match
from autograder.checkers.options import Item
from autograder.checkers.prose import Prose
from autograder.errors import Fault
from autograder.exercise import Exercise
from autograder.raised import raised
from autograder.survey import EVEN, effort
from autograder.types import SETTINGS, Misconception, Params

FaultMaker = Callable[[str, str], Fault]
"""Makes a fault of the exercise at hand from problem and remedy."""

_COUNTED = ("number", "value")
"""Kinds of answers that are computed step by step."""


def content_faults(exercise: Exercise, pool: Sequence[Params], fault: FaultMaker) -> Iterator[Fault]:
    yield from _quiz(exercise, fault)
    yield from _prose(exercise, pool[0], fault)
    yield from _uneven(exercise, pool, fault)
    yield from _steps(exercise, fault)


def _uneven(exercise: Exercise, pool: Sequence[Params], fault: FaultMaker) -> Iterator[Fault]:
    if exercise.effort is None:
        if exercise.params is not None and exercise.checker.kind in _COUNTED:
            yield fault("its variants differ, and nothing says that they are equally hard.",
                        "Add effort=, a function from the parameters to the number of steps on paper.")  # fmt: skip
        return
    try:
        found = effort(exercise, pool)
    except Exception as error:
        yield fault(f"`effort` raises: {raised(error)}.", "Correct it.")
        return
    if found and not found.even:
        yield fault(f"a variant takes {found.least:g} steps or {found.most:g}, as luck has it.",
                    f"Draw variants of which none takes more than {EVEN:g} times the steps of another.")  # fmt: skip


def _steps(exercise: Exercise, fault: FaultMaker) -> Iterator[Fault]:
    """A course is tried out in the small setting: what has no steps there fails only when a demo has been trained."""
    steps = getattr(exercise.checker, "steps", None)
    if not isinstance(steps, Mapping):
        return
    for setting in SETTINGS:
        if setting not in steps:
            measure = f"python -m bench.calibrate {exercise.id} --setting {setting}"
            yield fault(f"its checker has no steps for the setting {setting!r}.",
                        f"Add them to steps=; `{measure}` measures what is reached.")  # fmt: skip


def _quiz(exercise: Exercise, fault: FaultMaker) -> Iterator[Fault]:
    """Feedback on a wrong answer that says the right one word for word."""
    for misconception, right in _right_items(exercise):
        said = " ".join(f"{misconception.message} {misconception.next}".split()).casefold()
        if _quoted(right, said):
            yield fault(f"the feedback of {misconception.id!r} says the right answer: {right.text}.",
                        "Say why the wrong one is wrong, and leave the right one to be found.")  # fmt: skip


def _right_items(exercise: Exercise) -> Iterator[tuple[Misconception, Item]]:
    checker = exercise.checker
    if isinstance(checker, Choice | Choices):
        for misconception in checker.misconceptions:
            yield from ((misconception, option) for option in checker.options if option.right)
    elif isinstance(checker, Match):
        targets = {target.id: target for target in checker.targets}
        yield from ((m, targets[pair.to]) for m, pair in zip(checker.misconceptions, checker.pairs, strict=True))


def _quoted(right: Item, said: str) -> bool:
    """Whether a text names the item so that it can't be by chance: its id in quotes, or three words of it or more."""
    text = " ".join(right.text.split()).casefold().strip(".")
    if re.search(rf"[`'\"]{re.escape(right.id.casefold())}[`'\"]", said):
        return True
    return len(text.split()) > 2 and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", said) is not None


def _prose(exercise: Exercise, params: Params, fault: FaultMaker) -> Iterator[Fault]:
    if not isinstance(exercise.checker, Prose):
        return
    if not exercise.checker.rubric:
        yield fault("nothing says what a good answer says.", 'Add rubric=(Point("says that ..."), ...) to Prose.')
    try:
        sample = exercise.key(params, frozenset())
    except Exception:
        return  # reported where the key is tried
    if not isinstance(sample, str) or not sample.strip():
        yield fault("its sample answer is empty.", "Let `key` return an answer that earns all points, for staff.")

"""Evidence -> Verdict. Pure, and never raises: what goes wrong here is our failure, and waits for a person."""

from __future__ import annotations

import math
import traceback
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from autograder.exercise import Exercise
from autograder.raised import raised
from autograder.types import Evidence, Misconception, Probe, Variant, Verdict
from handin.words import _

Mistakes = tuple[Misconception, ...]


def judge(exercise: Exercise, variant: Variant, evidence: Evidence, probe: Probe | None = None) -> Verdict:
    """Return the checker's verdict, with the misconception that explains a wrong answer.

    probe: the variant's, where the caller has it.
    """
    try:
        if evidence.probe != (probe or exercise.checker.probe(variant)).digest:
            return Verdict(
                None, _("This exercise has changed since your work was run. It is going to be run again."),
                note="The evidence answers an older question: run it again.", needs_run=True,
            )  # fmt: skip
        if evidence.variant is not None and evidence.variant != variant.digest:
            return Verdict(
                None, _("This answers a question with other numbers than yours. A member of staff will look at it."),
                note=f"The answer names variant {evidence.variant[:32]!r}; this student's is {variant.digest!r}.",
            )  # fmt: skip
        verdict = exercise.checker.check(evidence, variant)
        if verdict.score is not None and not (math.isfinite(verdict.score) and 0 <= verdict.score <= 1):
            raise ValueError(f"the checker gave the score {verdict.score!r}")
    except Exception as error:
        return Verdict(
            None, _("Something went wrong on our side while this was graded. You lose nothing; staff have been told."),
            note=f"{raised(error)}\n{''.join(traceback.format_tb(error.__traceback__)[-3:])}"[:2000],
            failed=True,
        )  # fmt: skip
    if verdict.score is None or verdict.score == 1:
        return verdict
    verdict = replace(verdict, next=verdict.next or exercise.next)
    try:
        return _explained(exercise, variant, evidence, verdict)
    except Exception as error:
        return _noted(verdict, f"No misconception could be looked for: {raised(error)}"[:500])


def cause(failed: Verdict) -> str:
    """Return what judging raised, and where."""
    return failed.note.partition("\n")[0]


def _explained(exercise: Exercise, variant: Variant, evidence: Evidence, verdict: Verdict) -> Verdict:
    found = diagnose(exercise, variant, evidence)
    if not found:
        return verdict
    if len(found) > 1:
        return _noted(verdict, f"Could be any of: {', '.join(map(_name, found))}.")
    (mistakes,) = found
    # A checker's own are in the catalogue, and stand in English in the exercise; an author's are as they are.
    told = [_(m.message) for m in mistakes if m.message not in verdict.message]
    return replace(
        verdict,
        message="\n\n".join([verdict.message, *told]),
        misconception=_name(mistakes),
        next="\n\n".join(dict.fromkeys(_(m.next) for m in mistakes if m.next)) or verdict.next,
    )


def diagnose(exercise: Exercise, variant: Variant, evidence: Evidence) -> list[Mistakes]:
    """Return the fewest misconceptions that explain the evidence; several entries are a tie, which claims nothing."""
    if evidence.status != "ok":
        return []
    for candidates in (_singles(exercise), _pairs(exercise)):
        found = [mistakes for mistakes in candidates if _explains(exercise, variant, evidence, mistakes)]
        if found:
            return found
    return []


def _singles(exercise: Exercise) -> Iterator[Mistakes]:
    return ((misconception,) for misconception in exercise.slips)


def _pairs(exercise: Exercise) -> Iterator[Mistakes]:
    """Slips combine; and only exact answers can tell so many wrong keys apart."""
    slips = [m for m in exercise.slips if m.key is None] if exercise.checker.exact else []
    return combinations(slips, 2)


def _explains(exercise: Exercise, variant: Variant, evidence: Evidence, mistakes: Mistakes) -> bool:
    if len(mistakes) == 1:
        key = exercise.wrong_key(mistakes[0], variant.params)
    else:
        key = exercise.key(variant.params, frozenset(m.id for m in mistakes))
    return exercise.checker.explains(evidence, replace(variant, key=key))


def _name(mistakes: Mistakes) -> str:
    return "+".join(misconception.id for misconception in mistakes)


def _noted(verdict: Verdict, note: str) -> Verdict:
    return replace(verdict, note=f"{verdict.note}\n{note}".strip())

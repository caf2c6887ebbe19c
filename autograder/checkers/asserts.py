"""Graded cells of a plain nbgrader notebook: tests in the student's kernel, and answers that a person reads."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from math import isfinite
from typing import ClassVar

from autograder.checkers.base import Base, a, exception
from autograder.checkers.prose import Prose
from autograder.types import Evidence, Probe, Variant, Verdict
from handin.words import N_, _, ngettext

JUDGED = N_("The tests ran in your own notebook's kernel.")
WEAKER = "Judged by tests in the student's own kernel, as nbgrader does: the student's code could have influenced them."


@dataclass(frozen=True)
class Asserts(Base):
    """A cell of asserts, scored by nbgrader's rule: an error is 0; a number as the last result is that many points of
    the cell; anything else is full marks.

    Weaker than every other checker: tests and student share a kernel. Where nbgrader guesses or gives up, a person
    looks: at a result below 0, above the cell's points, or not finite. Text on stderr, which is 0 there, costs nothing
    here: libraries log to it.

    The key is what the cell is worth. Of a variant, params hold "given", the cell as released, and "hidden", whether
    tests were taken out of it.
    """

    kind: ClassVar[str] = "asserts"

    def probe(self, variant: Variant) -> Probe:
        return Probe(variant.exercise, "cell", variant.digest)

    def check(self, evidence: Evidence, variant: Variant) -> Verdict:
        verdict = self._raised(evidence, variant) if evidence.status == "raised" else super().check(evidence, variant)
        note = f"{WEAKER}\n{verdict.note}".strip()
        return Verdict(verdict.score, f"{verdict.message} {_(JUDGED)}", note, facts={"own_kernel": True})

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        value = evidence.value
        result = value.get("result", "") if type(value) is dict else ""
        if result is None:
            return Verdict(1.0, _("All tests of this cell passed."))
        if type(result) is not float:
            return Verdict(0.0, _("The tests of this cell did not run."))
        points = float(variant.key)
        if not (isfinite(result) and 0 <= result <= points):
            return Verdict(
                None,
                _("The tests gave a result that cannot be a number of points. A member of staff will look at it."),
                note=f"The last result was {result:g}; the cell is worth {points:g}.",
            )  # fmt: skip
        if result == points:
            return Verdict(1.0, _("All tests of this cell passed."))
        told = ngettext("The tests gave {n:g} of {all:g} point.", "The tests gave {n:g} of {all:g} points.", points)
        return Verdict(result / points, told.format(n=result, all=points))

    def unanswered(self, evidence: Evidence) -> Verdict:
        verdict = super().unanswered(evidence)
        if evidence.status != "missing":
            return verdict
        return Verdict(verdict.score, _("The tests of this cell did not run."), verdict.note)

    def _raised(self, evidence: Evidence, variant: Variant) -> Verdict:
        name, _colon, words = evidence.detail.partition(": ")
        error = exception(evidence)
        told = _("A test did not pass.") if error == "AssertionError" else _("The tests stopped with an error.")
        if error and error != "AssertionError":
            told = _("The tests stopped with {error}.").format(error=a(error))
        if words and _may_be_told(words, variant):
            told += " " + _("The message was: {words}").format(words=words)
        return Verdict(0.0, told, note=f"raised: {name}: {words}"[:500].rstrip(": "))

    def answer(self, variant: Variant) -> Evidence:
        return self.answered(variant, {"result": None})


@dataclass(frozen=True)
class ByHand(Base):
    """An answer in words or code, or a task anywhere in the notebook: a person grades it; left as released it is 0.

    The key is the author's own answer, for staff. Of a variant, params hold "given", the cell as released; of a task,
    whose cell nobody writes in, nothing.
    """

    kind: ClassVar[str] = "text"

    def probe(self, variant: Variant) -> Probe:
        return Probe(variant.exercise, "text", variant.digest)

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        verdict = Prose(starter=str(variant.params.get("given", ""))).judge(evidence, variant)
        return verdict if verdict.score is None else Verdict(0.0, _("There is no answer here yet."))

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        return False

    def answer(self, variant: Variant) -> Evidence:
        return self.answered(variant, variant.key)


def _may_be_told(words: str, variant: Variant) -> bool:
    """Whether a message gives nothing away: its cell hides nothing, or it stands in the cell as the student has it."""
    if not variant.params.get("hidden"):
        return True
    try:
        tree = ast.parse(str(variant.params.get("given", "")))
    except (SyntaxError, ValueError):  # magic commands are no Python
        return False
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return any(isinstance(text, str) and text.split() == words.split() for text in texts)

"""What every checker shares: the verdicts that do not depend on the question, and small helpers."""

from __future__ import annotations

import builtins
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from autograder.types import Evidence, Json, Misconception, Probe, Unfit, Variant, Verdict
from handin import wire
from handin.words import N_, _

_NOT_OK: Mapping[str, tuple[float | None, str]] = {
    "missing": (0.0, N_("There is no answer here yet.")),
    "raised": (0.0, N_("Your code stopped with an error before it could give an answer.")),
    "timeout": (0.0, N_("Your code used up its time before it gave an answer. Is there a loop that never ends?")),
    "memory": (0.0, N_("Your code used up its memory before it gave an answer. Try it with something smaller first.")),
    "disk": (
        0.0,
        N_("Your code made too many files before it gave an answer. Remove those that are no longer needed."),
    ),
    "output": (0.0, N_("Your code printed so much, or so oddly, that it was stopped. Print a few values instead.")),
    "crashed": (
        0.0,
        N_("The kernel died before your code gave an answer. Restart it, run all, and see where it stops."),
    ),
    "unreadable": (
        0.0,
        N_("What you handed in could not be read as an answer. Hand in a value of the kind asked for."),
    ),
    "refused": (None, N_("Your answer was kept but not opened. A member of staff will look at it.")),
    "ambiguous": (None, N_("Your answer can be read in more than one way. A member of staff will look at it.")),
}

_STOPPED = N_("Restart the kernel, run all cells, and mend the first one that stops.")


class Base(ABC):
    """Defaults of a checker. What remains to be written is `kind`, `judge` and `answer`, and `probe` where it asks for
    more than a value.

    exact: wrong keys are matched without a tolerance, so that pairs of slips may be tried, too.
    """

    exact: bool = False

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        return ()

    def form(self) -> Mapping[str, Json]:
        return {}

    def probe(self, variant: Variant) -> Probe:
        return _value(variant.exercise, variant.digest)

    def check(self, evidence: Evidence, variant: Variant) -> Verdict:
        return self.judge(evidence, variant) if evidence.status == "ok" else self.unanswered(evidence)

    @abstractmethod
    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        """Judge evidence that holds an answer."""

    @abstractmethod
    def answer(self, variant: Variant) -> Evidence:
        """The evidence that a student who believes variant.key would hand in."""

    def unanswered(self, evidence: Evidence) -> Verdict:
        """Return the verdict of evidence that holds no answer: what its status alone decides."""
        score, message = _NOT_OK.get(evidence.status, (None, _NOT_OK["refused"][1]))
        message = _(message)
        if evidence.status == "raised":
            message = "\n\n".join([" ".join(filter(None, (message, _told(evidence)))), _(_STOPPED)])
        return Verdict(score, message, note=f"{evidence.status}: {evidence.detail}"[:500].rstrip(": "))

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        """Whether somebody who believes variant.key (a wrong one) would hand in just this."""
        return self.check(evidence, variant).score == 1.0

    def unfit(self, key: Any) -> Unfit | None:
        """What keeps this key, right or wrong, from being an answer at all; None where it is one."""
        return None

    def flaws(self, variant: Variant, answer: Evidence, *, right: bool) -> Iterator[Unfit]:
        """What else an author should correct that is seen by trying a key, right or that of a misconception."""
        return iter(())

    def answered(self, variant: Variant, value: Any) -> Evidence:
        """Evidence as it comes back from a kernel in which the answer was `value`."""
        return Evidence("ok", plain(value), probe=self.probe(variant).digest, variant=variant.digest)


@lru_cache(maxsize=16)
def _value(exercise: str, variant: str) -> Probe:
    """One for all keys that somebody may believe in: its digest is worked out once."""
    return Probe(exercise, "value", variant)


def exception(evidence: Evidence) -> str:
    """Return the name of the exception that the student's code raised if it is one of Python's own, else "".

    A class of the student's own could carry anything in its name, hidden inputs too.
    """
    name = str(evidence.detail).partition(":")[0].strip()
    kind = getattr(builtins, name, None) if name.isidentifier() else None
    return name if isinstance(kind, type) and issubclass(kind, Exception) else ""


def _told(evidence: Evidence) -> str:
    """Name the error that the student's code stopped with; in its own words where they can give nothing away."""
    if evidence.facts.get("quotable") is True and evidence.detail:
        # Backticks set code; one of the student's own would end it.
        words = evidence.detail[:200].replace("`", "'")
        return _("The error was: {words}").format(words=f"`{words}`")
    error = exception(evidence)
    return _("The error was {error}.").format(error=a(error)) if error else ""


def plain(value: Any) -> Any:
    """Return the value as it is after its way out of a sandbox: NumPy scalars become Python's, and so on."""
    return wire.decode(wire.encode(value), limit=1 << 30)


def no_function(key: Any) -> Unfit | None:
    return None if callable(key) else Unfit(f"{shown(key)}, and no function", "Let it return a function.")


def shown(key: Any) -> str:
    """Return a key that is of the wrong kind as a message shows it."""
    text = repr(key)
    return text if len(text) <= 200 else f"{text[:197]}..."


def a(noun: str) -> str:
    """Name an error with its article: other languages have articles of their own."""
    told = _("an {error}") if noun[:1].lower() in "aeiou" else _("a {error}")
    return told.format(error=noun)

"""A function of the student's, called on inputs that the student never sees."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any, ClassVar, cast

import numpy as np

from autograder.checkers.base import Base, a, exception, no_function, plain
from autograder.raised import raised
from autograder.same import Same
from autograder.types import Call, Evidence, Json, Probe, Status, Unfit, Variant, Verdict
from handin import wire
from handin.words import N_, _

STOPPED: Mapping[Status, str] = {
    "timeout": N_("it took too long"),
    "memory": N_("it used up the memory"),
    "disk": N_("it made too many files"),
    "output": N_("it printed far too much"),
    "crashed": N_("the kernel died"),
    "missing": N_("it was not reached"),
    "unreadable": N_("what it returned is no plain value"),
}


@dataclass(frozen=True)
class Group:
    """Inputs of one kind. A group earns its weight when every one of its cases is right.

    name: the kind, so that it fits after "for": "an empty list", "kernels that are not square".
    cases: calls, or a function that draws them; it is given a Random of the variant's own secret seed.
    """

    name: str
    cases: tuple[Call, ...] | Callable[[Random], Iterable[Call]]
    weight: float = 1.0


@dataclass(frozen=True)
class Function(Base):
    """The key is a reference function: called like the student's, it returns what is expected, or raises it. One that
    raises a bare Exception stands for any exception.

    tolerance: for floats, relative to the expected value (to the largest one of an array) and at least absolute.
    average: in place of tolerance, and relative to the same: by how much arrays of floats may differ on average. For
    what can be done well in more than one way, such as making photos smaller.
    dtype: arrays must have the type of the expected ones, too.
    """

    groups: tuple[Group, ...]
    signature: str = ""  # shown to students: "count_parameters(channels, layers)"
    tolerance: float = 1e-6
    average: float | None = None
    dtype: bool = True
    seconds: float = 5.0  # for one call

    kind: ClassVar[str] = "function"
    exact = True

    def __post_init__(self) -> None:
        if not self.groups or any(group.weight <= 0 for group in self.groups):
            raise ValueError("Function needs groups of cases, each of a weight above 0.")

    def form(self) -> Mapping[str, Json]:
        return {"signature": self.signature}

    def probe(self, variant: Variant) -> Probe:
        calls = tuple(call for _, cases in self._cases(variant) for call in cases)
        return Probe(variant.exercise, "calls", variant.digest, calls, self.seconds)

    def unanswered(self, evidence: Evidence) -> Verdict:
        if evidence.status == "unreadable":
            return Verdict(0.0, _("This is not a function. Hand in the function itself, without calling it."))
        return super().unanswered(evidence)

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        got = iter(evidence.calls)
        passed: list[Group] = []
        failed: list[tuple[Group, str]] = []
        for group, cases in self._cases(variant):
            why = [self._compare(next(got, Evidence("missing")), call, variant.key) for call in cases]
            if reason := next(filter(None, why), ""):
                failed.append((group, reason))
            else:
                passed.append(group)
        # Not 1 - lost / all: the sum of all weights must come out as exactly 1.
        score = sum(g.weight for g in passed) / sum(g.weight for g in self.groups) if failed else 1.0
        return Verdict(score, _words(passed, failed))

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        # As full marks, but most wrong keys are done with after one call, and then no more are drawn.
        got = iter(evidence.calls)
        return not any(
            self._compare(next(got, Evidence("missing")), call, variant.key)
            for _, cases in self._cases(variant)
            for call in cases
        )

    def unfit(self, key: Any) -> Unfit | None:
        return no_function(key)

    def answer(self, variant: Variant) -> Evidence:
        probe = self.probe(variant)
        calls = tuple(_expected(Same(variant.key, call)) for call in probe.calls)
        return Evidence("ok", calls=calls, probe=probe.digest, variant=variant.digest)

    def flaws(self, variant: Variant, answer: Evidence, *, right: bool) -> Iterator[Unfit]:
        calls = self.probe(variant).calls
        errors = list(raising(variant.key, calls, answer.calls))
        flaws = list(never_meant(errors))
        if right and not flaws and len(errors) == len(calls):
            flaws = [Unfit(f"a function that raises on every case, first {raised(errors[0])}",
                           "Correct it, or add cases in which it returns something.")]  # fmt: skip
        yield from flaws

    def _cases(self, variant: Variant) -> Iterator[tuple[Group, tuple[Call, ...]]]:
        for group in self.groups:
            cases = group.cases
            drawn = tuple(cases(Random(f"{variant.seed}/{variant.digest}/{group.name}"))) if callable(cases) else cases
            if not drawn:
                raise ValueError(f"the group {group.name!r} has no case, so that nothing would be compared")
            yield group, drawn

    def _compare(self, got: Evidence, call: Call, reference: Callable[..., Any]) -> str:
        """Return why the answer to one call is not right; "" if it is."""
        expected = _expected(Same(reference, call))
        if expected.status == "raised":
            name = exception(expected)
            if not name:
                raise ValueError(f"the reference raised {expected.detail}, which is none of Python's own exceptions")
            raised = got.status == "raised" and (name == "Exception" or exception(got) == name)
            return "" if raised else _("it should raise {error}").format(error=a(name))
        if got.status != "ok":
            return stopped(got)
        return compare(got.value, expected.value, self.tolerance, self.dtype, self.average)


def stopped(call: Evidence) -> str:
    """Return in a few words why there is no result of a call."""
    if call.status != "raised":
        return _(STOPPED[call.status]) if call.status in STOPPED else _("it gave no result")
    name = exception(call)
    return _("it raised {error}").format(error=a(name)) if name else _("it raised an error of its own")


def compare(value: Any, expected: Any, tolerance: float, dtype: bool = True, average: float | None = None) -> str:
    """Return in a few words how a value differs from the expected plain value; "" if it doesn't.

    Lists and tuples are alike, and so are whole numbers, int or float. Types are looked at exactly, so that no method
    is ever called that does not come from Python or NumPy.
    """
    if type(expected) is np.ndarray:
        return _compare_arrays(value, expected, tolerance, dtype, average)
    if type(expected) in (int, float):
        if type(value) not in (int, float):
            return _("it returned nothing") if value is None else _("it returned a different type")
        return "" if _near(value, expected, tolerance) else _("the result is different")
    if type(expected) in (list, tuple):
        if type(value) not in (list, tuple):
            return _("it returned nothing") if value is None else _("it returned a different type")
        if len(value) != len(expected):
            return _("the result has a different length")
        pairs = zip(value, expected, strict=True)
        return next(filter(None, (compare(v, e, tolerance, dtype, average) for v, e in pairs)), "")
    if type(expected) is dict:
        if type(value) is not dict:
            return _("it returned nothing") if value is None else _("it returned a different type")
        if value.keys() != expected.keys():
            return _("the result has different keys")
        return next(filter(None, (compare(value[k], e, tolerance, dtype, average) for k, e in expected.items())), "")
    if type(value) is not type(expected):  # bool, str, None
        return _("it returned nothing") if value is None else _("it returned a different type")
    return "" if value == expected else _("the result is different")


def _near(value: float, expected: float, tolerance: float) -> bool:
    if type(expected) is int or value == expected:
        return value == expected
    try:
        nan = math.isnan(value) and math.isnan(expected)
        return nan or abs(value - expected) <= tolerance * max(1.0, abs(expected))
    except OverflowError:  # an int beyond every float
        return False


def _compare_arrays(value: Any, expected: Any, tolerance: float, dtype: bool, average: float | None) -> str:
    if type(value) is not np.ndarray or value.dtype.kind not in "biuf":
        return _("it returned nothing") if value is None else _("it returned no array of numbers")
    if value.shape != expected.shape:
        return _("the result has a different shape")
    if dtype and value.dtype != expected.dtype:
        return _("the result has a different dtype")
    if expected.dtype.kind != "f":
        return "" if np.array_equal(value, expected) else _("some of the values are different")
    finite = expected[np.isfinite(expected)]
    largest = max(1.0, float(np.abs(finite).max(initial=0.0)))
    if average is not None and expected.size:
        with np.errstate(all="ignore"):  # a student's numbers may be of any size
            same = bool(np.mean(np.abs(value - expected)) <= average * largest)
        return "" if same else _("the values are different")
    slack = tolerance * largest
    same = np.allclose(value.astype(float), expected.astype(float), rtol=0.0, atol=slack, equal_nan=True)
    return "" if same else _("some of the values are different")


def called(function: Callable[..., Any], call: Call) -> Evidence:
    try:
        return _result(function, call)
    except Exception as error:
        return Evidence("raised", detail=type(error).__name__)


def raising(function: Callable[..., Any], calls: Iterable[Call], made: Sequence[Evidence]) -> Iterator[Exception]:
    """Yield what the calls raise of which the evidence says that they do."""
    for call, evidence in zip(calls, made, strict=True):
        if evidence.status == "raised":
            try:
                _result(function, call)
            except Exception as error:
                yield error


def never_meant(errors: Iterable[Exception]) -> Iterator[Unfit]:
    """A key may raise what the student's function should raise; but a name that does not exist is a slip of the pen."""
    error = next((error for error in errors if isinstance(error, NameError | ImportError)), None)
    if error is not None:
        yield Unfit(f"a function that raises {raised(error)}", "Correct the function.")


def _result(function: Callable[..., Any], call: Call) -> Evidence:
    given = wire.encode((tuple(call.args), dict(call.kwargs)))
    args, kwargs = cast("Any", wire.decode(given, limit=1 << 30))  # copies: a function may change what it is given
    files = [dict(call.files)] if call.files else []
    result = plain(function(*files, *args, **kwargs))
    return Evidence("ok", result, facts={} if wire.encode((args, kwargs)) == given else {"changed": True})


@lru_cache(maxsize=512)
def _expected(asked: Same) -> Evidence:
    """An answer is compared with many wrong keys: an exercise that gives the same functions and calls saves time."""
    reference, call = asked.objects
    return called(reference, call)


def _words(passed: list[Group], failed: list[tuple[Group, str]]) -> str:
    if not failed:
        return _("Right, for every kind of input that was tried.")
    right = _("Right for: {kinds}.").format(kinds="; ".join(group.name for group in passed)) + "\n\n" if passed else ""
    reasons = "\n".join(f"- {group.name}: {reason}" for group, reason in failed)
    return right + _("Not right yet for:") + f"\n\n{reasons}"

"""A number, with its unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any, ClassVar

from autograder.checkers.base import Base, shown
from autograder.types import Evidence, Json, Unfit, Variant, Verdict
from handin import numbers
from handin.numbers import Reading
from handin.words import _, language

_CLAIM = Fraction(5, 1000)
"""How far, relatively, an answer may lie from the wrong key that is said to explain it, if its digits leave room for
that much: enough for answers of three digits, too little for random ones of two (`autograder slips` measures both)."""


@dataclass(frozen=True)
class Numeric(Base):
    """The key is a number in `unit`; "" stands for a plain number.

    Say at least one of: exact; relative, a fraction of the key; absolute, in the unit; digits, the significant figures
    in which answer and key must agree. Of several, the most generous counts.
    unit_share: what the right number earns in a wrong unit, or without one. bare: a number without a unit is read in
    the unit that the question asks for. direction: a wrong answer may be told that it is too large or too small.
    """

    kind: ClassVar[str] = "number"

    exact: bool = False
    relative: float = 0.0
    absolute: float = 0.0
    digits: int = 0
    unit: str = ""
    unit_share: float = 0.5
    bare: bool = False
    direction: bool = False

    def __post_init__(self) -> None:
        loose = self.relative > 0 or self.absolute > 0 or self.digits > 0
        if self.exact == loose:
            raise ValueError("Numeric needs exact=True, or relative, absolute or digits above 0.")
        if not 0 <= self.unit_share < 1:
            raise ValueError("unit_share must be at least 0 and below 1.")
        if self.unit and not numbers.is_unit(self.unit):
            raise ValueError(f"{self.unit!r} is not a unit that answers can be read in.")

    def form(self) -> Mapping[str, Json]:
        return {"unit": self.unit, "bare": self.bare}

    def judge(self, evidence: Evidence, variant: Variant) -> Verdict:
        reading = _read(evidence.value)
        if reading.value is None:
            score = None if reading.kind == "ambiguous" else 0.0
            return Verdict(score, reading.problem or _("This answer cannot be read as a number."), note=reading.kind)
        value, key = numbers.meant(reading, self.unit, self.bare), _exactly(variant.key)
        if value is not None and self._accepts(value, key):
            return Verdict(1.0, _("Right."), read=self._read_as(reading))
        if value != _exactly(reading.value) and self._accepts(_exactly(reading.value), key):
            return Verdict(self.unit_share, self._unit_words(reading), read=self._read_as(reading))
        message = _("This is not the right number.")
        if self.direction and value is not None:
            message = _("This is too large.") if value > key else _("This is too small.")
        if value is None and reading.unit is not None:
            told = _("{unit} does not fit the question either: it asks for {asked}.")
            message += " " + told.format(unit=reading.unit, asked=self._asked)
        return Verdict(0.0, message, read=self._read_as(reading))

    def explains(self, evidence: Evidence, variant: Variant) -> bool:
        if evidence.status != "ok":
            return False
        value, slack = _meant(evidence.value, self.unit, self.bare)
        if value is None:
            return False
        key = _exactly(variant.key)
        if self.exact:
            return value == key
        apart = abs(value - key)
        return apart <= slack and apart <= _CLAIM * abs(key)

    def unfit(self, key: Any) -> Unfit | None:
        try:
            _exactly(key)
        except Exception:  # it may be anything
            return Unfit(f"{shown(key)}, and no number", "Let it return a number.")
        return None

    def answer(self, variant: Variant) -> Evidence:
        key = float(variant.key) if isinstance(variant.key, Fraction) else variant.key
        return self.answered(variant, f"{key} {self.unit}" if self.unit else key)

    @property
    def _asked(self) -> str:
        return self.unit or _("a plain number")

    def _accepts(self, value: Fraction, key: Fraction) -> bool:
        slack = max(Fraction(str(self.absolute)), Fraction(str(self.relative)) * abs(key))
        if self.digits:
            slack = max(slack, _last_place(key, self.digits) / 2)
        return value == key if self.exact else abs(value - key) <= slack

    def _read_as(self, reading: Reading) -> str:
        return f"{reading.shown} {self.unit}" if reading.unit is None and self.unit and self.bare else reading.shown

    def _unit_words(self, reading: Reading) -> str:
        if reading.unit is None:
            told = _("The number is right, but its unit is missing. The question asks for {asked}.")
        else:
            told = _("The number is right, but {unit} is not its unit. The question asks for {asked}.")
        return told.format(unit=reading.unit, asked=self._asked)


def _kept(answer: Any) -> bool:
    """Whether what is worked out for it may be kept: judging under every wrong key looks at one answer dozens of times.

    By exact type, for a subclass may hash as it likes; and nothing large, for an answer may be as large as it likes.
    """
    if type(answer) is str:
        return len(answer) <= numbers.MAX_TEXT
    return type(answer) is float or (type(answer) is int and answer.bit_length() <= 1024)


@lru_cache(maxsize=1024, typed=True)
def _read_scalar(answer: int | float | str, language: str) -> Reading:
    """language: what was read is said in it."""
    return numbers.read(answer)


def _read(answer: Any) -> Reading:
    return _read_scalar(answer, language()) if _kept(answer) else numbers.read(answer)


@lru_cache(maxsize=1024, typed=True)
def _meant_by_scalar(answer: int | float | str, unit: str, bare: bool) -> tuple[Fraction | None, Fraction]:
    return _worked_out(_read(answer), unit, bare)


def _meant(answer: Any, unit: str, bare: bool) -> tuple[Fraction | None, Fraction]:
    """Return the answer in the unit of the question, and how far off the truth its digits leave it."""
    return _meant_by_scalar(answer, unit, bare) if _kept(answer) else _worked_out(_read(answer), unit, bare)


def _worked_out(reading: Reading, unit: str, bare: bool) -> tuple[Fraction | None, Fraction]:
    value = numbers.meant(reading, unit, bare)
    return (None, Fraction(0)) if value is None else (value, _precision(reading, value))


def _exactly(number: Any) -> Fraction:
    number = number.item() if hasattr(number, "item") else number  # NumPy's numbers are not Python's
    return _exact(number) if _kept(number) else numbers.exactly(number)


_exact = lru_cache(maxsize=1024, typed=True)(numbers.exactly)


def _precision(reading: Reading, value: Fraction) -> Fraction:
    """Return half a unit in the last digit that the student gave, as far as it can be seen."""
    digits = reading.digits
    if digits is None:
        text = repr(reading.value) if isinstance(reading.value, float) and isfinite(reading.value) else ""
        digits = len(Decimal(text).as_tuple().digits) if text else 17
    return max(_last_place(value, digits) / 2, abs(value) / 10**9)


def _last_place(number: Fraction, digits: int) -> Fraction:
    """Return the worth of the last of so many significant digits."""
    if number == 0:
        return Fraction(0)
    exponent = (Decimal(number.numerator) / number.denominator).adjusted()  # not log10: a float may be too small for it
    return Fraction(10) ** (exponent - digits + 1)

"""The grammar of numbers and units, as students write them."""

from __future__ import annotations

import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handin import units
from handin.numbers import in_unit, is_unit, read, read_row

NBSP, THIN, NARROW = "\u00a0", "\u2009", "\u202f"

READ: list[tuple[object, object, str | None]] = [
    (903400, 903400, None),
    (12.6, 12.6, None),
    (-3, -3, None),
    (np.int64(5), 5, None),
    (np.float64(12.5), 12.5, None),
    (np.float32(0.5), 0.5, None),
    (np.array(7), 7, None),
    (np.array([7]), 7, None),
    (np.array([[7.5]]), 7.5, None),
    ([7], 7, None),
    ((7,), 7, None),
    (["12.6 MB"], Fraction("12.6"), "MB"),
    ("903400", 903400, None),
    ("903,400", 903400, None),
    ("903 400", 903400, None),
    (f"903{NBSP}400", 903400, None),
    (f"903{THIN}400", 903400, None),
    (f"903{NARROW}400", 903400, None),
    ("903_400", 903400, None),
    ("9034_00", 903400, None),
    ("903'400", 903400, None),
    ("903\u2019400", 903400, None),
    ("1,234,567.89", Fraction("1234567.89"), None),
    ("0.9034 million", 903400, None),
    ("1.5 thousand", 1500, None),
    ("2 billion", 2 * 10**9, None),
    ("903.4k", 903400, None),
    ("0.9034M", 903400, None),
    ("9.034e5", 903400, None),
    ("9.034E+5", 903400, None),
    ("9.034 x 10^5", 903400, None),
    ("9.034 × 10^5", 903400, None),
    ("9.034·10⁵", 903400, None),
    ("9.034*10**5", 903400, None),
    ("5 x 10^-3", Fraction(5, 1000), None),
    ("5·10⁻³", Fraction(5, 1000), None),
    ("1e-3", Fraction(1, 1000), None),
    (".5", Fraction(1, 2), None),
    ("5.", 5, None),
    ("007", 7, None),
    ("+7", 7, None),
    ("-7", -7, None),
    ("−7", -7, None),
    ("– 7", -7, None),
    ("1/3", Fraction(1, 3), None),
    ("6/3", 2, None),
    ("９０３４００", 903400, None),
    ("  42\n", 42, None),
    ('"42"', 42, None),
    ("`42`", 42, None),
    ("$42$", 42, None),
    ("= 42", 42, None),
    ("total = 42", 42, None),
    ("Answer: about 12.6 MB", Fraction("12.6"), "MB"),
    ("≈ 42", 42, None),
    ("about 42", 42, None),
    ("approx. 42", 42, None),
    ("ca. 42.", 42, None),
    ("903,400 parameters", 903400, "parameters"),
    ("903,400 trainable parameters", 903400, "parameters"),
    ("903,400 parameters in total", 903400, "parameters"),
    ("0.9 million weights", 900000, "weights"),
    ("12.6 MB", Fraction("12.6"), "MB"),
    ("12.6MB", Fraction("12.6"), "MB"),
    ("about 12.6 MB.", Fraction("12.6"), "MB"),
    ("≈ 12.6 MB", Fraction("12.6"), "MB"),
    ("12.6 MB of RAM", Fraction("12.6"), "MB"),
    ("12.6 Mbytes", Fraction("12.6"), "MB"),
    ("12.6 megabytes", Fraction("12.6"), "MB"),
    ("12.6 mB", Fraction("12.6"), "MB"),
    ("12.03 MiB", Fraction("12.03"), "MiB"),
    ("12.03 mebibytes", Fraction("12.03"), "MiB"),
    ("12600 kB", 12600, "kB"),
    ("12600 KB", 12600, "kB"),
    ("12,600,000 bytes", 12600000, "B"),
    ("12.6 million bytes", 12600000, "B"),
    ("1 byte", 1, "B"),
    ("8 bits", 8, "bit"),
    ("100 Mbit", 100, "Mbit"),
    ("100 Mb", 100, "Mbit"),
    ("100 megabits", 100, "Mbit"),
    ("4 Kib", 4, "Kibit"),
    ("99.2 %", Fraction("99.2"), "%"),
    ("99.2%", Fraction("99.2"), "%"),
    ("99 percent", 99, "%"),
    ("5 s", 5, "s"),
    ("5 seconds", 5, "s"),
    ("5 ms", 5, "ms"),
    ("5 min", 5, "min"),
    ("28 pixels", 28, "pixels"),
    ("3 kg", 3, "kg"),
]


@pytest.mark.parametrize(("answer", "value", "unit"), READ, ids=lambda v: repr(v)[:30])
def test_a_number_is_read_as_it_was_meant(answer: object, value: object, unit: str | None) -> None:
    reading = read(answer)
    assert (reading.kind, reading.value, reading.unit, reading.problem) == ("ok", value, unit, None)
    assert type(reading.value) is type(value)


BLANK: list[object] = [
    None,
    ...,
    "",
    "   ",
    "\n",
    "...",
    "…",
    "?",
    "TODO",
    "your answer here",
    "-",
    [],
    (),
    np.array([]),
]


@pytest.mark.parametrize("answer", BLANK, ids=repr)
def test_a_blank_is_missing(answer: object) -> None:
    assert read(answer).kind == "missing"


AMBIGUOUS: list[object] = [
    "1.234,5", "12,6", "1,23", "12,60", "0,500", "12 or 13", "12 13", "903, 400", "903  400", "1,234 567", "1.2.3",
    "3,4,5", "12.6 mb", "100 kb", "8 b", "12-13", "3+4", "2^10", "200 x 300", "9 x 10e5", "(903, 400)", (903, 400),
    [1, 2], np.array([1, 2]), "12.6 foo", "12.6 e", "12.6 MB/s", "12.6 MB!", "(12.6)",
    "3 layers of 5", "12.6 __import__('os')",
]  # fmt: skip


@pytest.mark.parametrize("answer", AMBIGUOUS, ids=repr)
def test_what_can_be_meant_in_two_ways_is_asked_about(answer: object) -> None:
    reading = read(answer)
    assert reading.kind == "ambiguous" and reading.problem and reading.value is None


class Everything:
    def __eq__(self, other: object) -> bool:
        return True

    __class__ = int  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


UNREADABLE: list[object] = [
    True, np.bool_(False), float("nan"), float("inf"), np.float32("nan"), {"a": 1}, object(), Everything(), print, 1j,
    "many", "1/0", "e5", "nan", "inf", "½", "0x10", "1e999999999", "1e-999999999", "9" * 10**6,
    "1" * 199 + "e200", 10**200, 1e250, 10**5000, "12 " * 10**5, "(" * 150, "a" * 199 + "9", "\ud800", "12\x0012",
    Decimal("12.6"), "٣٤", "12 s**9**9**9",
]  # fmt: skip


@pytest.mark.parametrize("answer", UNREADABLE, ids=lambda v: type(v).__name__)
def test_what_is_no_number_is_said_to_be_none(answer: object) -> None:
    started = time.process_time()
    reading = read(answer)
    assert reading.kind in ("unreadable", "ambiguous") and reading.value is None and reading.problem
    assert len(reading.problem) < 400 and reading.problem.isprintable()
    assert time.process_time() - started < 2  # pint, once


@given(st.text(max_size=250))
def test_no_text_raises(text: str) -> None:
    reading = read(text)
    assert (reading.value is None) == (reading.kind != "ok") == (reading.problem is not None)


@given(st.text("0123456789.,'_ -+eEx*^/()kMGB%i~=", max_size=40))
def test_nothing_like_a_number_raises(text: str) -> None:
    reading = read(text)
    assert (reading.value is None) == (reading.kind != "ok")
    if reading.value is not None:
        float(reading.value)


@given(st.integers(-(10**30), 10**30), st.sampled_from([",", " ", "_", "'", NBSP, THIN, NARROW]))
def test_every_whole_number_reads_back_whatever_parts_its_groups(number: int, separator: str) -> None:
    assert read(f"{number:,}".replace(",", separator)).value == number


@given(st.decimals(0, 10**9, allow_nan=False, places=6))
def test_every_decimal_is_read_exactly(number: Decimal) -> None:
    assert read(f"{number:f}").value == Fraction(number)
    assert read(f"{number:,f}").value == Fraction(number)
    assert read(f"{number:e}").value == Fraction(number)


BYTES: dict[str, int | Fraction] = {
    "B": 1, "bytes": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
    "bit": Fraction(1, 8), "kbit": 125, "Mbit": 125 * 10**3, "Gbit": 125 * 10**6, "Mb": 125 * 10**3, "Mibit": 2**17,
}  # fmt: skip


@given(st.decimals(0, 10**6, allow_nan=False, places=3), st.sampled_from(sorted(BYTES)), st.sampled_from(sorted(BYTES)))
def test_every_size_converts_exactly(number: Decimal, unit: str, other: str) -> None:
    assert in_unit(read(f"{number:f} {unit}"), other) == Fraction(number) * BYTES[unit] / BYTES[other]


@given(st.floats(-1e150, 1e150))
def test_a_float_stays_as_it_is(number: float) -> None:
    assert read(number).value == number and in_unit(read(number), "") == number


@pytest.mark.parametrize(
    ("answer", "unit", "value"),
    [
        ("12.6 MB", "kB", 12600),
        ("100 Mbit", "MB", Fraction(25, 2)),
        ("99.2 %", "", Fraction(992, 1000)),
        ("2 min", "s", 120),
        ("903400", "", 903400),
        ("903400", "parameters", 903400),
        ("903400 weights", "parameters", 903400),
        ("12.6", "MB", None),
        ("12.6 s", "MB", None),
        ("12.6 MB", "", None),
        ("12.6 MB", "s", None),
        ("99.2 %", "MB", None),
        ("3 values", "MB", None),
        ("12.6 MB", "nonsense", None),
        ("nothing", "MB", None),
    ],
)
def test_a_value_is_told_in_another_unit_of_its_kind_alone(answer: object, unit: str, value: object) -> None:
    assert in_unit(read(answer), unit) == value


@pytest.mark.parametrize(("unit", "known"), [("MB", True), ("%", True), ("", True), ("layers", True), ("foo", False)])
def test_units_are_known_or_not(unit: str, known: bool) -> None:
    assert is_unit(unit) is known


@pytest.mark.parametrize("unit", sorted(units._KNOWN))
def test_what_is_known_without_pint_is_what_pint_says(unit: str) -> None:
    assert units._KNOWN[unit] == units._pint(unit)


def test_a_temperature_is_no_unit_because_its_zero_lies_elsewhere() -> None:
    assert not is_unit("degC")


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("12.6 MB", "12.6 MB (12,600,000 bytes)"),
        ("12.03 MiB", "12.03 MiB (about 12,614,369 bytes)"),
        ("100 Mb", "100 Mbit (12,500,000 bytes; Mb is megabits; megabytes are MB)"),
        ("12600000 B", "12,600,000 bytes"),
        ("903400", "903,400"),
        (903400, "903,400"),
        (12.6, "12.6"),
        (0.1 + 0.2, "0.3"),
        ("903.400", "903.4 (the point is the decimal point)"),
        ("9.034e5", "903,400"),
        ("903400 weights", "903,400 weights"),
        ("99.2%", "99.2 %"),
        ("1/3", "1/3 = about 0.333333333333"),
        ("-0.5", "-0.5"),
        (1e300 / 1e200, "1e+100"),
        (10**30, "1.000000e+30"),
    ],
)
def test_the_student_is_shown_how_the_answer_was_read(answer: object, shown: str) -> None:
    assert read(answer).shown == shown


@pytest.mark.parametrize(
    ("answer", "digits"),
    [("12.6 MB", 3), ("12.60", 4), ("0.0126", 3), ("903,400", 6), ("9.034e5", 4), ("0", 1), (12.6, None), (5, None)],
)
def test_the_significant_digits_are_those_that_were_written(answer: object, digits: int | None) -> None:
    assert read(answer).digits == digits


def test_a_number_with_a_comma_outside_quotes_is_explained() -> None:
    problem = read((903, 400)).problem or ""
    assert "two numbers" in problem and "903400" in problem and '"903,400"' in problem


def test_a_decimal_comma_is_explained() -> None:
    problem = read("12,6").problem or ""
    assert "12.6" in problem and "126" in problem


@pytest.mark.parametrize(
    ("answer", "row"),
    [
        ((25, 38, 400), [25, 38, 400]),
        ([25, 38.0, np.int64(400)], [25, 38, 400]),
        ((None, 25, 38), [25, 38]),
        (np.array([25, 38]), [25, 38]),
        ("25 x 38 x 400", [25, 38, 400]),
        ("(None, 25, 38)", [25, 38]),
        ("25×38", [25, 38]),
        (None, []),
        ("", []),
        ((..., ..., ...), []),
        ((1.5, 2), None),
        ((True, 2), None),
        (7, [7]),
        (7.5, None),
        (True, None),
        ("many", None),
        ({1}, None),
        (np.zeros((2, 2)), None),
        ([10**18], None),
    ],
    ids=repr,
)
def test_a_row_of_whole_numbers_is_read(answer: Any, row: list[int] | None) -> None:
    assert read_row(answer) == row

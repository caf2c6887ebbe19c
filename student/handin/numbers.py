"""The one grammar of numbers: what a student wrote, as a value and a unit. Used in the notebook and by the judge alike.

There is no locale. A point is always the decimal point. Commas, spaces, underscores and apostrophes may part groups of
three digits, and mean nothing else: 12,000 is a whole number, and 12,6 is asked about.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from handin import units
from handin.units import AmbiguousUnitError
from handin.wire import Plain, WireError, decode, encode
from handin.words import N_, _, grouped, ngettext

MAX_TEXT = 200  # characters; longer text is prose
_MAX_EXPONENT = 200
_LARGEST = 10**200  # so that any unit's factor can be applied, and float() of what comes out
_MAX_BYTES = 1 << 16  # of an answer that is to be one number

Kind = Literal["ok", "missing", "ambiguous", "unreadable"]


@dataclass(frozen=True)
class Reading:
    """How an answer was read.

    value counts in `unit` (None where none was written) and is None unless kind is "ok". Whole numbers are int,
    decimals written as text are exact Fractions, a float of Python's stays one. `digits` are the significant digits of
    a number written as text. `problem` tells the student what to write instead.

    kind is "ambiguous" for whatever holds a number that a person could find, "unreadable" where there is none.
    """

    value: int | Fraction | float | None
    unit: str | None
    shown: str
    problem: str | None
    kind: Kind
    digits: int | None = None


def read(answer: object) -> Reading:
    """Read one number. Never raises, whatever the answer is."""
    if issubclass(type(answer), str) and len(str.__str__(answer)) > MAX_TEXT:
        told = _('This text is too long for a number. Write the number alone, such as 3.5, "3.5 MB" or "12,000".')
        return _bad("unreadable", told)
    try:
        plain = decode(encode(answer, _MAX_BYTES), _MAX_BYTES)
    except WireError as error:
        told = _("I can't read this answer as a number ({error}). Write one number, such as 3.5.")
        return _bad("unreadable", told.format(error=error))
    return _read(plain)


def in_unit(reading: Reading, unit: str) -> int | float | Fraction | None:
    """Return the value in this unit, exactly unless it is a float; "" and words for counted things are plain numbers.

    None if there is no value, if the unit is of another kind (seconds for bytes), and if none was written where one is
    needed: `reading.unit is None` tells that apart.
    """
    if reading.value is None or (reading.unit is None and not units.is_count(unit)):
        return None
    have, want = units.size(reading.unit or ""), _size(unit)
    if have is None or want is None or have[1] != want[1]:
        return None
    return _simple(reading.value * (have[0] / want[0]))


def meant(reading: Reading, unit: str, bare: bool) -> Fraction | None:
    """Return the value in the unit of a question, exactly; None where it cannot be told, or its unit does not fit.

    unit: "" where the question asks for a plain number. bare: a number without a unit is in the question's.
    """
    if reading.value is None:
        return None
    value = reading.value if reading.unit is None and (bare or not unit) else in_unit(reading, unit)
    return None if value is None else exactly(value)


def exactly(number: int | float | Fraction) -> Fraction:
    """Return the number; a float is the shortest decimal that reads as it, so that 0.1 is a tenth."""
    return Fraction(repr(number) if isinstance(number, float) else number)


def is_unit(unit: str) -> bool:
    """Whether in_unit() knows the unit."""
    return _size(unit) is not None


def _size(unit: str) -> tuple[Fraction, str] | None:
    """Of a unit as people write it: Mb is a megabit, which pint alone would take for a million barns."""
    try:
        name = units.find(unit) if unit else ""
    except AmbiguousUnitError:
        return None
    return None if name is None else units.size(name)


def read_row(answer: object) -> list[int] | None:
    """Read a short row of whole numbers, such as a shape: (25, 38, 400), [25, 38, 400] or "25 x 38 x 400".

    A None in front, for the batch, is left out. An empty list where there is no answer yet, None for anything else.
    """
    try:
        row = decode(encode(answer, _MAX_BYTES), _MAX_BYTES)
    except WireError:
        return None
    if isinstance(row, str):
        found = _ROW.fullmatch(row.translate(_TABLE).strip(" '\"`$"))
        if not found:
            return [] if row.strip().lower() in _PLACEHOLDERS else None
        return [int(part) for part in re.findall("[0-9]+", found[1])]
    if row is None:
        return []
    if isinstance(row, int | float):
        row = [row]
    elif not isinstance(row, list | tuple | dict):
        row = row.tolist()
    if not isinstance(row, list | tuple) or len(row) > _MAX_ROW:
        return None
    if row and all(part is None for part in row):
        return []
    entries = row[1:] if len(row) > 1 and row[0] is None else row
    whole = [int(part) for part in entries if type(part) is int or (type(part) is float and part.is_integer())]
    return whole if len(whole) == len(entries) and all(abs(part) < 10**18 for part in whole) else None


def _read(answer: Plain) -> Reading:
    match answer:
        case None:
            return _missing()
        case bool():
            told = _("{value} is a truth value. Write a number, such as 3.5.")
            return _bad("unreadable", told.format(value=answer))
        case int():
            return _too_large() if abs(answer) >= _LARGEST else _good(answer, None)
        case float():
            if math.isfinite(answer):
                return _too_large() if abs(answer) >= _LARGEST else _good(answer, None)
            told = _("Your calculation came to {value}, which is no number. Look for the step where it went wrong.")
            return _bad("unreadable", told.format(value=answer))
        case str():
            return _read_text(answer)
        case dict():
            return _bad("unreadable", _("This is a dict. Write one number, such as 3.5."))
        case list() | tuple():
            return _read(answer[0]) if len(answer) == 1 else _several(answer)
        case array:
            return _read(array.item()) if array.size == 1 else _several(array)


def _several(answer: Any) -> Reading:
    many = len(answer)
    if many == 0:
        return _missing()
    # 1,000 can stand in Python as it is, 1,050 cannot: such a tuple was meant as one.
    if (
        type(answer) is tuple
        and all(type(part) is int for part in answer)
        and 1 <= answer[0] < 1000
        and all(part == 0 or 100 <= part < 1000 for part in answer[1:])
    ):
        written = ",".join([str(answer[0]), *(f"{part:03}" for part in answer[1:])])
        told = _(
            "Python reads {written} without quotes as {n} numbers. If you mean one number, "
            'write {joined} or "{written}".'
        )
        count = _(_COUNT[many]) if many in _COUNT else many
        return _bad("ambiguous", told.format(written=written, n=count, joined=written.replace(",", "")))
    told = _("This holds several numbers, and I can't tell which one you mean. Hand in one number.")
    return _bad("ambiguous", told)


_COUNT = {2: N_("two"), 3: N_("three"), 4: N_("four")}

# What keyboards and word processors write for the same thing. Not NFKC: it would turn 10⁵ into 105.
_SAME = {
    **dict.fromkeys(["\t", "\n", "\r", "\u00a0", *map(chr, range(0x2000, 0x200B)), "\u202f", "\u205f", "\u3000"], " "),
    **dict.fromkeys("\u2212\u2013\u2012\u2010\u2011\ufe63", "-"),
    **dict.fromkeys("×·⋅∙✕", "*"),
    **dict.fromkeys("\u2019\u02bc", "'"),
    **dict.fromkeys("\u2044\u2215", "/"),
    **dict.fromkeys("≈≃≅∼", "~"),
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # the wide forms of East Asian keyboards
    **dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff", ""),
}
_TABLE = str.maketrans(_SAME)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_RAISED_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")

_PLACEHOLDERS = frozenset(
    {"", "...", "…", "?", "??", "???", "-", "--", "_", "todo", "tbd", "none", "n/a", "your answer", "your answer here"}
)
_LABEL = re.compile(r"[A-Za-z_][A-Za-z_ ]{0,40}[=:] *")
_BEFORE = re.compile(
    r"(?:\s*(?:=|~|:|(?:about|approximately|approx\.?|ca\.?|circa|around|roughly)(?![a-z])))+\s*", re.IGNORECASE
)
_AFTER = re.compile(r"\s+(?:in total|altogether|(?:of )?(?:memory|ram))$", re.IGNORECASE)
_ADJECTIVE = re.compile(r"^(?:trainable|learnable|total|feature)\s+(?=[a-z])", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<sign>[+-]?) ?(?P<body>[0-9.](?:[0-9.,'_ ]*[0-9.])?)"
    r"(?:[eE](?P<e>[+-]?[0-9]+)| ?[*x] ?10(?:\^|\*\*) ?(?P<power>[+-]?[0-9]+|\([+-]?[0-9]+\)))?"
    r"(?: ?(?P<scale>thousand|million|billion|trillion|[kKM](?![A-Za-z])))?"
    r"(?: ?(?P<unit>[^0-9\s].*))?"
)
_SCALES = {"thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "billion": 10**9, "trillion": 10**12}
_PLAIN = re.compile(r"(?:[0-9]+(?:_[0-9]+)*)?(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([,' _])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]*)?")
_ROW = re.compile(r"[(\[]? *(?:none *[,x*] *)?([0-9]{1,18}(?: *[,x*] *[0-9]{1,18})*) *,? *[)\]]?", re.IGNORECASE)
_MAX_ROW = 100
_FRACTION = re.compile(r"([+-]?[0-9]{1,18}) ?/ ?([0-9]{1,18})")
_HAS_DIGIT = re.compile("[0-9]")
_RUN = re.compile("[0-9][0-9.,'_]*")
_CALCULATION = re.compile(r"[0-9)] ?(?:[-+*/^x]|\*\*) ?[(0-9]")


def _read_text(text: str) -> Reading:
    line = _RAISED_RUN.sub(lambda run: "^" + run.group().translate(_RAISED), text.translate(_TABLE))
    line = line.strip(" '\"`$")
    if line.lower() in _PLACEHOLDERS:
        return _missing()
    for start in (_LABEL, _BEFORE):
        line = line[found.end() :] if (found := start.match(line)) else line
    if line.endswith(".") and not line.endswith(".."):
        line = line[:-1].rstrip()
    line = _AFTER.sub("", line)
    if fraction := _FRACTION.fullmatch(line):
        return _read_fraction(int(fraction[1]), int(fraction[2]), line)
    found = _NUMBER.fullmatch(line)
    return _read_parts(text, found) if found else _no_number(text, line)


def _read_fraction(over: int, under: int, line: str) -> Reading:
    if under == 0:
        return _bad("unreadable", _("{fraction} divides by zero.").format(fraction=line))
    value = Fraction(over, under)
    return Reading(_simple(value), None, f"{line.replace(' ', '')} = {_format(value)}", None, "ok")


def _no_number(text: str, line: str) -> Reading:
    if len(_RUN.findall(line)) > 1:
        return _more(text)
    if _HAS_DIGIT.search(line):  # an answer is in there, and a person can find it
        told = _('I can\'t read {text} as one number. Write the number alone, such as 3.5, "3.5 MB" or "12,000".')
        return _bad("ambiguous", told.format(text=_quote(text)))
    told = _('There is no number in {text}. Write it in digits, such as 3.5, "3.5 MB" or "12,000".')
    return _bad("unreadable", told.format(text=_quote(text)))


def _more(text: str) -> Reading:
    told = _("There is more than one number in {text}. Write only the one you mean.")
    return _bad("ambiguous", told.format(text=_quote(text)))


def _read_parts(text: str, found: re.Match[str]) -> Reading:
    body, rest = found["body"], found["unit"] or ""
    if _HAS_DIGIT.search(rest):
        if re.match(r"[eE*x]", rest) and re.match(r" ?\*? ?x? ?10e", rest):
            told = _('{text}: write "9e5", or "9 x 10^5", for nine times ten to the power of 5.')
            return _bad("ambiguous", told.format(text=_quote(text)))
        if _CALCULATION.search(found[0]):
            told = _("{text} looks like a calculation. Write what it comes to, or calculate without the quotes.")
            return _bad("ambiguous", told.format(text=_quote(text)))
        return _more(text)
    if not (_PLAIN.fullmatch(body) or _GROUPED.fullmatch(body)) or body == ".":
        return _unclear(text, body)
    exponent = int((found["e"] or found["power"] or "0").strip("()"))
    if abs(exponent) > _MAX_EXPONENT:
        return _too_large()
    digits = re.sub("[,'_ ]", "", body)
    value = Fraction(digits if digits[-1] != "." else digits[:-1]) * Fraction(10) ** exponent
    value *= _SCALES[found["scale"].lower()] if found["scale"] else 1
    if value >= _LARGEST:
        return _too_large()
    if found["sign"] == "-":
        value = -value
    try:
        unit = units.find(_ADJECTIVE.sub("", rest)) if rest else None
    except AmbiguousUnitError as error:
        return _bad("ambiguous", " ".join([str(error), _("Write the one you mean.")]))
    if rest and unit is None:
        told = _("I read the number {number}, but don't know the unit {unit}.")
        return _bad("ambiguous", told.format(number=_format(value), unit=_quote(rest)))
    significant = len(digits.replace(".", "").lstrip("0")) or 1
    return _good(_simple(value), unit, significant, _remark(found, unit))


def _unclear(text: str, body: str) -> Reading:
    if re.fullmatch(r"[0-9]+,[0-9]+", body):
        point, none = body.replace(",", "."), body.replace(",", "").lstrip("0") or "0"
        told = _("{text} can be read in two ways. Write {point} with a decimal point, or {joined} without the comma.")
        return _bad("ambiguous", told.format(text=_quote(text), point=point, joined=none))
    if " " in body:
        return _more(text)
    told = _("{text} can be read in more than one way. Write a point before the decimals, and no other mark.")
    return _bad("ambiguous", told.format(text=_quote(text)))


def _remark(found: re.Match[str], unit: str | None) -> str:
    """What the student may have meant otherwise."""
    written = found["unit"] or ""
    if unit in ("kbit", "Mbit", "Gbit", "Tbit") and written.endswith("b"):
        bits, of_bytes = units.long_name(unit), units.long_name(f"{unit[0]}B")
        told = _("{written} is {bits}; {bytes} are {symbol}")
        return told.format(written=written, bits=bits, bytes=of_bytes, symbol=f"{unit[0]}B")
    alone = not (found["e"] or found["power"] or found["scale"])
    if alone and re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", found["body"]):
        return _("the point is the decimal point")
    return ""


def _simple(value: int | float | Fraction) -> int | float | Fraction:
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def _quote(text: str) -> str:
    short = text if len(text) <= 40 else text[:37] + "..."
    return '"' + "".join(c if c.isprintable() else " " for c in short) + '"'


def _bad(kind: Kind, problem: str) -> Reading:
    return Reading(None, None, "", problem, kind)


def _too_large() -> Reading:
    return _bad("unreadable", _("This number is far too large, or too small, to be the answer to anything here."))


def _missing() -> Reading:
    return _bad("missing", _("There is no answer yet."))


def _good(value: int | float | Fraction, unit: str | None, digits: int | None = None, remark: str = "") -> Reading:
    text = _format(value)
    if unit is not None:
        text += f" {_(_SPELLED[unit]) if unit in _SPELLED else unit}"
    notes = [note for note in (_in_base(value, unit), remark) if note]
    return Reading(value, unit, f"{text} ({'; '.join(notes)})" if notes else text, None, "ok", digits)


_SPELLED = {"B": N_("bytes"), "bit": N_("bits")}


def _in_base(value: int | float | Fraction, unit: str | None) -> str:
    """A size in bytes for every unit of data: the one number in which MB, MiB and Mbit can be compared."""
    if unit is None or unit == "B" or not re.fullmatch(r"[kKMGT]?i?(?:B|bit)", unit):
        return ""
    size = units.size(unit)
    assert size is not None
    amount = value * (size[0] / 8)
    whole = round(amount)
    told = ngettext("{n} byte", "{n} bytes", whole).format(n=_format(whole))
    return told if whole == amount else _about(told)


def _about(amount: str) -> str:
    return _("about {amount}").format(amount=amount)


def _format(value: int | float | Fraction) -> str:
    return grouped(_in_digits(value))


def _in_digits(value: int | float | Fraction) -> str:
    """As people write them: 12,000 and 3.5, and powers of ten only where digits would not help."""
    if isinstance(value, float):
        short = f"{value:.12g}"
        return f"{Decimal(short):,f}" if "e" not in short or 1e-6 < abs(value) < 1e15 else short
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**15 else f"{Decimal(value):.6e}" if abs(value) > 10**24 else f"{value:,}"
    exact = Decimal(value.numerator) / Decimal(value.denominator)  # 28 digits
    if abs(exact) < Decimal("1e-6") or abs(exact) >= 10**15:
        return f"{exact:.6g}"
    rounded = round(exact, 12).normalize()
    return f"{rounded:,f}" if Fraction(rounded) == value else _about(f"{rounded:,f}")

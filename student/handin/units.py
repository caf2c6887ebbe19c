"""Units: which one a word names, and how large it is.

Decimal and binary prefixes are told apart (MB is 10^6 bytes, MiB is 2^20), and so are bits and bytes. Capitals are
forgiven where they cannot change the meaning: KB is kB, but mb could be megabytes or megabits.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

from handin.words import N_, _

_COUNTED = (
    "activation batch bias channel class column connection element epoch example feature filter float image "
    "instance integer iteration kernel layer map multiplication neuron number operation param parameter picture "
    "pixel row sample step unit value weight"
)
COUNTS = frozenset(form for word in _COUNTED.split() for form in (word, f"{word}s", f"{word}es"))
"""Words for things that are counted: a number of them is a plain number."""

PERCENT = "%"
_PREFIXES = {"k": "kilo", "M": "mega", "G": "giga", "T": "tera"}
_BINARY = {"K": "kibi", "M": "mebi", "G": "gibi", "T": "tebi"}
_WORDS = {
    "%": "%", "percent": "%", "pct": "%",
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "ms": "ms", "millisecond": "ms", "milliseconds": "ms", "µs": "µs", "μs": "µs", "us": "µs", "microseconds": "µs",
    "min": "min", "mins": "min", "minute": "min", "minutes": "min", "h": "h", "hr": "h", "hour": "h", "hours": "h",
    "byte": "B", "bytes": "B", "bit": "bit", "bits": "bit",
}  # fmt: skip
_WORDS |= {f"{word}{size}{s}": f"{p}{unit}"
           for names in (_PREFIXES, {f"{p}i": word for p, word in _BINARY.items()}) for p, word in names.items()
           for size, unit in (("byte", "B"), ("bit", "bit")) for s in ("", "s")}  # fmt: skip
_SYMBOL = re.compile(r"(?:([kmgt])(i?))?(b|bits?|bytes?)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-zµμ%]{1,20}")
_SINGLE = "mgWJVAN"
_POWERS = {"": 1} | {p: 1000**n for n, p in enumerate("kMGT", 1)} | {f"{p}i": 1024**n for n, p in enumerate("KMGT", 1)}
_KNOWN = {f"{p}{unit}": (Fraction(bits * power), "bit") for p, power in _POWERS.items()
          for unit, bits in (("bit", 1), ("B", 8))}  # fmt: skip
"""What pint says of the usual units, for it takes half a second to start."""
_NAMES = {
    "B": N_("bytes"), "kB": N_("kilobytes"), "MB": N_("megabytes"), "GB": N_("gigabytes"), "TB": N_("terabytes"),
    "KiB": N_("kibibytes"), "MiB": N_("mebibytes"), "GiB": N_("gibibytes"), "TiB": N_("tebibytes"),
    "bit": N_("bits"), "kbit": N_("kilobits"), "Mbit": N_("megabits"), "Gbit": N_("gigabits"), "Tbit": N_("terabits"),
    "Kibit": N_("kibibits"), "Mibit": N_("mebibits"), "Gibit": N_("gibibits"), "Tibit": N_("tebibits"),
}  # fmt: skip


class AmbiguousUnitError(Exception):
    """A unit that can be meant in two ways; the text asks which."""


def find(text: str) -> str | None:
    """Return the usual symbol of the unit (MB, MiB, Mbit, s, %), the word itself for things counted, None if unknown.

    Raises AmbiguousUnitError.
    """
    if not _TOKEN.fullmatch(text):
        return None
    word = text.lower()
    if word in _WORDS:
        return _WORDS[word]
    if word in COUNTS:
        return word
    if symbol := _SYMBOL.fullmatch(text):
        return _data(text, *symbol.groups(default=""))
    if len(text) == 1 and text not in _SINGLE:  # pint knows more letters: e is a charge, k is Boltzmann's
        return None
    return text if _pint(text) else None


def _data(text: str, prefix: str, binary: str, size: str) -> str:
    if size == "b" and text in ("b", text.lower()):
        byte, bit = _data(text, prefix, binary, "B"), _data(text, prefix, binary, "bit")
        told = _('"{text}" could mean {byte} ({bytes}) or {bit} ({bits}).')
        raise AmbiguousUnitError(told.format(text=text, byte=byte, bytes=long_name(byte), bit=bit, bits=long_name(bit)))
    large = prefix.upper()
    start = f"{large}i" if binary else "k" if large == "K" else large
    return start + ("B" if size == "B" or size.lower().startswith("by") else "bit")


def long_name(unit: str) -> str:
    """megabits for Mbit; the unit itself if it is none of data."""
    return _(_NAMES.get(unit, unit))


def is_count(unit: str | None) -> bool:
    """Whether a number in this unit is a plain number."""
    return unit is None or unit == "" or unit in COUNTS


def size(unit: str) -> tuple[Fraction, str] | None:
    """How many of which base unit: (8_000_000, "bit") for MB, (1/100, "") for %. None if it is no unit."""
    if is_count(unit):
        return Fraction(1), ""
    return (Fraction(1, 100), "") if unit == PERCENT else _KNOWN.get(unit) or _pint(unit)


@lru_cache(maxsize=1)
def _registry() -> Any:
    from pint import UnitRegistry  # half a second, and only for answers that have a unit

    return UnitRegistry(non_int_type=Fraction)


@lru_cache(maxsize=256)
def _pint(unit: str) -> tuple[Fraction, str] | None:
    # One word only: pint would work a whole expression out, however long "9**9**9" takes.
    if not _TOKEN.fullmatch(unit) or not _registry().parse_unit_name(unit):
        return None
    try:
        factor, base = _registry().get_root_units(unit)
        if _registry().convert(Fraction(0), unit, base) != 0:  # a zero of its own, such as degrees Celsius have
            return None
        return Fraction(factor), str(base)
    except (ValueError, TypeError, ArithmeticError):
        return None

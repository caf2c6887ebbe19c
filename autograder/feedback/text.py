"""Untrusted text, made fit to be read: bounded in length, without terminal codes, without surprises for an encoder."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from handin.words import _, grouped, ngettext

# CSI sequences (colours, cursor), OSC sequences (window titles, links), and other two-byte escapes.
_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_QUOTED = re.compile(r"`([^`\n]{1,200})`")


def clean(text: str) -> str:
    """Return what a terminal would show at the end: no escape codes, progress bars overwritten, all of it encodable."""
    text = _TERMINAL.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    lines = [_overwritten(line) for line in text.replace("\r\n", "\n").split("\n")]
    return _CONTROL.sub("", "\n".join(lines))


def _overwritten(line: str) -> str:
    if "\r" in line:
        line = next((part for part in reversed(line.split("\r")) if part.strip()), "")
    if "\b" not in line:
        return line
    kept: list[str] = []
    for letter in line:
        if letter != "\b":
            kept.append(letter)
        elif kept:
            kept.pop()
    return "".join(kept)


def bounded(text: object, limit: int) -> str:
    """Return `text` with its middle left out where it is longer than `limit`, saying how much is missing."""
    if isinstance(text, list | tuple):
        text = "".join(piece for piece in text if isinstance(piece, str))
    if not isinstance(text, str):
        return ""
    if len(text) <= limit:
        return clean(text)
    tail = limit // 4
    head = limit - tail
    missing = len(text) - limit
    told = ngettext("… {n:,} character left out …", "… {n:,} characters left out …", missing).format(n=missing)
    return f"{clean(text[:head])}\n\n{told}\n\n{clean(text[-tail:])}"


def prose(text: object, limit: int = 4000) -> Markup:
    """Words of ours or of staff: escaped, `code` between backticks set as code; line breaks are left to the style."""
    return Markup(_QUOTED.sub(r"<code>\1</code>", str(escape(bounded(text, limit).strip()))))


def said(text: object, limit: int = 4000) -> Markup:
    """The same as paragraphs; lines that begin with "- " are a list, which a screen reader counts."""
    made = []
    for listed, lines in groupby(bounded(text, limit).strip().split("\n"), key=lambda line: line.startswith("- ")):
        if listed:
            items = Markup("").join(Markup("<li>{}</li>").format(prose(line[2:], limit)) for line in lines)
            made.append(Markup('<ul class="said">{}</ul>').format(items))
        else:
            parts = "\n".join(lines).split("\n\n")
            made += [Markup('<p class="said">{}</p>').format(prose(part, limit)) for part in parts if part.strip()]
    return Markup("\n").join(made)


def number(value: float) -> str:
    """At most two digits after the point, and none that say nothing: 3, 2.5, 2.67."""
    return grouped(f"{round(value, 2) + 0.0:,.2f}".rstrip("0").rstrip("."))  # + 0.0: a rounded -0.001 is no "-0"


def whole(value: int) -> str:
    return grouped(f"{value:,}")


def points(value: float) -> str:
    return ngettext("{n} point", "{n} points", round(value, 2)).format(n=number(value))


def out_of(earned: float, possible: float) -> str:
    return _("{earned} of {possible}").format(earned=number(earned), possible=number(possible))


def percent(value: float) -> str:
    """A fraction as a percentage with as many digits as an accuracy deserves: 98.62 %, 100 %."""
    return f"{number(value * 100)}\u00a0%"


def span(seconds: float) -> str:
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def finite(value: Any) -> float | None:
    """Return a plain finite float, or None for whatever else a submission may have put there."""
    if isinstance(value, bool):
        return None
    try:
        result = float(value) if isinstance(value, int | float) or hasattr(value, "dtype") else math.nan
    except (TypeError, ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def fraction(value: Any) -> float | None:
    result = finite(value)
    return result if result is not None and 0 <= result <= 1 else None


def upper(text: str) -> str:
    """With a capital first; the others stay as they are."""
    return text[:1].upper() + text[1:]


def slug(text: str) -> str:
    """A name that may stand in an id attribute and behind a # in a link."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)[:80] or "-"


def joined(words: Iterable[str]) -> str:
    """Join as a sentence would: "a", "a and b", "a, b and c"."""
    *first, last = list(words) or [""]
    return _("{first} and {last}").format(first=", ".join(first), last=last) if first else last

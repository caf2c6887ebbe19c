"""What the quiz form above an answer cell is drawn from: the cell's metadata, made of what is public already.

Of an exercise only its entry of questions.json comes in here, which every student can read; so no key can get out.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from handin.units import is_count
from handin.words import ENGLISH, _, speaking

NAME = "handin"
"""The cell's metadata under which student/handin/form looks for it."""

_UNITS = (
    ("B", "kB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB"),
    ("bit", "kbit", "Kibit", "Mbit", "Mibit", "Gbit", "Gibit", "Tbit", "Tibit"),
    ("µs", "ms", "s", "min", "h"),
)
CHECK = re.compile(r"""^\s*check\(\s*["']([^"']+)["']""", re.MULTILINE)
_OF_VARIABLE = re.compile(r"""^check\(\s*["']([^"']+)["']\s*,\s*([A-Za-z_]\w*)\s*\)\s*$""", re.MULTILINE)


def forms(texts: Sequence[str], questions: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """Return the forms of one notebook, by the number of the cell that each stands above.

    texts: each cell as students get it, "" for what is no code. questions: the content of questions.json.
    A form stands above the one cell between two checks that sets the variable that is checked, and nothing else.
    """
    found: dict[int, dict[str, Any]] = {}
    blanks: dict[str, int] = {}
    for number, text in enumerate(texts):
        if (blank := _blank(text)) is not None:
            blanks[blank] = number
        if check := _OF_VARIABLE.search(text):
            exercise, variable = check.groups()
            question = questions["exercises"].get(exercise)
            form = question and _form(question, f"{questions['salt']}/{exercise}")
            if form and variable in blanks:
                found[blanks[variable]] = {"exercise": exercise, "answer": variable, **form}
        if CHECK.search(text):
            blanks = {}
    return found


def words(questions: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form says by itself, in the course's language: the notebook's metadata. Nothing for English."""
    language = questions.get("language", ENGLISH)
    if language == ENGLISH:
        return {}
    with speaking(language):
        return {"lang": language, "texts": {name: _(text) for name, text in english().items()}}


def english() -> dict[str, str]:
    """Return the form's own words, by name; the catalogue has them from here, too."""
    script = (files("handin") / "form" / "static" / "texts.js").read_text("utf-8")
    return {name: json.loads(text) for name, text in _TEXT.findall(script)}


_TEXT = re.compile(r"""^  (\w+): (".*"),$""", re.MULTILINE)


def _form(question: Mapping[str, Any], order: str) -> dict[str, Any] | None:
    kind, about = question["kind"], question["form"]
    form = {"kind": kind, "title": question["title"]}
    match kind:
        case "choice" | "choices" | "order":
            return {**form, "order": order, "options": about["options"]}
        case "match":
            return {**form, "order": order, "options": about["options"], "targets": about["targets"]}
        case "number":
            return {**form, "units": _units(about.get("unit"))}
        case "value" if about.get("entries"):
            return {**form, "entries": list(about["entries"])}
        case "text":
            return form
    return None


def _units(asked: str | None) -> list[str]:
    """Return the units to choose from where this one is asked for; none for a plain number."""
    if not asked or is_count(asked):
        return []
    return list(next((units for units in _UNITS if asked in units), (asked,)))


def _blank(text: str) -> str | None:
    """Return the variable of a cell that is one plain assignment; None for any other."""
    try:
        match ast.parse(text).body:
            case [ast.Assign(targets=[ast.Name(id=name)], value=value)]:
                ast.literal_eval(value)
                return name
    except (ValueError, SyntaxError):
        pass
    return None

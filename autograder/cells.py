"""What stands in the cells of a source notebook: questions, and solutions that students do not get."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

ASK = re.compile(r"""^\s*ask\(\s*["']([^"']+)["']""", re.MULTILINE)
SOLUTION = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION[^\n]*\n?", re.MULTILINE)
_SOLVED = re.compile(r"### BEGIN SOLUTION.*?(?:### END SOLUTION|\Z)", re.DOTALL)
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
SHOWS = re.compile(r"-ask(-\d+)?$")
"""How the grade id of a cell ends that shows a question: it begins with the exercise's; a second one has a number."""


def source(cell: Mapping[str, Any]) -> str:
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(text)


def released(cell: Mapping[str, Any]) -> str:
    """Return the cell's source as students get it: without what lies between the marks of a solution."""
    return _SOLVED.sub("", source(cell))

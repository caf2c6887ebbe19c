"""A notebook with a form of each kind, and the questions.json that goes with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autograder.forms import NAME, forms

RED = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQ"
    "VR4nGP8z0AaYCJR/aiGUQ1DSAMAQC4BH2bjRnMAAAAASUVORK5CYII="
)
HEBREW = "השכבה הראשונה"
OPTIONS = {
    "relu": "It keeps **positive** numbers: $\\max(0, x)$",
    "pool": f"It looks like ![a red square]({RED})",
    "stride": "Steps of `2`",
    "first": HEBREW,
}
TARGETS = {"small": "a *small* map", "large": "a large map"}
WORK = "# YOUR CODE HERE"


def _listed(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": key, "text": text} for key, text in sorted(texts.items())]


def _question(kind: str, title: str, **form: Any) -> dict[str, Any]:
    pool = [{"params": {}, "shown": {}, "digest": "0"}]
    return {"kind": kind, "title": title, "form": form, "points": 1, "prompt": "Which?", "pool": pool}


QUESTIONS: dict[str, Any] = {
    "format": 1,
    "salt": "salt",
    "exercises": {
        "one": _question("choice", "One of several", options=_listed(OPTIONS)),
        "many": _question("choices", "Several", options=_listed(OPTIONS)),
        "steps": _question("order", "In order", options=_listed(OPTIONS)),
        "pairs": _question("match", "Pairs", options=_listed(OPTIONS), targets=_listed(TARGETS)),
        "memory": _question("number", "A number with a unit", unit="MB", bare=True),
        "total": _question("number", "A number", unit="", bare=False),
        "shape": _question("value", "A shape", entries=["height", "width", "channels"]),
        "words": _question("text", "In a few words"),
    },
}
BLANK = {
    "one": f'one = ""  # the id\n{WORK}',
    "many": f"many = []\n{WORK}",
    "steps": f"steps = []\n{WORK}",
    "pairs": "pairs = {\n" + "".join(f'    "{key}": "...",\n' for key in OPTIONS) + f"}}\n{WORK}",
    "memory": f'memory = ...  # such as "0.081 MB"\n{WORK}',
    "total": f"total = ...\n{WORK}",
    "shape": f"shape = ...  # (height, width, channels)\n{WORK}",
    "words": f'words = ""\n{WORK}',
}
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def quiz(exercises: Iterable[str] = tuple(BLANK), me: str = "", **sources: str) -> dict[str, Any]:
    """Return the notebook as it is released; sources say otherwise what an answer cell holds."""
    cells = [code(f'from handin import ask, check\n\nme = "{me}"')]
    for name in exercises:
        cells += [code(f'ask("{name}")'), code(BLANK[name]), code(f'check("{name}", {name})')]
    drawn = forms([cell["source"] for cell in cells], QUESTIONS)
    for number, form in drawn.items():
        cells[number]["metadata"][NAME] = form
        cells[number]["source"] = sources.get(form["exercise"], cells[number]["source"])
    return notebook(cells)


def notebook(cells: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    numbered = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    return {"cells": numbered, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}


def answers(path: Path) -> dict[str, str]:
    """Return what the answer cells of a saved notebook hold, by exercise."""
    cells = json.loads(path.read_bytes())["cells"]
    return {cell["metadata"][NAME]["exercise"]: "".join(cell["source"]) for cell in cells if NAME in cell["metadata"]}

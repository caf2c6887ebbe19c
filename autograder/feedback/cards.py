"""One exercise's verdict as an inert piece of HTML, for the feedback page and for nbgrader's own pages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from autograder.feedback import charts, history, html
from autograder.feedback.text import finite, fraction, number, slug
from autograder.types import Verdict


@dataclass(frozen=True)
class Standing:
    """Where one exercise stands, in words and as a class name for the colour; never by colour alone."""

    name: str  # full, part, none, waiting, rerun
    words: str
    earned: float | None  # points
    points: float
    by_hand: bool = False

    @property
    def fraction(self) -> float:
        return min(1.0, max(0.0, (self.earned or 0.0) / self.points)) if self.points else 0.0

    @property
    def scored(self) -> str:
        return f"{number(self.earned)} of {number(self.points)}" if self.earned is not None else "–"


def standing(verdict: Verdict, points: float, manual: float | None = None) -> Standing:
    """manual: points that a person gave, which always count."""
    earned = verdict.score * points if verdict.score is not None and math.isfinite(verdict.score) else None
    if manual is not None:
        earned = manual
    elif verdict.needs_run:
        return Standing("rerun", "Needs a run", None, points)
    if earned is None:
        return Standing("waiting", "A person will look at this", None, points)
    name, words = ("none", "No points yet") if earned <= 1e-9 else ("part", "Part of the points")
    if earned >= points - 1e-9:
        name, words = "full", "Full points"
    return Standing(name, words, earned, points, manual is not None)


_COARSE = {"full": "Right", "part": "Partly right", "none": "Not right yet"}


def coarse_standing(verdict: Verdict, points: float, manual: float | None = None) -> Standing:
    """A word in place of points; without what a person gave, which is for when it is shown in full."""
    found = standing(verdict, points)
    return Standing(found.name, _COARSE.get(found.name, found.words), None, points)


def coarse(verdict: Verdict, points: float, title: str, *, exercise: str = "", cell: str = "", **_: object) -> str:
    """Return one <article> that says how an answer was read, and how it stands in a word."""
    return _article(
        Verdict(verdict.score, "", read=verdict.read), coarse_standing(verdict, points), title, exercise, cell
    )


def card(
    verdict: Verdict,
    points: float,
    title: str,
    *,
    exercise: str = "",
    manual: float | None = None,
    comment: str = "",
    cell: str = "",
    level: int = 3,
) -> str:
    """Return one <article>.

    exercise: its id, for the anchor "exercise-<id>". manual: points that a person gave. comment: of staff.
    cell: anchor of its cell further down on the same page. level: of the heading, 1 to 5.
    """
    return _article(verdict, standing(verdict, points, manual), title, exercise, cell, comment, level)


def _article(
    verdict: Verdict, standing: Standing, title: str, exercise: str, cell: str, comment: str = "", level: int = 3
) -> str:
    said, happened = _parts(verdict)
    values = {
        "verdict": verdict,
        "said": said,
        "happened": happened,
        "standing": standing,
        "title": title,
        "anchor": f"exercise-{slug(exercise)}" if exercise else "",
        "comment": comment,
        "cell": cell,
        "level": level,
        "model": _model(verdict.facts),
    }
    return html.page("card.html.j2", _environment(), **values).strip()


def _parts(verdict: Verdict) -> tuple[str, str]:
    """Part a message into what the checker said and what the misconceptions, one paragraph each at its end, explain."""
    if not verdict.misconception:
        return verdict.message, ""
    paragraphs = verdict.message.split("\n\n")
    named = verdict.misconception.count("+") + 1
    first = len(paragraphs) - named if len(paragraphs) > named else min(1, len(paragraphs) - 1)
    return "\n\n".join(paragraphs[:first]), "\n\n".join(paragraphs[first:])


@cache
def _environment() -> Environment:
    return html.environment()


@dataclass(frozen=True)
class _Model:
    """What the facts of a model's verdict come to; untrusted, so each piece is there only if it is sound."""

    measure: str  # what is measured: accuracy, as a rule
    accuracy: float | None  # or whatever is measured
    low: float | None
    high: float | None
    n: int | None
    parameters: int | None
    credit: Markup
    steps: tuple[tuple[float, float], ...]
    credited_at: float | None  # the step that was reached
    curves: tuple[Markup, ...]
    history: history.History
    reported: bool  # a history came, whether or not it can be drawn


def _model(facts: Mapping[str, Any]) -> _Model | None:
    if not isinstance(facts, Mapping) or not {"accuracy", "history"} & facts.keys():
        return None
    measure = str(facts.get("measure", "accuracy"))[:60]
    accuracy, low, high = (fraction(facts.get(name)) for name in ("accuracy", "low", "high"))
    if accuracy is not None and not (low is not None and high is not None and low <= accuracy <= high):
        low = high = None
    steps = _steps(facts.get("steps"))
    credited_at = fraction(facts.get("credited_at"))
    picture = Markup()
    if accuracy is not None and low is not None and high is not None and steps:
        picture = charts.credit(measure, accuracy, low, high, steps, ramp=bool(facts.get("ramp")))
    reported = facts.get("history")
    read = history.read(reported)
    curves = tuple(charts.learning(found) for metric in ("accuracy", "loss") if (found := read.of(metric)))
    return _Model(
        measure, accuracy, low, high, _count(facts.get("n")), _count(facts.get("parameters")), picture, steps,
        credited_at, curves, read,
        bool(reported) if isinstance(reported, Mapping | list | str) else reported is not None,
    )  # fmt: skip


def _steps(value: Any) -> tuple[tuple[float, float], ...]:
    found = []
    for pair in value[:50] if isinstance(value, list | tuple) else ():
        if isinstance(pair, list | tuple) and len(pair) == 2:
            threshold, worth = fraction(pair[0]), fraction(pair[1])
            if threshold is not None and worth is not None:
                found.append((threshold, worth))
    return tuple(sorted(found))


def _count(value: Any) -> int | None:
    checked = finite(value)
    return int(checked) if checked is not None and 0 <= checked < 1e15 else None

"""A release that was corrected after some had fetched it: what differs, whom it touches, and what they are told.

Everybody is judged by what they fetched, and is asked nothing that their notebook never held. Staff may move somebody's
work to another release: its checks and questions then take the place of those that were fetched.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autograder.course import Course
from autograder.errors import ReleaseError
from autograder.release import Held, Move, Release, Releases, keep_moves, moves
from autograder.submission import read_submission, students
from autograder.types import Remark
from handin.words import _


@dataclass(frozen=True)
class Difference:
    """What one release has otherwise than an earlier one; exercises by id."""

    added: tuple[str, ...]
    withdrawn: tuple[str, ...]
    changed: tuple[str, ...]  # asks something else, or of other numbers
    points: Mapping[str, tuple[float, float]]

    def __str__(self) -> str:
        parts = [
            f"{word} {', '.join(names)}"
            for word, names in (("added:", self.added), ("withdrawn:", self.withdrawn), ("changed:", self.changed))
            if names
        ]
        parts += [f"{name} {old:g} -> {new:g} points" for name, (old, new) in self.points.items()]
        return "; ".join(parts) or "texts and starter code only"


def difference(old: Release, new: Release) -> Difference:
    before, after = old.asked, new.asked
    both = [name for name in before if name in after]
    points = {name: (float(before[name]["points"]), float(after[name]["points"])) for name in both}
    return Difference(
        tuple(name for name in after if name not in before),
        tuple(name for name in before if name not in after),
        tuple(name for name in both if _asked(before[name]) != _asked(after[name])),
        {name: (one, other) for name, (one, other) in points.items() if one != other},
    )


def _asked(question: Mapping[str, Any]) -> list[Any]:
    return [question.get(part) for part in ("prompt", "kind", "form", "pool")]


# -- what students are told --------------------------------------------------------------------------------------------


def told(held: Held, student: str, graded: Collection[str]) -> tuple[Remark, ...]:
    """Return a remark where it matters to the student that there is another release, or that staff moved the work.

    graded: ids of the exercises that count today.
    """
    mine, theirs = held.fetched.asked, held.newest.asked
    missing = [q["title"] for name, q in theirs.items() if name in graded and name not in mine]
    gone = [q["title"] for name, q in mine.items() if name not in graded]
    moved = held.judged is not held.fetched
    other = held.judged if moved else held.newest
    changed = [
        q["title"]
        for name, q in mine.items()
        if name in graded and name in other.asked and _differs(held.fetched, other, name, student)
    ]
    if not (missing or gone or changed or moved):
        return ()
    parts = [_("You worked on an earlier version of this assignment.")] if held.fetched is not held.newest else []
    if moved:
        parts += [_("The staff graded your work by a corrected version."), held.words]
    if missing:
        words = _(
            "The newest version also asks {titles}. Yours did not, so the points do not count for you, neither won nor "
            "lost. To work on it, fetch the assignment again."
        )
        parts.append(words.format(titles=_listed(missing)))
    if changed and moved:
        words = _("In it, {titles} asks something else than what you were given.")
        parts.append(words.format(titles=_listed(changed)))
    elif changed:
        words = _("Later, {titles} was changed. You are graded by what you were given.")
        parts.append(words.format(titles=_listed(changed)))
    if gone:
        words = _("No longer part of the assignment: {titles}. It counts for nobody.")
        parts.append(words.format(titles=_listed(gone)))
    noted = f"fetched {held.fetched.version}, judged by {held.judged.version}, newest {held.newest.version}"
    if missing:
        noted += f"; not asked: {', '.join(missing)}"
    return (Remark(" ".join(filter(None, parts)), noted),)


def _differs(one: Release, other: Release, exercise: str, student: str) -> bool:
    """Whether this student is asked something else. In a plain assignment cells say it all."""
    if one is other:
        return False
    a, b = one.asked[exercise], other.asked[exercise]
    if any(a.get(part) != b.get(part) for part in ("prompt", "kind", "form")):
        return True
    mine, theirs = one.entry(exercise, student), other.entry(exercise, student)
    return not one.private and (mine or {}).get("digest") != (theirs or {}).get("digest")


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(_("“{title}”").format(title=title) for title in titles)


# -- who holds what ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Version:
    """A kept release, as staff look at it."""

    version: str
    kept: str  # when it was made, or made again: ISO 8601 UTC
    newest: bool
    students: tuple[str, ...]  # whose work came from it
    moved: Mapping[str, str]  # of these, who is judged by another one, and by which
    difference: str  # what the newest has otherwise


def overview(course: Course, assignment: str) -> list[Version]:
    """Return the kept releases of an assignment, the oldest first, with who handed in work that came from each."""
    releases = Releases(course.records, assignment)
    held = holders(course, releases, students(course.root, assignment))
    judged = {s: releases.judged(s, fetched).version for s, fetched in held.items()}
    found = []
    for version in releases.known:
        folder = course.records / "releases" / assignment / version
        mine = tuple(s for s, fetched in held.items() if fetched.version == version)
        newest = version == releases.newest.version
        found.append(
            Version(
                version,
                datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat(timespec="seconds"),
                newest,
                mine,
                {s: judged[s] for s in mine if judged[s] != version},
                "" if newest else str(difference(releases.version(version), releases.newest)),
            )
        )
    return sorted(found, key=lambda v: (v.newest, v.kept))


def holders(course: Course, releases: Releases, names: Iterable[str]) -> dict[str, Release]:
    """Return by student the release that the submitted work came from."""
    found = {}
    for student in names:
        found[student] = releases.of(read_submission(course.root, releases.assignment, student).notebooks)
    return found


# -- moving ------------------------------------------------------------------------------------------------------------


def move(releases: Releases, held: Mapping[str, Release], to: str, words: str = "") -> None:
    """Have the work of students (with the releases that it came from) judged by release `to` from now on.

    It is run again when it is graded next. Whoever is moved to the release that they fetched is moved back.
    """
    if to not in releases.known:
        raise ReleaseError(f"There is no release {to!r} of this assignment. Known: {', '.join(releases.known)}.")
    kept = moves(releases.records, releases.assignment)
    for student, fetched in held.items():
        kept.pop(student, None)
        if fetched.version != to:
            kept[student] = Move(fetched.version, to, words)
    keep_moves(releases.records, releases.assignment, kept)


def transferred(notebook: Mapping[str, Any], held: Held, name: str) -> dict[str, Any]:
    """Return a repaired notebook with the locked cells of the release that it was moved to.

    What the student wrote stays. Cells of exercises that the student never had are not added.
    """
    given = {_id(cell): cell for cell in held.judged.notebooks[name]["cells"] if _id(cell)}
    cells = []
    for cell in notebook["cells"]:
        other = given.get(_id(cell))
        made = {**cell}
        if other is not None and other["cell_type"] == cell["cell_type"]:
            made["metadata"] = copy.deepcopy(other["metadata"])
            if _locked(other):
                made["source"] = other["source"]
        elif _id(cell):
            made["metadata"] = {}
            if _locked(cell):
                continue  # ours, and no longer asked
        cells.append(made)
    metadata = copy.deepcopy(held.judged.notebooks[name].get("metadata", {}))
    return {**notebook, "cells": cells, "metadata": metadata}


def _about(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    about: Mapping[str, Any] = cell.get("metadata", {}).get("nbgrader", {})
    return about


def _id(cell: Mapping[str, Any]) -> str:
    return str(_about(cell).get("grade_id") or "")


def _locked(cell: Mapping[str, Any]) -> bool:
    about = _about(cell)
    return not about.get("solution") and bool(about.get("locked") or about.get("grade"))

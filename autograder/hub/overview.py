"""How far each assignment of a course is. Reads what lies on the disk; runs none of the course's code."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError
from autograder.nbgrader_ext.collect import addressed
from autograder.release import QUESTIONS


@dataclass(frozen=True)
class State:
    name: str
    title: str
    due: str  # as course.toml has it; "" where it has none
    built: str  # the version in source/; "" where it was never built
    released: str  # the version that students fetch; "" where there is none
    handed_in: int  # students
    graded: int
    feedback: int  # students whose page was written

    @property
    def words(self) -> str:
        if not self.built:
            return "released" if self.released else "not built"
        if not self.released:
            return "built, not released"
        return "released" if self.built == self.released else "changed since it was released"


def titles(root: Path) -> tuple[str, dict[str, str]]:
    """Return the course's title, and those of its assignments by their ids, by course.toml."""
    title, assignments = _read(root)
    return title, {name: str(part.get("title", name)) for name, part in assignments.items()}


def overview(root: Path, exchange: Path, course: str) -> list[State]:
    """exchange: its folder; course: the id under which it has the course."""
    inbound = [found for entry in _names(exchange / course / "inbound") if (found := addressed(entry))]
    states = []
    for name, part in _read(root)[1].items():
        version = _plain_version if part.get("plain") else _version
        states.append(
            State(
                name,
                str(part.get("title", name)),
                str(part.get("due", "")),
                version(root / "source" / name),
                version(exchange / course / "outbound" / name),
                len({who for who, what in inbound if what == name} | _students(root / "submitted", name)),
                len([entry for entry in _names(root / "records" / "reports" / name) if entry.endswith(".json")]),
                len(_students(root / "feedback", name)),
            )
        )
    return states


def _read(root: Path) -> tuple[str, dict[str, dict[str, Any]]]:
    try:
        content = tomllib.loads((root / "course" / "course.toml").read_text("utf-8"))
        about, assignments = content["course"], content.get("assignments", {})
        return str(about.get("title", about["id"])), {str(name): dict(part) for name, part in assignments.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AutograderError(f"course/course.toml cannot be read ({error}). Run `autograder check`.") from error


def _version(folder: Path) -> str:
    try:
        return str(json.loads((folder / QUESTIONS).read_bytes())["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _plain_version(folder: Path) -> str:
    """Notebooks of a plain assignment carry no version."""
    return "plain" if any(name.endswith(".ipynb") for name in _names(folder)) else ""


def _students(folder: Path, assignment: str) -> set[str]:
    return {entry for entry in _names(folder) if (folder / entry / assignment).is_dir()}


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []

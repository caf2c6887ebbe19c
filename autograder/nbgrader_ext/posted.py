"""The grades that students were told: records/posted/<assignment>/<student>.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.files import write_atomic


@dataclass(frozen=True)
class Posted:
    score: float
    moment: datetime
    told: bool = True  # False: whoever posted was stopped before the page lay where the student looks


def posted(root: Path, assignment: str, student: str) -> Posted | None:
    try:
        content = json.loads(_place(root, assignment, student).read_bytes())
        moment = datetime.fromisoformat(content["moment"])
        return Posted(float(content["score"]), moment, bool(content.get("told", True)))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(root: Path, assignment: str, student: str, grade: Posted) -> None:
    content = {"score": grade.score, "moment": grade.moment.isoformat(), "told": grade.told}
    write_atomic(_place(root, assignment, student), json.dumps(content).encode())


def put_back(root: Path, assignment: str, student: str, before: Posted | None) -> None:
    """The student was not told after all."""
    if before is None:
        _place(root, assignment, student).unlink(missing_ok=True)
    else:
        keep(root, assignment, student, before)


def total(submission: Any) -> float:
    """Return the points of one of nbgrader's submissions, with lateness taken off."""
    penalty = sum(notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks)
    return round(max(0.0, float(submission.score) - penalty), 6)


def _place(root: Path, assignment: str, student: str) -> Path:
    return root / "records" / "posted" / assignment / f"{student}.json"
